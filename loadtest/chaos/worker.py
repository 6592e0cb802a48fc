"""Scenario ``worker``: an upload in the background, whose worker, Redis and PostgreSQL are disturbed."""

import time
from collections.abc import Sequence
from dataclasses import replace

import requests

from loadtest.chaos.ending import counted
from loadtest.chaos.inject import inject
from loadtest.chaos.plan import Fault, faults
from loadtest.chaos.record import Happened, Round
from loadtest.chaos.scene import ENV, Scene
from loadtest.chaos.watch import Counters, HungError, Watch
from loadtest.stack.base import Trial

UPLOAD_SECONDS = 120.0


def run(scene: Scene, number: int, seed: int) -> Round:
    """One round. Raises HarnessError, psycopg2.Error, requests.RequestException."""
    env = {**ENV, "OPENPHONE_SYNC": scene.sync}
    planned = faults(seed)
    with scene.stack.trial(f"worker-{number}", env, {"limit": {"per_second": 0}, "seed": seed}, worker=True) as trial:
        answer = scene.upload(trial, "async", UPLOAD_SECONDS)
        began = time.monotonic()
        found = Round(number, seed, "worker", planned=planned, answered=answer.status)
        if found.answered != requests.codes.accepted:
            return replace(found, trouble=f"the upload was answered {answer.status}: {answer.body[:200]}")
        happened, hung = _disturbed(planned, scene, trial)
        seconds = time.monotonic() - began
        found = replace(found, happened=tuple(happened), hung=hung, seconds=seconds)
        return counted(replace(found, status=Watch(scene, trial).now().status), scene, trial)


def _disturbed(planned: Sequence[Fault], scene: Scene, trial: Trial) -> tuple[list[Happened], bool]:
    """What came of the faults by the end of the import, and whether it hangs."""
    began, watch = time.monotonic(), Watch(scene, trial)
    happened: list[Happened] = []
    try:
        for fault in planned:
            reached = _reached(fault, scene, watch)
            if reached.done:
                break
            at = time.monotonic()
            down, before = inject(fault.what, scene, trial, watch)
            happened.append(Happened(fault, at - began, reached.rows_done, reached.synced, down))
            watch.until(before.is_behind)
            happened[-1] = replace(happened[-1], recovery_seconds=time.monotonic() - at)
        watch.until(lambda counters: counters.done)
    except HungError:
        return happened, True
    return happened, False


def _reached(fault: Fault, scene: Scene, watch: Watch) -> Counters:
    """The counters at the point of *fault*, or at the end of the import. Raises HungError."""
    reached = watch.until(lambda counters: counters.done or _share(fault, counters, scene) >= fault.share)
    if not fault.wait:
        return reached
    time.sleep(fault.wait * watch.chunk_seconds)
    return watch.now()


def _share(fault: Fault, counters: Counters, scene: Scene) -> float:
    if fault.phase == "load":
        return counters.rows_done / counters.rows_total
    return counters.settled / scene.manifest.contacts_expected
