"""Scenario ``handoff``: a request whose import does not fit into its timeout."""

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace

from loadtest.chaos.ending import counted
from loadtest.chaos.record import Round
from loadtest.chaos.scene import ENV, Scene
from loadtest.chaos.verdict import TIMEOUT_SECONDS
from loadtest.chaos.watch import HungError, Watch
from loadtest.sizing import profile
from loadtest.sizing.layer import worker_timeouts
from loadtest.stack.base import Trial

CLIENT_SECONDS = TIMEOUT_SECONDS + 30.0


def open_trial(scene: Scene, name: str, seed: int, env: Mapping[str, str]) -> AbstractContextManager[Trial]:
    """A trial under the guide's own latency, where a request has TIMEOUT_SECONDS."""
    guide = profile.load("guide")
    common = {"OPENPHONE_SYNC": "inline", "GUNICORN_TIMEOUT": str(TIMEOUT_SECONDS), "WORKER_PROCESSES": "2"}
    mock = guide.mock_settings(scene.manifest.contacts_per_row, seed)
    return scene.stack.trial(name, {**ENV, **common, **env}, mock, worker=True)


def run(scene: Scene, number: int, seed: int) -> Round:
    """One round. Raises HarnessError, psycopg2.Error, requests.RequestException."""
    with open_trial(scene, f"handoff-{number}", seed, {"IMPORT_HANDOFF": "on"}) as trial:
        began = time.monotonic()
        answer = scene.upload(trial, "sync", CLIENT_SECONDS)
        found = Round(
            number,
            seed,
            "handoff",
            answered=answer.status,
            answer_seconds=time.monotonic() - began,
        )
        return finished(found, scene, trial, began)


def finished(found: Round, scene: Scene, trial: Trial, began: float) -> Round:
    """*found* at the end of its import, counted."""
    watch, hung = Watch(scene, trial), False
    try:
        watch.until(lambda counters: counters.done)
    except HungError:
        hung = True
    found = replace(
        found,
        status=watch.now().status,
        seconds=time.monotonic() - began,
        hung=hung,
        worker_timeouts=len(worker_timeouts(trial.logs())),
    )
    return counted(found, scene, trial)
