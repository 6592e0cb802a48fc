"""``bench scale``."""

import json
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

import click
import psycopg2

import config
from benchmarks import background
from benchmarks.files import SEED
from fixtures.cache import fixture
from loadtest.errors import HarnessError
from loadtest.report.output import require_writable, save
from loadtest.stack import machine
from loadtest.stack.environment import free_settings
from loadtest.stack.local import LocalStack

KIND = "contacts"
LEAST_SHARE = 0.8  # of the smaller file's throughput
MOST_MIB = 64  # of the importing process above its start


@click.command()
@click.option("--rows", type=click.IntRange(1000, 2_000_000), default=1_000_000, show_default=True, help="Of the file.")
@click.option(
    "--small", type=click.IntRange(1000, 2_000_000), default=50_000, show_default=True,
    help="Rows of the file that its throughput is held against.",
)  # fmt: skip
@click.option("--rounds", type=click.IntRange(1, 100), default=1, show_default=True, help="Times each is imported.")
@click.option("--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write all of it as JSON.")
def scale(*, rows: int, small: int, rounds: int, json_path: Path | None) -> int:
    """A large file in the background (mode=async), beside one of 50,000 rows: throughput, and the worker's memory.

    Throughput is from the first byte of the upload to the import's last: rows/s. Memory is that of the process that
    imports, read ten times a second, above what it took before. All rows are counted.

    \b
    python -m benchmarks scale                     a million rows
    python -m benchmarks scale --rows 100000       a tenth of that

    Exit code 0: at least 80% of the small file's throughput, and at most 64 MiB above the start. 1: not so, or a row is
    lost or doubled.
    """
    require_writable(json_path)
    home = config.load_harness_settings().home
    described, settings = machine.describe(), free_settings()
    imports: list[dict[str, Any]] = []
    with LocalStack(home, env=settings) as stack:
        stack.start(web=False)
        for number in range(1, rounds + 1):
            for size in (small, rows):
                path, manifest = fixture(KIND, size, SEED, cache_dir=home / "fixtures")
                with stack.trial("scale", background.ENV, worker=True) as trial:
                    try:
                        found = {"round": number, "rows": size, **background.measure(trial, path, manifest)}
                    except psycopg2.Error as error:
                        stack.check()
                        raise HarnessError(f"{size:,} rows: no answer from the database: {error}") from error
                imports.append(found)
                click.echo(line(found), err=True)
    result = judge(imports, small, rows)
    told = {"schema": 1, "machine": described, "settings": settings, "imports": imports, **result}
    save(json_path, lambda path: path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8"))
    click.echo(text(result, small, rows))
    return 0 if result["passed"] else 1


def judge(imports: list[dict[str, Any]], small: int, rows: int) -> dict[str, Any]:
    """Medians over the rounds, and whether they are as wanted."""
    rates = {
        size: median(each["rows_per_second"] for each in imports if each["rows"] == size) for size in (small, rows)
    }
    large = [each for each in imports if each["rows"] == rows]
    found = {
        "rates": rates,
        "share": round(rates[rows] / rates[small], 3),
        "rss_above_start_mib": max(each["rss"]["above"] for each in large),
        "rss_slope_mib": max(each["rss"]["slope"] for each in large),
        "pss_above_start_mib": max(each["pss"]["above"] for each in large),
    }
    return {**found, "passed": found["share"] >= LEAST_SHARE and found["rss_above_start_mib"] <= MOST_MIB}


def line(found: Mapping[str, Any]) -> str:
    """What is said of an import when it is done."""
    rss = found["rss"]
    return (
        f"round {found['round']}  {found['rows']:,} rows: {found['seconds']:.1f} s, "
        f"{found['rows_per_second']:,.0f} rows/s, "
        f"rss {rss['start']:.0f} MiB, {rss['above']:+.1f} at its peak, {rss['slope']:+.1f} over the run"
    )


def text(result: Mapping[str, Any], small: int, rows: int) -> str:
    """The result for a person."""
    rates = result["rates"]
    return (
        f"{rows:,} rows: {rates[rows]:,.0f} rows/s, {result['share']:.0%} of the {rates[small]:,.0f} at {small:,} rows "
        f"(wanted: {LEAST_SHARE:.0%})\n"
        f"memory of the importing process: {result['rss_above_start_mib']:.1f} MiB above its start at most (wanted: "
        f"{MOST_MIB}), {result['rss_slope_mib']:+.1f} from the beginning of the run to its end; "
        f"{result['pss_above_start_mib']:.1f} by PSS"
    )
