"""How many requests the mocked OpenPhone answers on one core, and how exactly it keeps to an injected latency.

``python -m benchmarks mock``.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import psutil

import config
from benchmarks.counts import check
from benchmarks.mocks import servers, text
from benchmarks.mocks.figures import BARE, MOCK, PRISM, Lateness, Rate, lateness_of, ratios, verdict
from benchmarks.mocks.task import Task
from loadtest.errors import HarnessError, UsageError
from loadtest.report.output import require_writable, save
from loadtest.stack import machine
from loadtest.stack.ports import HOST

WARM_UP_SECONDS = 0.5
NO_FAILURES = {"failed": 0, "lost": 0}
CODES = {"pass": 0, "fail": 1, "inconclusive": 3}


class Bench:
    """The rounds, on two cores: the server's and the generator's."""

    def __init__(self, seconds: float, connections: int, rate: float, real_time: bool) -> None:
        self.rates: list[Rate] = []
        self.lateness: list[Lateness] = []
        self._seconds, self._connections, self._rate = seconds, connections, rate
        self._real_time = real_time
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
            click.echo(f"round {number}  {text.lateness(asdict(self.lateness[-1]), asked)}", err=True)

    def _closed(self, number: int, server: str, script: str, running: servers.Running) -> dict[str, Any]:
        found = self._load(running, script=script, connections=self._connections)
        check(f"{server} {script}", failures(found), NO_FAILURES)
        self.rates.append(Rate.of(number, server, script, found))
        click.echo(f"round {number}  {text.rate(self.rates[-1])}", err=True)
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


@click.command()
@click.option("--rounds", type=click.IntRange(1, 100), default=5, show_default=True, help="Times all is measured.")
@click.option("--seconds", type=click.FloatRange(0.1, 60), default=3.0, show_default=True, help="Of each measurement.")
@click.option("--connections", type=click.IntRange(1, 500), default=32, show_default=True, help="Open at a time.")
@click.option(
    "--latency-ms", "latencies", type=click.FloatRange(1, 10_000), multiple=True, default=(5.0, 20.0, 100.0),
    show_default=True, help="Injected latencies; may be repeated.",
)  # fmt: skip
@click.option("--rate", type=click.FloatRange(1, 5000), default=1000.0, show_default=True, help="At them, requests/s.")
@click.option(
    "--real-time", is_flag=True,
    help="While latency is measured, put both sides before all else that the machine does (takes root).",
)  # fmt: skip
@click.option(
    "--document", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The vendor's OpenAPI document: measures Prism with it, too (needs npx).",
)  # fmt: skip
@click.option("--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write all of it as JSON.")
def main(
    *,
    rounds: int,
    seconds: float,
    connections: int,
    latencies: tuple[float, ...],
    rate: float,
    real_time: bool,
    document: Path | None,
    json_path: Path | None,
) -> None:
    """How many requests the mocked OpenPhone answers on one core, and how exactly it keeps to an injected latency.

    The mock has everything on but the rate limit. It runs on one core, the generator on another; both count, and must
    agree. Every round measures all once; medians count.

    \b
    bare    the same event loop and parser answering a constant: the least there can be
    mock    create: POST /v1/contacts as an import sends it; lives: POST, GET, PATCH and GET of each contact
    prism   Stoplight's mock server, with --document

    \b
    python -m benchmarks mock --rounds 1 --seconds 1    a first look

    Exit code 1: fewer than 6,000 creates/s, or replies more than 2 ms off at p99, or a count differs. 3: the same, but
    the machine had something else to do.
    """
    require_writable(json_path)
    described = machine.describe()
    missing = servers.prism_missing(document)
    bench = Bench(seconds, connections, rate, real_time)
    for number in range(1, rounds + 1):
        bench.run(number, latencies, None if missing else document)
    found = {
        "schema": 1,
        "machine": described,
        "rounds": rounds,
        "rate": rate,
        "real_time": real_time,
        "rates": [asdict(each) for each in bench.rates],
        "lateness": [asdict(each) for each in bench.lateness],
        "ratios": ratios(bench.rates),
        "at": {f"{asked:g}": lateness_of(bench.lateness, asked) for asked in latencies},
        "verdict": verdict(bench.rates, bench.lateness),
    }
    save(json_path, lambda path: path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8"))
    click.echo(text.summary(bench.rates, found, missing), nl=False)
    sys.exit(CODES[verdict(bench.rates, bench.lateness)])
