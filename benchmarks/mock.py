"""How many requests the mocked OpenPhone answers on one core, and how exactly it keeps to an injected latency.

``python -m benchmarks mock``.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from benchmarks.mocks import servers, text
from benchmarks.mocks.bench import Bench
from benchmarks.mocks.figures import lateness_of, ratios, verdict
from loadtest.report.output import require_writable, save
from loadtest.stack import machine

CODES = {"pass": 0, "fail": 1, "inconclusive": 3}


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
    bench = Bench(seconds, connections, rate, real_time=real_time, say=lambda line: click.echo(line, err=True))
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
