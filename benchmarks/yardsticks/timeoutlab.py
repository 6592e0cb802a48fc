"""timeoutlab: the import as a client sees it, over HTTP and through nginx, with all that it does."""

from collections.abc import Iterator
from itertools import islice
from time import perf_counter
from typing import Any

import requests

from benchmarks import counts
from benchmarks.clean import take
from benchmarks.files import Files
from benchmarks.yardsticks.bench import AGAIN, FIRST, Bench, Timing
from loadtest.errors import HarnessError
from loadtest.stack.base import Trial
from loadtest.stack.trial_stack import TrialStack

DESCRIPTION = "the import over HTTP, all of it"
LACKS: tuple[str, ...] = ()
# The outbox is written and nobody is there to work it off. One process, so that the one that was warmed up imports.
ENV = {
    "IMPORT_WORKER": "on",
    "OPENPHONE_SYNC": "background",
    "GUNICORN_WORKERS": "1",
    "API_RATE_PER_MINUTE": "0",
}
WARM_ROWS = 200
SECONDS_MAX = 600


def measure(bench: Bench) -> Iterator[Timing]:
    """Raises WrongCountError, HarnessError."""
    files = bench.files
    with bench.stack.trial("timeoutlab", ENV) as trial:
        warm_up(trial, files)
        yield Timing(FIRST, one(trial, files, again=False), files.rows)
        yield Timing(AGAIN, one(trial, files, again=True), files.rows)


def prepare(stack: TrialStack, files: Files) -> Bench:
    """What all yardsticks are measured on: the rows that the import itself makes of the files.

    Raises WrongCountError, HarnessError.
    """
    with stack.trial("prepare", ENV) as trial:
        one(trial, files, again=False)
        first = take(database_url(trial), files.kind)
        one(trial, files, again=True)
        return Bench(stack, files, first, take(database_url(trial), files.kind))


def warm_up(trial: Trial, files: Files) -> None:
    """A dry run of the first rows: what a process does once, at its first import, is done."""
    upload(trial, files.kind, ("warm-up.csv", first_rows(files)), dry_run="true")


def first_rows(files: Files) -> bytes:
    """Enough of the file to warm a process up."""
    with files.first.open("rb") as file:
        return b"".join(islice(file, WARM_ROWS))


def one(trial: Trial, files: Files, *, again: bool) -> float:
    """Seconds of one import, in which nothing is lost or doubled. Raises WrongCountError, HarnessError."""
    url = database_url(trial)
    counts.settle(url) if again else counts.quiet(url)
    path = files.again if again else files.first
    took, report = upload(trial, files.kind, (path.name, path.read_bytes()), list="bench")
    counts.check("timeoutlab", counts.found(url) | report, counts.expected(files, again=again) | promised(files))
    return took


def promised(files: Files) -> dict[str, int]:
    """What the import's own report must say of the file."""
    manifest = files.manifest
    return {
        "rows_total": manifest.rows,
        "rows_done": manifest.rows,
        "rows_rejected": manifest.rows_invalid,
        "rows_duplicate": manifest.duplicates,
    }


def upload(trial: Trial, kind: str, file: tuple[str, bytes], **form: str) -> tuple[float, dict[str, Any]]:
    """Seconds until the answer, and the report of an import that is done by then. Raises HarnessError."""
    took, reply = send(trial, kind, file, mode="sync", **form)
    if reply.status_code != requests.codes.ok:
        raise HarnessError(f"timeoutlab: the import was answered with {reply.status_code}: {reply.text[:300]}")
    report: dict[str, Any] = reply.json()
    return took, report


def send(trial: Trial, kind: str, file: tuple[str, bytes], **form: str) -> tuple[float, requests.Response]:
    """Seconds from an upload being ready to be sent to its answer, and that. Raises HarnessError."""
    upload = requests.Request(
        "POST",
        f"{trial.url}/api/imports",
        headers={"Authorization": f"Bearer {trial.api_key}"},
        files={"file": file},
        data={"kind": kind, **form},
    )
    with requests.Session() as session:
        session.trust_env = False  # no proxy between the harness and the stack
        ready = session.prepare_request(upload)
        began = perf_counter()
        try:
            reply = session.send(ready, timeout=SECONDS_MAX)
            return perf_counter() - began, reply
        except requests.RequestException as error:
            raise HarnessError(f"timeoutlab: no answer: {error}") from error


def database_url(trial: Trial) -> str:
    """The trial's own."""
    return trial.env["DATABASE_URL"]
