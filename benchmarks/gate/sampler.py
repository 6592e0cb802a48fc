"""Measures one tree: run as a script by that tree's interpreter, with the tree in front of ``sys.path``.

Both trees are measured by the working tree's copy of this file, so that a change of the measurement is no difference
between them. So it knows little of a tree: LocalStack.trial, the HTTP API, the names of tables, app.imports.phone.e164.

A request a line on stdin, its answer a line on stdout, both JSON. It ends with stdin, or after an ``error``.
"""

import csv
import gc
import json
import os
import re
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import requests

# The outbox is written and nobody drains it. One worker, so that it is known which process imports.
ENV = {
    "IMPORT_WORKER": "on",
    "OPENPHONE_SYNC": "background",
    "GUNICORN_WORKERS": "1",
    "API_RATE_PER_MINUTE": "0",
}
# What PostgreSQL would do in the background at times of its own; the sampler does the checkpoints.
CALM = ("autovacuum = off", "checkpoint_timeout = '1d'", "max_wal_size = '8GB'")
CLEAN = "gate_clean"
TIMEOUT_SECONDS = 280
REGION = "US"
SPELL = 250  # phones
LOOK_SECONDS = 0.05  # from one look at the memory of forks to the next


class LackingError(Exception):
    """The tree has not got what is measured."""


class Forks:
    """What process *pid* forks, until the block ends. *most*: bytes that it had at once, apart from what it shares."""

    def __init__(self, pid: int) -> None:
        self.most = 0
        self._children = Path(f"/proc/{pid}/task/{pid}/children")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            with suppress(OSError):
                self.most = max(self.most, sum(map(_own, self._children.read_text().split())))


def _own(pid: str) -> int:
    with suppress(OSError):  # it may be gone
        found = re.findall(r"Private_\w+:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text())
        return 1024 * sum(map(int, found))
    return 0


class Sampler:
    """A stack with one trial that stays up; its database and its gunicorn worker are new for every sample."""

    def __init__(self, home: Path) -> None:
        try:
            from app.imports.phone import e164  # noqa: PLC0415 - the tree's; it may not be there
            from loadtest.stack.local import LocalStack  # noqa: PLC0415

            self._e164 = e164
            self._stack = LocalStack(home)
        except (ImportError, AttributeError, TypeError) as error:
            raise LackingError(str(error)) from error
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy between here and loopback
        self._numbers: list[str] = []

    def hello(self) -> dict[str, Any]:
        """Answers; a tree that lacks what is measured has ended by now."""
        return {}

    def start(self) -> dict[str, Any]:
        """Returns what the measurement stands on."""
        try:
            self._stack.start(web=False)
            self._trial = self._stack.trial("gate", ENV)
            self._database = urlsplit(self._trial.env["DATABASE_URL"]).path.lstrip("/")
            self._master = self._trial.ps()[0].pid
            self._session.headers["Authorization"] = f"Bearer {self._trial.api_key}"
        except (AttributeError, TypeError, KeyError) as error:
            raise LackingError(str(error)) from error
        for setting in CALM:
            self._stack.sql(f"ALTER SYSTEM SET {setting}")
        self._stack.sql("SELECT pg_reload_conf()")
        self._leave_database()
        self._stack.sql(f"CREATE DATABASE {CLEAN} TEMPLATE {self._database}")
        [(version,)] = self._stack.sql("SHOW server_version")
        return {"python": sys.version.split()[0], "postgresql": version}

    def stop(self) -> None:
        """Ends all that was started."""
        self._stack.stop()

    def phone(self, path: str, limit: int) -> dict[str, Any]:
        """Seconds of CPU time that the first *limit* phones of a contact list take; how many were valid.

        By the middle one of short spells, as another process on the core makes a spell longer, CPU time or not.
        """
        if not self._numbers:
            with Path(path).open(newline="", encoding="utf-8") as file:
                self._numbers = [row["phone"] for row in csv.DictReader(file)][:limit]
        gc.collect()
        spells, valid = [], 0
        for first in range(0, len(self._numbers), SPELL):
            numbers = self._numbers[first : first + SPELL]
            began = time.thread_time()
            valid += sum(map(self._is_valid, numbers))
            spells.append((time.thread_time() - began) / len(numbers))
        seconds = median(spells) * len(self._numbers)
        return {"seconds": seconds, "amount": len(self._numbers), "counts": {"valid phones": valid}}

    def _is_valid(self, number: str) -> bool:
        try:
            self._e164(number, REGION)
        except Exception:  # the tree's own
            return False
        return True

    def take_in(self, kind: str, path: str, tables: dict[str, str]) -> dict[str, Any]:
        """One import into an empty database: seconds of the request, bytes of its processes, what is in *tables*.

        ``trouble`` says why there is nothing to be measured.
        """
        self._renew_database()
        worker = self._renew_worker()
        content = Path(path).read_bytes()
        request = requests.Request(
            "POST",
            f"{self._trial.url}/api/imports",
            files={"file": ("gate.csv", content)},
            data={"kind": kind, "mode": "sync"},
        )
        prepared = self._session.prepare_request(request)
        before = _memory(worker)["VmRSS"]
        began = time.perf_counter()
        try:
            with Forks(worker) as forks:
                answer = self._session.send(prepared, timeout=TIMEOUT_SECONDS)
                seconds = time.perf_counter() - began
            peak = _memory(worker)["VmHWM"] + forks.most
        except (requests.RequestException, OSError) as error:
            return {"trouble": f"the upload got no answer: {error}"}
        if answer.status_code != 200:
            return {"trouble": f"the upload was answered {answer.status_code}: {answer.text[:300]}"}
        report = answer.json()
        try:
            counts = {what: self._count(table) for what, table in tables.items()}
        except Exception as error:  # psycopg2's, which is the tree's
            return {"trouble": f"the database could not be counted: {error}"}
        return {
            "seconds": seconds,
            "amount": report["rows_done"],
            "before_bytes": before,
            "peak_bytes": peak,
            "stage_seconds": report["stage_seconds"],
            "counts": counts | {"rejected rows": report["rows_rejected"]},
        }

    def _count(self, table: str) -> int:
        return int(self._trial.sql(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608 - our own word

    def _renew_database(self) -> None:
        self._stack.sql(f"DROP DATABASE {self._database} WITH (FORCE)")
        self._stack.sql(f"CREATE DATABASE {self._database} TEMPLATE {CLEAN}")
        self._stack.sql("CHECKPOINT")  # else the other tree's sample may meet this one's dirty pages

    def _renew_worker(self) -> int:
        """A fork of gunicorn's master that has answered one request and imported nothing."""
        old = self._worker()
        if old is not None:
            os.kill(old, signal.SIGTERM)
        give_up = time.monotonic() + 30
        while (new := self._worker()) in (None, old):
            if time.monotonic() > give_up:
                raise LackingError("gunicorn did not replace a worker that was told to stop")
            time.sleep(0.02)
        self._session.get(f"{self._trial.url}/api/contacts", params={"limit": 1}, timeout=30).raise_for_status()
        assert new is not None  # noqa: S101 - for mypy
        return new

    def _worker(self) -> int | None:
        # Not the tree's ps(): asked for over and over, it would take longer than all the rest.
        children = Path(f"/proc/{self._master}/task/{self._master}/children").read_text().split()
        return int(children[0]) if children else None

    def _leave_database(self) -> None:
        self._stack.sql(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (self._database,)
        )


def _memory(pid: int) -> dict[str, int]:
    """Bytes in memory now (VmRSS) and at most since the process began (VmHWM). Raises OSError."""
    found = re.findall(r"(VmRSS|VmHWM):\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return {name: int(value) * 1024 for name, value in found}


def main(home: Path) -> None:
    """Answers until there is nothing more to answer."""
    # What anything below prints is no answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sampler = None
    try:
        sampler = Sampler(home)
        for line in sys.stdin:
            request = json.loads(line)
            answer = getattr(sampler, request.pop("do"))(**request)
            print(json.dumps(answer), file=answers, flush=True)
    except LackingError as error:
        reason = f"it lacks what the gate measures, so it is too old or too new for it: {error}"
        print(json.dumps({"error": reason, "exit_code": 2}), file=answers)
    except Exception as error:
        # The tree's own HarnessError has the exit code; its class is not this process's to know.
        reason = f"{type(error).__name__}: {error}"
        print(json.dumps({"error": reason, "exit_code": getattr(error, "exit_code", 3)}), file=answers)
    finally:
        answers.close()
        if sampler is not None:
            sampler.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
