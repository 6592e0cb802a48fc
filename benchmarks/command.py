"""``bench run``."""

import json
import tempfile
from pathlib import Path

import click

import config
from benchmarks import files, plot, sticks, table
from benchmarks.figures import figures, ratios
from benchmarks.record import Recording
from benchmarks.rounds import Rounds
from benchmarks.yardsticks import timeoutlab
from benchmarks.yardsticks.bench import Bench
from loadtest.report.output import require_writable, save
from loadtest.stack import machine
from loadtest.stack.environment import free_settings
from loadtest.stack.local import LocalStack

WRONG, INCONCLUSIVE = 1, 3


@click.command()
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(files.KINDS),
    help="Which CSV; may be repeated.  [default: both]",
)
@click.option("--rows", type=click.IntRange(20, 2_000_000), default=50_000, show_default=True, help="Rows of the file.")
@click.option("--rounds", type=click.IntRange(1, 1000), default=5, show_default=True, help="Times each is measured.")
@click.option(
    "--only",
    metavar="NAMES",
    help=f"Measure only these, by commas: {', '.join(sticks.YARDSTICKS)}; or peers.  [default: all]",
)
@click.option("--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write all of it as JSON.")
@click.option(
    "--plot", "plot_path", type=click.Path(dir_okay=False, path_type=Path),
    help="Write the rates as bars (SVG); of contacts, if they are measured.",
)  # fmt: skip
def run(
    *,
    kinds: tuple[str, ...],
    rows: int,
    rounds: int,
    only: str | None,
    json_path: Path | None,
    plot_path: Path | None,
) -> int:
    """Import speed beside what PostgreSQL takes in at best, and beside other tools, in one run.

    Every round measures each once, in a fresh database with the app's schema, so that what the machine does meanwhile
    meets all alike; medians count. Every count is checked before a time is kept.

    \b
    heap         COPY of the finished rows into tables without index or constraint
    limit        the same into the real tables, outbox included
    floor        COPY of the clean rows to staging and the best merge, into the same tables
    timeoutlab   the import over HTTP with all it does; then once more, with 10% of the rows changed
    peers        other tools on clean contacts; some need `make peers`, pgloader is a package of Debian

    \b
    python -m benchmarks run --rows 500 --rounds 1                  a first look
    python -m benchmarks run --only floor,timeoutlab --kind contacts
    python -m benchmarks run --json docs/results/bench.json         all of it, to be kept

    Exit code 0: measured. 1: an import has lost or doubled something. 3: one of the yardsticks could not be measured.
    """
    chosen = sticks.choose(only.split(",") if only else sticks.YARDSTICKS)
    kinds = tuple(kind for kind in files.KINDS if kind in (kinds or files.KINDS))
    require_writable(json_path, plot_path)
    home = config.load_harness_settings().home
    settings, described = free_settings(), machine.describe()
    done = Rounds()
    try:
        with tempfile.TemporaryDirectory(prefix="timeoutlab-") as scratch, LocalStack(home, env=settings) as stack:
            stack.start(web=False)
            benches = [_prepare(stack, files.make(kind, rows, home, Path(scratch))) for kind in kinds]
            done.run(benches, chosen, rounds, _say)
    finally:
        # Also of a run that was stopped: an hour may be in it.
        if done.samples:
            recording = Recording(
                described, settings, dict.fromkeys(kinds, rows), rounds, tuple(done.samples), tuple(done.missing)
            )
            save(json_path, lambda path: path.write_text(dumps(recording), encoding="utf-8"))
            save(plot_path, lambda path: path.write_text(plot.svg(recording, kinds[0]), encoding="utf-8"))
            click.echo(table.text(recording), nl=False)
    if done.wrong:
        return WRONG
    return INCONCLUSIVE if any(each.failed for each in done.missing) else 0


def _prepare(stack: LocalStack, made: files.Files) -> Bench:
    _say(f"importing {made.rows:,} rows of {made.kind} once, for the clean rows")
    return timeoutlab.prepare(stack, made)


def _say(text: str) -> None:
    click.echo(text, err=True)


def dumps(recording: Recording) -> str:
    """The recording as JSON, with what follows from it."""
    found = {
        **recording.to_dict(),
        "figures": [
            {
                "kind": figure.kind,
                "yardstick": figure.yardstick,
                "what": figure.what,
                "variant": figure.variant,
                "rows": figure.rows,
                "seconds": round(figure.seconds, 4),
                "rows_per_second": round(figure.rate, 1),
                "n": len(figure.samples),
            }
            for figure in figures(recording)
        ],
        "ratios": ratios(recording),
    }
    return json.dumps(found, indent=1, allow_nan=False) + "\n"
