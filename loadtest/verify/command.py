"""``timeoutlab verify``."""

import importlib.util
import json
from pathlib import Path

import click
import psutil
from rich import box
from rich.console import Console
from rich.table import Table

from config import load_harness_settings, load_settings
from loadtest.errors import HarnessError, StackDied
from loadtest.report.output import require_writable, save
from loadtest.stack import state
from loadtest.stack.environment import caller_settings
from loadtest.verify import checks, provoke

WIDTH = 100


@click.command()
@click.option(
    "--provoke", "by_behaviour", is_flag=True, help="Also kill an import on purpose, on a stack of its own (15 s)."
)
@click.option("--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write the result as JSON.")
def verify(*, by_behaviour: bool, json_path: Path | None) -> int:
    """Check that the timeout which is set is the one in force, on the stack that `up` started.

    Compares what `ps` shows for gunicorn's master and workers with the settings: those the stack was started with, and
    over them what is in this shell's environment. So a GUNICORN_TIMEOUT that was exported after the start, and is not
    in force, is found.

    \b
    timeoutlab up && timeoutlab verify
    GUNICORN_TIMEOUT=60 timeoutlab verify     is it 60?
    timeoutlab verify --provoke               and does it kill?

    Exit code 0: everything as set. 1: something differs, and is named. 3: nothing is up.
    """
    require_writable(json_path)
    home = load_harness_settings().home
    found = in_force(home)
    if by_behaviour:
        found += provoke.killed_in_band(home)
    _print(found)
    save(json_path, lambda path: path.write_text(_as_json(found), encoding="utf-8"))
    return 0 if all(check.ok for check in found) else 1


def in_force(home: Path) -> list[checks.Check]:
    """What the running stack's web shows. Raises HarnessError when nothing is up."""
    running = state.Up.load(home)
    if running is None:
        raise HarnessError("nothing is up; start the stack with `make up` (or timeoutlab up), then verify it")
    processes = running.ps()
    if not processes:
        raise StackDied(f"web has ended; see {running.log_path('web')}")
    settings = load_settings({**running.settings, **_asked(running.settings)})
    try:
        environ = psutil.Process(processes[0].pid).environ()
    except psutil.Error as error:
        raise HarnessError(f"the environment of gunicorn's master can't be read: {error}") from error
    # On this machine the harness and the app share one Python.
    hidden = importlib.util.find_spec("setproctitle") is not None
    return checks.command_lines(processes, settings) + checks.environment(environ, setproctitle=hidden)


def _as_json(found: list[checks.Check]) -> str:
    items = [{"layer": c.layer, "name": c.name, "expected": c.expected, "found": c.found, "ok": c.ok} for c in found]
    return json.dumps({"schema": 1, "stack": "local", "checks": items}, indent=1) + "\n"


def _asked(started_with: dict[str, str]) -> dict[str, str]:
    """The caller's settings, without those that are the stack's own."""
    own = {"DATABASE_URL", "REDIS_URL", "REDIS_PREFIX", "OPENPHONE_BASE_URL", "OPENPHONE_API_KEY", "WEB_BIND"}
    return {name: value for name, value in caller_settings().items() if name not in own & set(started_with)}


def _print(found: list[checks.Check]) -> None:
    console = Console(width=WIDTH, highlight=False, markup=False)
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("layer", "what", "set", "in force", ""):
        table.add_column(name)
    for check in found:
        table.add_row(check.layer, check.name, check.expected, check.found, "ok" if check.ok else "DIFFERS")
    console.print(table)
    differing = [check for check in found if not check.ok]
    for check in differing:
        console.print(f"{check.layer}: {check.name} is {check.found}, set is {check.expected}")
    if differing:
        console.print("A setting takes effect at a start: make down, then make up.")
    else:
        console.print("Every layer that was looked at is as set.")
