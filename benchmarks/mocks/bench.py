"""All that is measured, once a round: a server on one core, the generator on another."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil

import config
from benchmarks.counts import check
from benchmarks.mocks import servers, text
from benchmarks.mocks.figures import BARE, MOCK, PRISM, Lateness, Rate
from benchmarks.mocks.task import Task
from loadtest.errors import HarnessError, UsageError
from loadtest.stack.ports import HOST

WARM_UP_SECONDS = 0.5
NO_FAILURES = {"failed": 0, "lost": 0}


class Bench:
    """The rounds. *rate* in requests/s, for latency; *say* is told each figure."""

    def __init__(
        self, seconds: float, connections: int, rate: float, *, real_time: bool, say: Callable[[str], object]
    ) -> None:
        self.rates: list[Rate] = []
        self.lateness: list[Lateness] = []
        self._seconds, self._connections, self._rate = seconds, connections, rate
        self._real_time, self._say = real_time, say
        self._core, self._other = cores()

    def run(self, number: int, latencies: Sequence[float], document: Path | None) -> None:
        """All once. Raises HarnessError, StartError, WrongCountError."""
        with servers.bare(self._core) as running:
            self._closed(number, BARE, "create", running)
        for script in ("create", "lives"):
            with servers.mock(self._core) as running:
                found = self._closed(number, MOCK, script, running)
                agree(f"{MOCK} {script}", found, running.counters())
        if document is not None:
            with servers.prism(self._core, document) as running:
                self._closed(number, PRISM, "create", running)
        for asked in latencies:
            with servers.mock(self._core, asked) as running:
                # Half as many again as wait at a time.
                connections = int(self._rate * asked / 1000 * 1.5) + self._connections
                found = self._load(running, connections=connections, rate=self._rate)
                agree(f"{asked:g} ms", found, running.counters())
            self.lateness.append(Lateness.of(number, asked, found))
            self._say(f"round {number}  {text.lateness(asdict(self.lateness[-1]), asked)}")

    def _closed(self, number: int, server: str, script: str, running: servers.Running) -> dict[str, Any]:
        found = self._load(running, script=script, connections=self._connections)
        check(f"{server} {script}", failures(found), NO_FAILURES)
        self.rates.append(Rate.of(number, server, script, found))
        self._say(f"round {number}  {text.rate(self.rates[-1])}")
        return found

    def _load(
        self, running: servers.Running, *, connections: int, script: str = "create", rate: float = 0.0
    ) -> dict[str, Any]:
        warm_up = min(WARM_UP_SECONDS, self._seconds)
        task = Task(HOST, running.port, servers.KEY, running.pid, script, connections, warm_up, self._seconds, rate)
        with subprocess.Popen(
            [sys.executable, "-m", "benchmarks.mocks.generator"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=config.ROOT,
        ) as process:  # fmt: skip
            psutil.Process(process.pid).cpu_affinity([self._other])
            if rate and self._real_time:
                servers.real_time(running.pid)
                servers.real_time(process.pid)
            out, err = process.communicate(json.dumps(asdict(task)))
        if process.returncode:
            raise HarnessError(f"the generator failed: {(err.strip().splitlines() or ['without a word'])[-1]}")
        found: dict[str, Any] = json.loads(out)
        return found


def cores() -> tuple[int, int]:
    """Whose the server and the generator are. Raises UsageError where there are no two to pin them to."""
    allowed = psutil.Process().cpu_affinity() if hasattr(psutil.Process, "cpu_affinity") else []
    if len(allowed) < 2:
        raise UsageError("this needs two cores that a process can be pinned to (Linux)")
    return allowed[-1], allowed[0]


def agree(what: str, found: dict[str, Any], counters: dict[str, Any]) -> None:
    """Raises WrongCountError unless both sides have counted the same, and nothing but successes."""
    by_status = found["by_status"]
    answers = sum(by_status.values())
    told = {name: counters[name] for name in ("requests", "by_status", "no_reply", "in_flight", "created")}
    seen = {"requests": answers, "by_status": by_status, "created": by_status.get("201", 0)}
    check(what, {**told, **failures(found)}, {**seen, "no_reply": 0, "in_flight": 0, **NO_FAILURES})


def failures(found: dict[str, Any]) -> dict[str, int]:
    """What is no measurement: answers that are no success, and requests without one."""
    return {
        "failed": sum(n for status, n in found["by_status"].items() if not status.startswith("2")),
        "lost": found["lost"],
    }
