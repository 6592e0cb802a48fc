"""Scenario ``killed``: a request that runs into its timeout, found and taken up by the worker."""

import re
import threading
import time
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from datetime import datetime
from typing import Self

import psycopg2

from fixtures.phones import block, national
from loadtest.chaos.handoff import CLIENT_SECONDS, finished, open_trial
from loadtest.chaos.record import Kill, Round
from loadtest.chaos.scene import Scene
from loadtest.chaos.watch import HungError, Watch
from loadtest.sizing import watch as status
from loadtest.sizing.layer import LINE, WorkerTimeout, worker_timeouts
from loadtest.stack.base import Trial

HELD_PHONES = 20  # of the fixture's first numbers some may be in rejected rows only, but not so many
HELD_SECONDS = 120  # longer than any timeout under test
# In an open transaction, so that nothing of it is left.
HOLD = f"""
WITH held AS (INSERT INTO contacts (phone) SELECT unnest(%s) RETURNING id) SELECT pg_sleep({HELD_SECONDS}) FROM held
"""  # noqa: S608 - constants
HOLDER = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
RELEASE = f"SELECT pg_terminate_backend(pid) FROM ({HOLDER}) AS holder"  # noqa: S608
HOLDING_SECONDS = 30
FOUND = (
    "SELECT extract(epoch FROM at)::float8 FROM audit_events WHERE action = 'import.interrupted' ORDER BY id LIMIT 1"
)


def run(scene: Scene, number: int, seed: int) -> Round:
    """One round. Raises HarnessError, psycopg2.Error, requests.RequestException."""
    env = {"IMPORT_HANDOFF": "off"}
    if scene.stuck:
        env["DB_STATEMENT_TIMEOUT_MS"] = str(HELD_SECONDS * 1000)
    with open_trial(scene, f"killed-{number}", seed, env) as trial:
        began = time.monotonic()
        looking = status.Watch(trial, scene.over)
        held: AbstractContextManager[object] = Held(scene, trial) if scene.stuck else nullcontext()
        # Let go of when the dead request is found: the worker that takes it up would wait, too.
        with held, looking:
            answer = scene.upload(trial, "sync", CLIENT_SECONDS)
            answered = time.monotonic() - began
        found = Round(number, seed, "killed", answered=answer.status, answer_seconds=answered)
        timeouts = worker_timeouts(trial.logs())
        if timeouts:
            found = replace(found, kill=_kill(timeouts[0], scene, trial, looking))
        return finished(found, scene, trial, began)


def _kill(timeout: WorkerTimeout, scene: Scene, trial: Trial, looking: status.Watch) -> Kill:
    died_at = death(trial.logs(), timeout)
    seen = looking.found_after(replace(timeout, at=died_at))
    if seen is None and (rows := trial.sql(FOUND)):
        # The worker was quicker than the question.
        seen = max(0.0, float(rows[0][0]) - died_at)
    watch = Watch(scene, trial)
    recovery = None
    with suppress(HungError):
        watch.until(watch.now().is_behind)
        recovery = time.time() - died_at
    return Kill(timeout.line, died_at - timeout.at, seen, recovery, scene.stuck)


def death(log: str, timeout: WorkerTimeout) -> float:
    """When the worker of *timeout* had ended (epoch seconds), as the arbiter says; its kill where it does not say."""
    ended = re.compile(rf"Worker \(pid:{timeout.pid}\) (was sent|exited)")
    for line in log.splitlines():
        found = LINE.match(line)
        if found and ended.search(found["message"]):
            at = datetime.fromisoformat(found["at"]).timestamp()
            if at >= timeout.at:
                return at
    return timeout.at


class Held:
    """Contacts of the file that another session is at the same time about to insert: the merge waits for it."""

    def __init__(self, scene: Scene, trial: Trial) -> None:
        self._scene = scene
        self._trial = trial
        self._thread = threading.Thread(target=self._hold, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        until = time.monotonic() + HOLDING_SECONDS
        while not self._trial.sql(HOLDER) and time.monotonic() < until:
            self._scene.check()
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(psycopg2.Error):
            self._trial.sql(RELEASE)
        self._thread.join(HOLDING_SECONDS)

    def _hold(self) -> None:
        phones = [f"+1{national(index)}" for index in block(0, self._scene.manifest.rows)[:HELD_PHONES]]
        with suppress(psycopg2.Error):
            self._trial.sql(HOLD, (phones,))
