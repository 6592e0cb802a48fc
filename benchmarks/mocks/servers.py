"""What is loaded: the mock, the bare yardstick and Prism, each a process on one core."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import requests

import config
from loadtest.errors import StartError, UsageError
from loadtest.stack.openphone import get_account, put_account
from loadtest.stack.ports import HOST, free_port
from loadtest.stack.tree import Identity, end

KEY = "benchmark"
MOST_CONTACTS = 5_000_000
PRISM = ("npx", "--yes", "@stoplight/prism-cli@5")
PRISM_SECONDS = 120  # its first start fetches it


@dataclass(frozen=True)
class Running:
    """A server that listens."""

    pid: int
    port: int

    @property
    def url(self) -> str:
        """Without a path."""
        return f"http://{HOST}:{self.port}"

    def counters(self) -> dict[str, Any]:
        """The mock's own."""
        return get_account(self.url, KEY, "counters")


@contextmanager
def bare(core: int) -> Iterator[Running]:
    """The yardstick."""
    with _python(core, "benchmarks.mocks.bare") as running:
        yield running


@contextmanager
def mock(core: int, latency_ms: float = 0.0) -> Iterator[Running]:
    """The mock with an account that has no limit."""
    with _python(core, "loadtest.openphone", "--port", "0", "--max-contacts", str(MOST_CONTACTS)) as running:
        latency = {"kind": "fixed", "ms": latency_ms} if latency_ms else {"kind": "none"}
        put_account(running.url, KEY, {"limit": {"per_second": 0}, "latency": latency})
        yield running


@contextmanager
def prism(core: int, document: Path) -> Iterator[Running]:
    """Prism, with the vendor's document. Raises StartError."""
    port = free_port()
    with _pinned(core, [*PRISM, "mock", "--host", HOST, "--port", str(port), str(document)]) as process:
        give_up = time.monotonic() + PRISM_SECONDS
        while process.poll() is None and time.monotonic() < give_up:
            try:
                requests.get(f"http://{HOST}:{port}/", timeout=5)
            except requests.RequestException:
                time.sleep(0.2)
            else:
                yield Running(process.pid, port)
                return
        raise StartError(f"Prism did not start: {' '.join(PRISM)}")


def real_time(pid: int) -> None:
    """Let the process run before all that have no real-time priority. Raises UsageError."""
    try:
        os.sched_setscheduler(pid, os.SCHED_RR, os.sched_param(1))
    except OSError as error:
        raise UsageError(f"--real-time: {error.strerror}; it takes root, or do without") from error


def prism_missing(document: Path | None) -> str | None:
    """Why Prism cannot be measured; None where it can."""
    if document is None:
        return "no --document of the vendor's API was given"
    return None if shutil.which(PRISM[0]) else "there is no npx (Node.js)"


@contextmanager
def _python(core: int, module: str, *arguments: str) -> Iterator[Running]:
    with _pinned(core, [sys.executable, "-m", module, *arguments]) as process:
        line = process.stdout.readline() if process.stdout else ""
        port = urlsplit(line.split()[-1]).port if line else None
        if port is None:
            raise StartError(f"{module} did not start")
        yield Running(process.pid, port)


@contextmanager
def _pinned(core: int, argv: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    try:
        process = subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=config.ROOT, start_new_session=True
        )
    except OSError as error:
        raise StartError(f"{argv[0]} could not be started: {error}") from error
    with process:
        leader = Identity.of(process.pid)
        try:
            psutil.Process(process.pid).cpu_affinity([core])
            yield process
        finally:
            end(leader, signal.SIGTERM, 5)
