"""One import, from an empty database to counts on both sides."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import requests

from fixtures.cache import fixture
from fixtures.manifest import Manifest
from loadtest.errors import HarnessError
from loadtest.sizing import holdings
from loadtest.sizing.count import Count, compare
from loadtest.sizing.drive import Drivers, Upload
from loadtest.sizing.layer import attribute, killed_by
from loadtest.sizing.plan import Job
from loadtest.sizing.profile import Profile
from loadtest.sizing.record import Run
from loadtest.stack.base import Stack, Trial
from loadtest.stack.openphone import get_account

SEED = 1
COMPLETED = ("completed", "completed_with_errors")
FINISHED = (*COMPLETED, "failed", "cancelled")
# What a profile takes for granted unless it says otherwise, whatever the caller's environment has.
ASSUMED = {"OPENPHONE_SYNC": "inline", "OPENPHONE_RATE_PER_SECOND": "0", "API_RATE_PER_MINUTE": "6000"}
# The cliff is measured: no worker takes over, neither before the kill nor after it. At less than info, gunicorn's log
# does not tell when a request began.
REQUIRED = {"LOG_LEVEL": "info", "IMPORT_WORKER": "off", "IMPORT_HANDOFF": "off", "IMPORT_AUTO_RESUME": "off"}


class Trials:
    """Makes trials on *stack* with fixtures of *kind*, kept in *home*.

    *workers* (None: the app's default) is gunicorn's.
    """

    def __init__(self, stack: Stack, home: Path, kind: str, workers: int | None) -> None:
        self._stack = stack
        self._home = home
        self._workers = workers
        self.kind = kind
        self.drivers = Drivers(home, kind)

    def manifest(self, rows: int) -> Manifest:
        """The truth about the standard fixture of *rows* rows, which is made if it is not there."""
        return fixture(self.kind, rows, SEED, cache_dir=self._home / "fixtures")[1]

    def open(self, name: str, profile: Profile, rows: int, timeout: float, seed: int) -> AbstractContextManager[Trial]:
        """A fresh trial under *profile* with GUNICORN_TIMEOUT=*timeout*."""
        env = {**ASSUMED, **profile.env, **REQUIRED, "GUNICORN_TIMEOUT": str(int(timeout))}
        if self._workers is not None:
            env["GUNICORN_WORKERS"] = str(self._workers)
        manifest = self.manifest(rows)
        return self._stack.trial(name, env, profile.mock_settings(manifest.contacts_per_row, seed))

    def measure(self, job: Job, number: int) -> tuple[Run, Upload]:
        """One run of *job*; *number* is its place among the repeats and the seed of the mock's randomness.

        Raises HarnessError.
        """
        timeout = job.timeout or 0
        opened = self.open(f"{job.profile.name}-{job.rows}", job.profile, job.rows, timeout, number)
        with opened as trial, answering(job.title):
            upload = self.drivers.upload(trial, job.rows, timeout)
            return self._run(job, trial, upload), upload

    def count(self, trial: Trial, profile: Profile, rows: int) -> Count:
        """What is on both sides of *trial* now."""
        phones = [str(row[0]) for row in trial.sql("SELECT phone FROM contacts")]
        stored = self._account(trial, "contacts")["contacts"] if profile.calls_api else None
        return compare(self.manifest(rows).contacts_expected, phones, stored)

    def _run(self, job: Job, trial: Trial, upload: Upload) -> Run:
        manifest = self.manifest(job.rows)
        sample = upload.sample
        known: dict[str, Any] = {
            "seconds": sample.seconds,
            "trial": trial.name,
            "contacts_expected": manifest.contacts_expected,
            "rows_invalid": manifest.rows_invalid,
            **holdings.promised(manifest),
        }
        if sample.status != requests.codes.ok:
            log = trial.logs()
            layer, detail = attribute(upload, log)
            killed = layer == "gunicorn" and killed_by(sample, log)
            return Run("killed" if killed else "failed", layer=layer, detail=detail, **known)
        report = last_import(trial)
        if report["status"] not in COMPLETED:
            return Run("failed", layer="validation", detail=f"the import ended as {report['status']}", **known)
        counted = self.count(trial, job.profile, job.rows)
        known |= holdings.held(trial, self.kind, "db")
        injected = self._account(trial, "counters")["delay_seconds"] if job.profile.calls_api else None
        return Run(
            "completed",
            rows_total=report["rows_total"],
            rows_rejected=report["rows_rejected"],
            contacts_db=counted.db,
            contacts_openphone=counted.openphone,
            lost=counted.lost,
            duplicated=counted.duplicated,
            stage_seconds=report["stage_seconds"],
            openphone_calls=report["openphone_calls"],
            openphone_cpu_seconds=report["openphone_cpu_seconds"],
            injected_seconds=injected,
            **known,
        )

    def _account(self, trial: Trial, what: str) -> dict[str, Any]:
        return get_account(self._stack.url("openphone"), trial.openphone_key, what)


@contextmanager
def answering(what: str) -> Iterator[None]:
    """Makes a HarnessError about *what* of a stack that does not answer, or not as it should."""
    try:
        yield
    except KeyError as error:
        raise HarnessError(f"{what}: the app's answer has no {error}") from error
    except (requests.RequestException, psycopg2.Error) as error:
        raise HarnessError(f"{what}: no answer from the stack: {str(error).splitlines()[0]}") from error


def call(trial: Trial, method: str, path: str, timeout: float = 30, **form: Any) -> requests.Response:
    """A request to the trial's import app with its key; *form* as requests takes it. Raises its RequestException."""
    with requests.Session() as session:
        session.trust_env = False  # no proxy between the harness and the stack
        headers = {"Authorization": f"Bearer {trial.api_key}"}
        return session.request(method, f"{trial.url}{path}", headers=headers, timeout=timeout, **form)


def last_import(trial: Trial) -> dict[str, Any]:
    """The newest import as the app tells it. Raises requests.RequestException."""
    reply = call(trial, "GET", "/api/imports?limit=1")
    reply.raise_for_status()
    body = reply.json()
    imports: list[dict[str, Any]] | None = body.get("imports") if isinstance(body, dict) else None
    if imports is None:
        raise requests.exceptions.InvalidJSONError(f"GET {reply.url} answered without imports: {reply.text[:200]}")
    return imports[0] if imports else {}
