"""An import under a timeout that it can't meet: killed, found interrupted, resumed, counted."""

import threading
import time
from contextlib import suppress
from typing import Any

import requests

from loadtest.sizing import holdings
from loadtest.sizing.layer import attribute, killed_by
from loadtest.sizing.plan import BELOW_NEED, KILL_TIMEOUT_MIN, Job
from loadtest.sizing.record import Kill, Sample
from loadtest.sizing.trials import COMPLETED, FINISHED, Trials, answering, call, last_import
from loadtest.sizing.watch import FOUND_WITHIN_SECONDS, POLL_SECONDS, Watch
from loadtest.stack.base import Trial

SEED = 101
RESUMES = 10  # a resume may be killed too; each gets further
ARBITER_SECONDS = 1.25  # it looks once a second, and a little is left over


def timeout_below(need: float) -> int:
    """Whole seconds of a timeout that an import of *need* seconds can't meet."""
    return max(KILL_TIMEOUT_MIN, int(need - BELOW_NEED))


def possible(need: float) -> bool:
    """Whether an import of *need* seconds outlives the shortest timeout for certain."""
    return need >= timeout_below(need) + ARBITER_SECONDS


def provoke(trials: Trials, job: Job, need: float) -> tuple[Kill, Sample]:
    """Kills an import that needs *need* seconds, resumes it until it is done, and counts both sides.

    Raises HarnessError.
    """
    timeout = timeout_below(need)
    opened = trials.open(f"kill-{job.rows}", job.profile, job.rows, timeout, SEED)
    with opened as trial, answering(job.title):
        watch = Watch(trial, trials.drivers.over)
        with watch:
            upload = trials.drivers.upload(trial, job.rows, timeout)
        log = trial.logs()
        killed = killed_by(upload.sample, log)
        layer = attribute(upload, log)[0] if upload.sample.status != requests.codes.ok else None
        done = _resume(trial, timeout, trials.drivers.over)
        counted = trials.count(trial, job.profile, job.rows)
        manifest = trials.manifest(job.rows)
        counts = holdings.promised(manifest)
        if done:
            counts |= holdings.held(trial, trials.kind, "after_resume")
        kill = Kill(
            rows=job.rows,
            profile=job.profile.name,
            timeout=timeout,
            killed_after_seconds=killed.after_seconds if killed else None,
            client_saw=upload.sample.saw,
            layer=layer,
            log_line=killed.line if killed else None,
            found_interrupted_after_seconds=watch.found_after(killed),
            contacts_expected=manifest.contacts_expected,
            contacts_after_resume=counted.db if done else None,
            contacts_openphone_after_resume=counted.openphone if done else None,
            lost=counted.lost,
            duplicated=counted.duplicated,
            **counts,
        )
        return kill, upload.sample


def _resume(trial: Trial, timeout: float, over: threading.Event) -> bool:
    """Whether the import came to its end."""
    for _ in range(RESUMES):
        found = _settled(trial, over)
        if "id" not in found or found["status"] in FINISHED:
            break
        with suppress(requests.RequestException):
            call(trial, "POST", f"/api/imports/{found['id']}/resume", timeout + 30)
    return _settled(trial, over).get("status") in COMPLETED


def _settled(trial: Trial, over: threading.Event) -> dict[str, Any]:
    """The import once nobody works on it: a worker that was killed is not known to be gone at once."""
    found: dict[str, Any] = {}
    until = time.monotonic() + FOUND_WITHIN_SECONDS
    while time.monotonic() < until and not over.is_set():
        with suppress(requests.RequestException):
            found = last_import(trial)
            if found.get("status") not in ("received", "running"):
                break
        over.wait(POLL_SECONDS)
    return found
