"""``timeoutlab sizing``."""

from pathlib import Path

import click

from config import load_harness_settings, load_settings
from fixtures.cache import fixture
from loadtest.errors import UsageError
from loadtest.report import as_json, markdown, terminal
from loadtest.sizing import findings, guide, machine, plan, profile, verdict
from loadtest.sizing.progress import Display
from loadtest.sizing.record import Recording
from loadtest.sizing.run import Runner
from loadtest.sizing.trials import SEED, Trials
from loadtest.stack.environment import caller_settings
from loadtest.stack.local import LocalStack

DEFAULT_PROFILES = ("guide", "offline", "openphone")
WIDTH = 100


class Sizes(click.ParamType[tuple[int, ...]]):
    """``1000,5000`` -> (1000, 5000)."""

    name = "ROWS[,ROWS]"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        """The sizes, smallest first. Fails for anything but whole numbers above 0."""
        if isinstance(value, tuple):
            return value
        parts = str(value).split(",")
        if not all(part.isascii() and part.isdecimal() and 0 < int(part) <= 2_000_000 for part in parts):
            self.fail(
                f"{value!r}: whole numbers of rows from 1 to 2,000,000 with commas between, like 1000,5000", param, ctx
            )
        return tuple(sorted({int(part) for part in parts}))


@click.command()
@click.option("--rows", type=Sizes(), help="Only these file sizes.  [default: those of the guide]")
@click.option(
    "--profile", "profile_names", multiple=True, metavar="NAME|FILE",
    help="What the world looks like: guide, offline, openphone, degraded, or your own TOML file. May be repeated.  "
    "[default: guide, offline, openphone]",
)  # fmt: skip
@click.option("--judge", metavar="NAME", help="The profile that decides the verdict.  [default: guide, or the first]")
@click.option("--repeat", type=click.IntRange(1, 100), default=1, show_default=True, help="Runs of each measured size.")
@click.option("--workers", type=click.IntRange(2, 64), help="GUNICORN_WORKERS of the trials.  [default: the app's, 4]")
@click.option(
    "--full", is_flag=True, help="Measure every size of the guide, not only up to 5,000 rows: about 20 minutes."
)
@click.option("--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write the result as JSON.")
@click.option(
    "--markdown", "markdown_path", type=click.Path(dir_okay=False, path_type=Path), help="Write it as Markdown."
)
@click.option("--record", type=click.Path(dir_okay=False, path_type=Path), help="Write the raw recording as JSON.")
def sizing(
    *,
    rows: tuple[int, ...] | None,
    profile_names: tuple[str, ...],
    judge: str | None,
    repeat: int,
    workers: int | None,
    full: bool,
    json_path: Path | None,
    markdown_path: Path | None,
    record: Path | None,
) -> int:
    """Check the sizing guide (rows -> seconds -> timeout) against real runs on this machine.

    Starts PostgreSQL, Valkey, a mocked OpenPhone and gunicorn from wheels, imports files of the guide's sizes, kills
    one import on purpose and resumes it, counts every contact on both sides, and prints claim beside measurement.

    \b
    timeoutlab sizing                         under three minutes; larger sizes are predicted, and say so
    timeoutlab sizing --full                  every size measured, about 20 minutes
    timeoutlab sizing --rows 2000 --repeat 3  your own size, three times

    Exit code 0: every timeout of the guide holds. 1: one does not, or a row was lost or doubled. 3: no verdict.
    """
    book = guide.load()
    home = load_harness_settings().home
    chosen = [profile.load(name) for name in profile_names or DEFAULT_PROFILES]
    judged = _judged(judge, chosen)
    for path in (json_path, markdown_path, record):
        if path is not None and not path.resolve().parent.is_dir():
            raise UsageError(f"{path}: there is no folder {path.resolve().parent}")
    sizes = rows or tuple(claim.rows for claim in book.claims)
    recording = Recording(
        stack="local",
        machine=machine.describe(),
        settings={"workers": workers or _default_workers(), "repeat": repeat, "full": full, "seed": SEED},
        sizes=sizes,
        profiles=tuple(sorted(chosen, key=lambda item: item.name != judged)),
        judged=judged,
    )
    todo = plan.make(book, chosen, judged, sizes, full=full, repeat=repeat)
    with Display(todo) as display:
        display.say(f"{len(todo.jobs())} trials, about {todo.seconds + 10:.0f} s")
        for size in sorted({job.rows for job in todo.jobs()}):
            fixture(recording.kind, size, SEED, cache_dir=home / "fixtures")
        with LocalStack(home, env=caller_settings()) as stack:
            stack.start(web=False)
            runner = Runner(stack, Trials(stack, home, recording.kind, workers), recording, display)
            recording = runner.run(todo)
    if record:
        recording.save(record)
    result = verdict.judge(recording, book)
    found = findings.find(result)
    if json_path:
        json_path.write_text(as_json.dumps(result, found), encoding="utf-8")
    if markdown_path:
        markdown_path.write_text(markdown.text(result, found), encoding="utf-8")
    click.echo(terminal.text(result, found, width=WIDTH))
    return result.exit_code


def _judged(judge: str | None, chosen: list[profile.Profile]) -> str:
    names = [item.name for item in chosen]
    if len(set(names)) != len(names):
        raise UsageError(f"--profile: {', '.join(names)}: name each profile once")
    if judge is not None and judge not in names:
        raise UsageError(
            f"--judge {judge}: not among the profiles that are run ({', '.join(names)}); add --profile {judge}"
        )
    return judge or ("guide" if "guide" in names else names[0])


def _default_workers() -> int:
    return load_settings({"DATABASE_URL": "postgresql://unused", "OPENPHONE_SYNC": "off"}).gunicorn_workers
