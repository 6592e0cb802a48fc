"""``timeoutlab sizing``."""

from pathlib import Path

import click
from rich.console import Console

import config
from fixtures.cache import fixture
from fixtures.kinds import KINDS
from fixtures.manifest import Manifest
from loadtest.errors import UsageError
from loadtest.report import as_json, markdown, terminal
from loadtest.report.output import require_writable, save
from loadtest.sizing import findings, guide, options, plan, profile, verdict
from loadtest.sizing.progress import Display
from loadtest.sizing.record import Recording
from loadtest.sizing.run import Runner
from loadtest.sizing.trials import SEED, Trials
from loadtest.stack import choice, machine
from loadtest.stack.environment import caller_settings

DEFAULT_PROFILES = ("guide", "offline", "openphone")
WIDTH = 100


@click.command()
@click.option(
    "--kind", type=click.Choice(list(KINDS)), default="contacts", show_default=True,
    help="The CSV that is imported: contacts (one a row), propertyradar (properties, each with up to two contacts, so "
    "more calls a row), campaign (its contacts, and what came of the message to each).",
)  # fmt: skip
@click.option(
    "--rows", type=options.Sizes(), help="Only these file sizes, each of them measured.  [default: those of the guide]"
)
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
@choice.stack_option
@click.option("--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write the result as JSON.")
@click.option(
    "--markdown", "markdown_path", type=click.Path(dir_okay=False, path_type=Path), help="Write it as Markdown."
)
@click.option("--record", type=click.Path(dir_okay=False, path_type=Path), help="Write the raw recording as JSON.")
def sizing(
    *,
    kind: str,
    rows: tuple[int, ...] | None,
    profile_names: tuple[str, ...],
    judge: str | None,
    repeat: int,
    workers: int | None,
    full: bool,
    stack_name: str,
    json_path: Path | None,
    markdown_path: Path | None,
    record: Path | None,
) -> int:
    """Check the sizing guide (rows -> seconds -> timeout) against real runs on this machine.

    Starts PostgreSQL, Redis, a mocked OpenPhone, gunicorn and nginx, imports files of the guide's sizes, kills
    one import on purpose and resumes it, counts every contact on both sides, and prints claim beside measurement.

    \b
    timeoutlab sizing                         under three minutes; larger sizes are predicted, and say so
    timeoutlab sizing --full                  every size measured, about 20 minutes
    timeoutlab sizing --rows 2000 --repeat 3  your own size, three times
    timeoutlab sizing --kind propertyradar    another CSV: its properties and their contacts are counted too
    timeoutlab sizing --stack compose         the same in containers

    Exit code 0: every timeout of the guide holds. 1: one does not, or a row was lost or doubled. 3: no verdict.
    """
    book = guide.load()
    home = config.load_harness_settings().home
    chosen = [profile.load(name) for name in profile_names or DEFAULT_PROFILES]
    judged = options.judged(judge, chosen)
    workers = options.workers(workers)
    options.check_settings(chosen)
    require_writable(json_path, markdown_path, record)
    for path in (json_path, markdown_path, record):
        if path is not None and path.is_file():
            path.unlink()  # a run that is stopped must not leave the last one's result to be taken for its own
    sizes = rows or tuple(claim.rows for claim in book.claims)
    recording = Recording(
        stack=stack_name,
        machine=machine.describe(),
        settings={"workers": workers, "repeat": repeat, "full": full, "seed": SEED, **options.passed_on()},
        sizes=sizes,
        profiles=tuple(sorted(chosen, key=lambda item: item.name != judged)),
        judged=judged,
        kind=kind,
    )
    # A manifest large enough to tell for all sizes, yet made in no time.
    [sample] = _make_fixtures(kind, {min(plan.QUICK_ROWS, max(sizes))}, home)
    todo = plan.make(
        book,
        chosen,
        judged,
        sizes,
        full=full or rows is not None,
        repeat=repeat,
        contacts_per_row=sample.contacts_per_row,
    )
    with Display(todo) as display:
        jobs = todo.jobs()
        display.say(f"{len(jobs)} trial{'s' * (len(jobs) > 1)}, about {todo.seconds:.0f} s")
        _make_fixtures(kind, {job.rows for job in jobs}, home)
        with choice.make(stack_name, home, caller_settings()) as stack:
            if stack_name == choice.COMPOSE:
                display.say("building the images, minutes the first time, and starting db, redis and openphone")
            stack.start(web=False)
            runner = Runner(stack, Trials(stack, home, kind, workers), recording, display)
            recording = runner.run(todo)
    result = verdict.judge(recording, book)
    found = findings.find(result)
    try:
        save(record, recording.save)
        save(json_path, lambda path: path.write_text(as_json.dumps(result, found), encoding="utf-8"))
        save(markdown_path, lambda path: path.write_text(markdown.text(result, found), encoding="utf-8"))
    finally:
        # The files first, as whoever reads the table may hang up; and the table whatever became of the files.
        out = Console()
        color = out.is_terminal and not out.no_color
        click.echo(terminal.text(result, found, width=min(WIDTH, out.width) if out.is_terminal else WIDTH, color=color))
    return result.exit_code


def _make_fixtures(kind: str, sizes: set[int], home: Path) -> list[Manifest]:
    try:
        return [fixture(kind, rows, SEED, cache_dir=home / "fixtures")[1] for rows in sorted(sizes)]
    except OSError as error:
        raise UsageError(f"TIMEOUTLAB_HOME={home}: cannot be used: {error}") from error
    except ValueError as error:
        raise UsageError(f"--rows: {error}") from error
