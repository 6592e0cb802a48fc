"""``timeoutlab verify``."""

import json
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table

from config import load_harness_settings, load_settings
from loadtest.errors import HarnessError
from loadtest.report.output import require_writable, save
from loadtest.stack import choice, state
from loadtest.stack.environment import free_settings
from loadtest.verify import checks, evidence, provoke

WIDTH = 100
TAKES_EFFECT = {
    choice.LOCAL: "A setting takes effect at a start: make down, then make up.",
    choice.COMPOSE: "A setting takes effect with `docker-compose up -d`; `restart` keeps the old one.",
}


@click.command()
@click.option(
    "--provoke", "by_behaviour", is_flag=True, help="Also kill an import on purpose, on a stack of its own (15 s)."
)
@choice.stack_option
@click.option("--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write the result as JSON.")
def verify(*, by_behaviour: bool, stack_name: str, json_path: Path | None) -> int:
    """Check that the timeout which is set is the one in force, on the stack that is up.

    Compares what `ps` shows for gunicorn's master and workers with the settings: those the stack was started with, and
    over them what is in this shell's environment. So a GUNICORN_TIMEOUT that was exported after the start, and is not
    in force, is found. So does nginx's configuration, which has to wait longer than gunicorn.

    With --stack compose it is the stack of `up --stack compose`, or if there is none, the one that `docker-compose up`
    started from this checkout; what is set is then what docker-compose.yml, .env and the environment say now.

    \b
    timeoutlab up && timeoutlab verify
    GUNICORN_TIMEOUT=60 timeoutlab verify     is it 60?
    timeoutlab verify --provoke               and does it kill?
    timeoutlab verify --stack compose         in containers

    Exit code 0: everything as set. 1: something differs, and is named. 3: nothing is up.
    """
    require_writable(json_path)
    home = load_harness_settings().home
    found = in_force(home, stack_name)
    if by_behaviour:
        found += provoke.killed_in_band(home, stack_name)
    _print(found, stack_name)
    save(json_path, lambda path: path.write_text(_as_json(found, stack_name), encoding="utf-8"))
    return 0 if all(check.ok for check in found) else 1


def in_force(home: Path, stack_name: str) -> list[checks.Check]:
    """What the running stack's web and nginx show beside what is set. Raises HarnessError when nothing is up."""
    running = state.Up.load(home)
    if running and running.stack == stack_name:
        asked = free_settings()
        expected = {**running.settings, **asked}
        seen = evidence.of_up(running)
    elif stack_name == choice.COMPOSE:
        expected, seen = evidence.of_checkout()
    else:
        raise HarnessError("nothing is up; start the stack with `make up` (or timeoutlab up), then verify it")
    settings = load_settings(expected)
    return (
        checks.command_lines(seen.processes, settings)
        + checks.environment(seen.environ, setproctitle=seen.setproctitle)
        + checks.nginx(seen.nginx_conf, settings, expected.get("NGINX_PROXY_READ_TIMEOUT"))
    )


def _as_json(found: list[checks.Check], stack_name: str) -> str:
    items = [{"layer": c.layer, "name": c.name, "expected": c.expected, "found": c.found, "ok": c.ok} for c in found]
    return json.dumps({"schema": 1, "stack": stack_name, "checks": items}, indent=1) + "\n"


def _print(found: list[checks.Check], stack_name: str) -> None:
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
        console.print(TAKES_EFFECT[stack_name])
    else:
        console.print("Every layer that was looked at is as set.")
