"""An import under a timeout that it can't meet: killed, found interrupted, resumed, counted."""

import threading
import time
from contextlib import suppress

import requests

from loadtest.sizing.layer import WorkerTimeout, attribute, worker_timeouts
from loadtest.sizing.plan import BELOW_NEED, KILL_TIMEOUT_MIN, Job
from loadtest.sizing.record import Kill, Sample
from loadtest.sizing.trials import COMPLETED, Trials, call, last_import
from loadtest.stack.base import Trial

SEED = 101
POLL_SECONDS = 0.1
FOUND_WITHIN_SECONDS = 15.0
RESUMES = 10  # a resume may be killed too; each gets further


def timeout_below(need: float) -> int:
    """Whole seconds of a timeout that an import of *need* seconds can't meet."""
    return max(KILL_TIMEOUT_MIN, int(need - BELOW_NEED))


def provoke(trials: Trials, job: Job, need: float) -> tuple[Kill, Sample]:
    """Kills an import that needs *need* seconds, resumes it until it is done, and counts both sides."""
    timeout = timeout_below(need)
    with trials.open(f"kill-{job.rows}", job.profile, job.rows, timeout, SEED) as trial:
        watch = Watch(trial)
        with watch:
            upload = trials.drivers.upload(trial, job.rows, timeout)
        log = trial.logs()
        killed = next((found for found in worker_timeouts(log) if found.request_began_at), None)
        layer = attribute(upload, log)[0] if upload.sample.status != requests.codes.ok else None
        done = _resume(trial, timeout)
        counted = trials.count(trial, job.profile, job.rows)
        kill = Kill(
            rows=job.rows,
            profile=job.profile.name,
            timeout=timeout,
            killed_after_seconds=killed.after_seconds if killed else None,
            client_saw=upload.sample.saw,
            layer=layer,
            log_line=killed.line if killed else None,
            found_interrupted_after_seconds=watch.found_after(killed),
            contacts_expected=trials.manifest(job.rows).contacts_expected,
            contacts_after_resume=counted.db if done else None,
            contacts_openphone_after_resume=counted.openphone if done else None,
            lost=counted.lost,
            duplicated=counted.duplicated,
        )
        return kill, upload.sample


class Watch:
    """Asks the app for the import's status, from another worker, until it is called interrupted."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._poll, daemon=True)
        self._found_at: float | None = None

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._thread.join()

    def found_after(self, killed: WorkerTimeout | None) -> float | None:
        """Seconds from the arbiter's line to the first answer that said interrupted."""
        if killed is None or self._found_at is None:
            return None
        return max(0.0, self._found_at - killed.at)

    def _poll(self) -> None:
        give_up: float | None = None
        while self._found_at is None:
            if self._left.is_set():
                give_up = give_up or time.monotonic() + FOUND_WITHIN_SECONDS
                if time.monotonic() > give_up:
                    return
            with suppress(requests.RequestException):
                if last_import(self._trial).get("status") == "interrupted":
                    self._found_at = time.time()
                    return
                if self._left.is_set() and last_import(self._trial).get("status") in COMPLETED:
                    return  # it was never killed
            time.sleep(POLL_SECONDS)


def _resume(trial: Trial, timeout: float) -> bool:
    """Whether the import came to its end."""
    for _ in range(RESUMES):
        with suppress(requests.RequestException):
            found = last_import(trial)
            if found.get("status") in COMPLETED:
                return True
            call(trial, "POST", f"/api/imports/{found['id']}/resume", timeout + 30)
    return False
