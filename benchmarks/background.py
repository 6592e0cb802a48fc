"""One import in the background: how long it takes, and what memory the process that does it."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import requests

from benchmarks import counts, memory
from benchmarks.yardsticks.timeoutlab import database_url, send
from fixtures.manifest import Manifest
from loadtest.errors import HarnessError
from loadtest.stack.base import Trial

ENV = {
    "OPENPHONE_SYNC": "background",
    "OPENPHONE_RATE_PER_SECOND": "1",  # the worker's other processes have next to nothing to do
    "IMPORT_MAX_BYTES": str(2**31),
    "GUNICORN_WORKERS": "2",
    "WORKER_PROCESSES": "2",
    "API_RATE_PER_MINUTE": "0",
}
FINISHED = ("completed", "completed_with_errors", "failed", "cancelled")
SECONDS_MAX = 3600
IDLE_SECONDS = 1.0  # before it
POLL_SECONDS = 0.5
SHOWN_READINGS = 300


def measure(trial: Trial, path: Path, manifest: Manifest) -> dict[str, Any]:
    """One import in the background. Raises WrongCountError, HarnessError."""
    with memory.Watch(each.pid for each in trial.ps("worker")) as watch:
        time.sleep(IDLE_SECONDS)
        began = time.time()
        answered, reply = send(trial, manifest.kind, (path.name, path.read_bytes()), mode="async")
        if reply.status_code != requests.codes.accepted:
            raise HarnessError(f"the import was answered with {reply.status_code}: {reply.text[:300]}")
        status, waited, seconds, pid = follow(trial, began)
    there = counts.found(database_url(trial))
    must_be = {"contacts": manifest.contacts_expected, "listed": manifest.contacts_expected}
    counts.check(f"{manifest.rows:,} rows, {status}", there, must_be)
    readings, since = watch.readings[pid], IDLE_SECONDS + waited
    return {
        "answered_seconds": round(answered, 3),
        "waited_seconds": round(waited, 3),
        "seconds": round(seconds, 3),
        "rows_per_second": round(manifest.rows / seconds, 1),
        "rss": rounded(memory.growth(readings, "rss", since)),
        "pss": rounded(memory.growth(readings, "pss", since)),
        "readings": [asdict(each) for each in readings[:: max(1, len(readings) // SHOWN_READINGS)]],
    }


def follow(trial: Trial, began: float) -> tuple[str, float, float, int]:
    """The import once it is finished: status, seconds from *began* (since 1970) to its start and end, its process."""
    query = """
        SELECT status, extract(epoch FROM started_at)::float, extract(epoch FROM finished_at)::float,
            split_part(process, ':', 2) FROM imports
    """
    while time.time() < began + SECONDS_MAX:
        [(status, started, finished, pid)] = trial.sql(query)
        if status in FINISHED:
            return str(status), float(started) - began, float(finished) - began, int(pid)
        time.sleep(POLL_SECONDS)
    raise HarnessError(f"the import was not finished after {SECONDS_MAX} s")


def rounded(growth: memory.Growth) -> dict[str, float]:
    """For JSON, in mebibytes."""
    return {name: round(getattr(growth, name), 1) for name in ("start", "peak", "above", "slope")}
