"""``bench timeline``."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

import config
from app import logs
from benchmarks import files
from benchmarks.timeline.measure import measure
from benchmarks.timeline.recording import Timeline
from benchmarks.timeline.svg import svg
from benchmarks.timeline.text import text
from loadtest.report.output import require_writable, save
from loadtest.stack import machine
from loadtest.stack.environment import free_settings
from loadtest.stack.local import LocalStack


@click.command()
@click.option("--kind", type=click.Choice(files.KINDS), default="contacts", show_default=True, help="Which CSV.")
@click.option("--rows", type=click.IntRange(20, 2_000_000), default=50_000, show_default=True, help="Rows of the file.")
@click.option(
    "--again", is_flag=True, help="Import it, then look at the import of the same with 10% of the rows changed."
)
@click.option(
    "--svg", "svg_path", type=click.Path(dir_okay=False, path_type=Path), help="Write the picture (SVG).",
)  # fmt: skip
@click.option("--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write all of it as JSON.")
def timeline(*, kind: str, rows: int, again: bool, svg_path: Path | None, json_path: Path | None) -> int:
    """One import's time line: who works, and who waits for whom.

    The import's own thread waits for PostgreSQL while another makes the next chunk ready. One import is done in this
    process with the app's own code, as its background worker does it, and every stage written down by thread; of
    PostgreSQL, what its client sees: a statement, COPY or commit that is under way. All rows are counted first.

    \b
    python -m benchmarks timeline --rows 5000                    a first look
    python -m benchmarks timeline --kind propertyradar --svg propertyradar.svg

    Exit code 0: measured. 1: the import has lost or doubled something. 3: it could not be measured.
    """
    require_writable(svg_path, json_path)
    logs.configure("warning")  # the app's words for what goes well are no result
    home = config.load_harness_settings().home
    described = machine.describe()
    # Those that a stack has of its own say nothing here, and some are secrets.
    settings = free_settings()
    with tempfile.TemporaryDirectory(prefix="timeoutlab-") as scratch, LocalStack(home, env=settings) as stack:
        stack.start(web=False)
        found = measure(stack, files.make(kind, rows, home, Path(scratch)), settings, again=again)
    save(json_path, lambda path: path.write_text(dumps(found, described, settings), encoding="utf-8"))
    save(svg_path, lambda path: path.write_text(svg(found), encoding="utf-8"))
    click.echo(text(found, described))
    return 0


def dumps(found: Timeline, described: Mapping[str, Any], settings: Mapping[str, str]) -> str:
    """The time line as JSON, in seconds since the import began."""
    told = {
        "schema": 1,
        "machine": described,
        "settings": settings,
        "kind": found.kind,
        "rows": found.rows,
        "again": found.again,
        "figures": {name: round(seconds, 6) for name, seconds in asdict(found.figures()).items()},
        "intervals": [
            {"lane": lane, "name": name, "begin": round(begin, 6), "end": round(end, 6)}
            for lane, name, begin, end in sorted(found.intervals, key=lambda each: each.begin)
        ],
    }
    return json.dumps(told, indent=1, allow_nan=False) + "\n"
