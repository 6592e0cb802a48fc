"""`timeoutlab up` and `timeoutlab down`: the stack to play with."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from math import ceil
from pathlib import Path

import click

import config
from loadtest.errors import UsageError
from loadtest.stack import choice, state
from loadtest.stack.base import BACKGROUND, SERVICES
from loadtest.stack.environment import caller_settings, has_worker
from loadtest.stack.leftovers import sweep
from loadtest.stack.process import ROOT
from loadtest.stack.runs import Started

SAMPLE = ROOT / "fixtures" / "samples" / "contacts-1000.csv"
SAMPLE_CONTACTS = 930


@click.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Port of nginx, on 127.0.0.1."
)
@choice.stack_option
def up(port: int, stack_name: str) -> None:
    """Start the stack to play with, until `down`: PostgreSQL, Redis, the mocked OpenPhone, nginx, web, worker and beat.

    Prints where each answers, an API key, and a line that imports a sample. The app's settings are taken from the
    environment (.env.example lists them), except where the services are: those are always the stack's own. The
    database is new each time.

    \b
    Example:
      GUNICORN_TIMEOUT=30 timeoutlab up
      ps aux | grep gunicorn
      timeoutlab up --stack compose     the same in containers
    """
    home = _home()
    with state.only_one(home):
        running = state.Up.load(home)
        if running and _still_up(home, running):
            click.echo(f"already up, since {running.started_at}; to change anything: make down, then make up\n")
        else:
            running = _start(home, port, stack_name)
        click.echo(_described(running))


@click.command()
def down() -> None:
    """Stop the stack that `up` started, and whatever a harness that was killed has left running. Its data is removed.

    \b
    Example:
      timeoutlab down
    """
    home = _home()
    with state.only_one(home):
        running = state.Up.load(home)
        if running:
            dead = running.dead()
            click.echo(f"stopped {_named(running.run.end_all(), but=dead)}")
            if dead:
                click.echo(f"had ended before: {', '.join(dead)}; see {running.run_directory}")
            state.remove(home)
        leftovers = sweep(home)
        if leftovers:
            click.echo(f"stopped leftovers of a run that was killed: {_named(leftovers)}")
        if not running and not leftovers:
            click.echo("nothing is up")


def _home() -> Path:
    try:
        return config.load_harness_settings().home.absolute()
    except config.ConfigError as error:
        raise UsageError(str(error)) from error


def _still_up(home: Path, running: state.Up) -> bool:
    dead = running.dead()
    if dead:
        click.echo(f"of the stack of {running.started_at}, {', '.join(dead)} had ended; it is replaced by a new one")
        running.run.end_all()
        state.remove(home)
    return not dead


def _start(home: Path, port: int, stack_name: str) -> state.Up:
    settings = caller_settings()
    services = [name for name in SERVICES if name not in BACKGROUND or has_worker(settings)]
    with choice.make(stack_name, home, settings, port) as stack:
        built = " (images are built first, minutes the first time)" if stack_name == choice.COMPOSE else ""
        click.echo(f"starting {', '.join(services)}{built} ...")
        stack.start(web=True)
        if stack.swept:
            click.echo(f"stopped leftovers of a run that was killed: {_named(stack.swept)}")
        started = state.Up(
            run_directory=str(stack.run.directory),
            started_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
            web_url=stack.url("web"),
            openphone_url=stack.url("openphone"),
            database_url=stack.url("db"),
            redis_url=stack.url("redis"),
            api_key=stack.web.api_key,
            openphone_key=stack.web.openphone_key,
            settings=stack.web.env,
            stack=stack_name,
        )
        started.save(home)
        stack.detach()
    return started


def _named(processes: list[Started], but: Sequence[str] = ()) -> str:
    """*but*: containers that are removed though they had ended."""
    named = [f"{each.name} (pid {each.pid})" for each in processes if each.name not in but]
    return ", ".join(named) or "nothing, all had ended"


def _described(running: state.Up) -> str:
    settings = config.load_settings(running.settings)
    sample = SAMPLE.relative_to(ROOT) if Path.cwd() == ROOT else SAMPLE
    lines = [
        f"web        {running.web_url} (nginx; {_where(running)})",
        f"           GUNICORN_TIMEOUT={settings.gunicorn_timeout} GUNICORN_WORKERS={settings.gunicorn_workers}",
        f"API key    {running.api_key}",
        f"openphone  {running.openphone_url}/_mock/accounts/{running.openphone_key}/contacts",
        f"db         {running.database_url}",
        f"redis      {running.redis_url}",
        f"logs       {os.path.relpath(running.run_directory)}",
        "",
        f"Import the sample of 1,000 rows{_pace(settings)}:",
        f"  curl -H 'Authorization: Bearer {running.api_key}' -F file=@{sample} -F kind=contacts -F mode=sync "
        f"{running.web_url}/api/imports",
        "",
        "Stop everything: make down",
    ]
    return "\n".join(lines)


def _where(running: state.Up) -> str:
    web = running.container("web") if running.stack == choice.COMPOSE else None
    return f"docker exec {web.name} ps aux" if web else f"gunicorn behind it on {running.settings['WEB_BIND']}"


def _pace(settings: config.Settings) -> str:
    if settings.openphone_sync == "off" or not settings.openphone_rate_per_second:
        return ""
    seconds = ceil(SAMPLE_CONTACTS / settings.openphone_rate_per_second)
    rate = f"OPENPHONE_RATE_PER_SECOND={settings.openphone_rate_per_second}"
    if settings.openphone_sync == "background":
        return f" (the worker tells OpenPhone of its {SAMPLE_CONTACTS} contacts, in about {seconds} s at {rate})"
    pace = f" (about {seconds} s: its {SAMPLE_CONTACTS} contacts go to OpenPhone at {rate}"
    timeout = f"GUNICORN_TIMEOUT={settings.gunicorn_timeout}"
    if settings.hands_off and settings.gunicorn_timeout * settings.import_handoff_fraction < seconds:
        pace += f"; too long for {timeout}, so the worker takes over and the answer is a 202"
    elif 0 < settings.gunicorn_timeout < seconds:
        pace += (
            f"; longer than {timeout}, so it will be killed. Nothing is lost: the same line again goes on where it "
            "stopped"
        )
    return f"{pace})"
