"""``timeoutlab chaos``."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

import config
from fixtures.cache import fixture
from fixtures.kinds import KINDS
from loadtest.chaos import plan, text, verdict
from loadtest.chaos import rounds as running
from loadtest.chaos.record import Round
from loadtest.chaos.scene import Scene
from loadtest.errors import HarnessError, UsageError
from loadtest.report.output import require_writable, save
from loadtest.sizing.trials import SEED as FIXTURE_SEED
from loadtest.stack import choice, machine
from loadtest.stack.environment import caller_settings


@dataclass(frozen=True)
class Scenario:
    """What it is about unless options say otherwise."""

    kind: str
    rows: int
    sync: str


SCENARIOS = {
    "worker": Scenario("propertyradar", 50_000, "background"),
    "handoff": Scenario("contacts", 5_000, "inline"),
    "killed": Scenario("contacts", 5_000, "inline"),
}


@click.command()
@click.option(
    "--scenario", type=click.Choice(list(SCENARIOS)), default="worker", show_default=True,
    help="worker: an upload in the background, disturbed five times. handoff: a request that runs out of time. killed: "
    "the same without a hand-off.",
)  # fmt: skip
@click.option(
    "--kind", type=click.Choice(list(KINDS)),
    help="The CSV that is imported.  [default: propertyradar; contacts for handoff and killed]",
)  # fmt: skip
@click.option(
    "--rows", type=click.IntRange(100, 2_000_000), metavar="ROWS",
    help="Rows of the CSV.  [default: 50000; 5000 for handoff and killed]",
)  # fmt: skip
@click.option("--rounds", type=click.IntRange(1, 10_000), default=10, show_default=True, help="Imports, one a round.")
@click.option(
    "--seed", type=click.IntRange(0, 2**31), default=1, show_default=True,
    help="Of the first round, the next has the next number. So --seed 7 --rounds 1 repeats the round with seed 7.",
)  # fmt: skip
@click.option(
    "--sync", type=click.Choice(["background", "inline"]),
    help="How contacts get to OpenPhone in scenario worker: behind the imports, or by each import.  "
    "[default: background; handoff and killed are always inline]",
)  # fmt: skip
@click.option("--stuck", is_flag=True, help="Scenario killed: the request waits inside a query when it is killed.")
@click.option(
    "--side-by-side", type=click.IntRange(1, 32), default=1, show_default=True, metavar="N",
    help="Rounds at a time. In handoff and killed they mostly wait; rounds of worker would restart each other's "
    "PostgreSQL.",
)  # fmt: skip
@click.option("--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write all rounds as JSON.")
@choice.stack_option
def chaos(
    *,
    scenario: str,
    kind: str | None,
    rows: int | None,
    rounds: int,
    seed: int,
    sync: str | None,
    stuck: bool,
    side_by_side: int,
    json_path: Path | None,
    stack_name: str,
) -> int:
    """Kill what works on an import, again and again, then count: is anything lost, or doubled?

    Every round has a fresh database, worker, beat and OpenPhone account. At its end every row is counted against what
    the file's maker says is in it: in the database, in the import's own report, and in the mock's whole store.

    \b
    worker   While the file is loaded, and while OpenPhone is told of its contacts, the worker is killed three times
             (SIGKILL, all its processes; then started, as docker would), Redis is flushed and PostgreSQL restarted, at
             points drawn from the seed, each when the import has gone on after the last. It must go on within 60 s.
    handoff  A request of 10 s, 15 ms for each contact: it must answer 202 in time, and the worker do the rest.
    killed   The same with IMPORT_HANDOFF=off: the request is shot, found interrupted within 2 s, and taken up.

    In worker, rows go in by chunks of 10,000, but by five at least. That, as all settings of the app, is taken from the
    environment where it is set: IMPORT_CHUNK_ROWS=500 timeoutlab chaos.

    \b
    timeoutlab chaos --rows 2000 --rounds 1                      a first look, under a minute
    timeoutlab chaos --json chaos.json                           ten imports of 50,000 rows: about an hour
    timeoutlab chaos --sync inline                               each import syncs its own contacts
    timeoutlab chaos --scenario handoff --side-by-side 5         ten requests that run out of time
    timeoutlab chaos --scenario killed --stuck --side-by-side 5  ten that are shot inside a query

    Exit code 0: all rounds are exact. 1: something is lost or doubled, an import hangs or took over 60 s to go on, a
    request was shot in spite of the hand-off. 3: no verdict, a service died on the way or the import was done before
    it could be disturbed.
    """
    usual = SCENARIOS[scenario]
    if scenario != "worker" and sync == "background":
        raise UsageError(f"--sync background: {scenario} is about what a request does itself; leave it out")
    if stuck and scenario != "killed":
        raise UsageError("--stuck: is for --scenario killed")
    if scenario == "worker" and side_by_side > 1:
        raise UsageError("--side-by-side: rounds of worker would restart each other's PostgreSQL; leave it out")
    require_writable(json_path)
    if json_path is not None and json_path.is_file():
        json_path.unlink()  # what is there afterwards is of this run
    home = config.load_harness_settings().home
    try:
        csv, manifest = fixture(kind or usual.kind, rows or usual.rows, FIXTURE_SEED, cache_dir=home / "fixtures")
    except OSError as error:
        raise UsageError(f"TIMEOUTLAB_HOME={home}: cannot be used: {error}") from error
    except ValueError as error:
        raise UsageError(f"--rows: {error}") from error
    chunks = {"IMPORT_CHUNK_ROWS": str(plan.chunk_rows(manifest.rows))} if scenario == "worker" else {}
    settings = {**chunks, **caller_settings()}
    about = {
        "schema": 1,
        "scenario": scenario,
        "kind": manifest.kind,
        "rows": manifest.rows,
        "seed": seed,
        "sync": sync or usual.sync,
        "stuck": stuck,
        "asked": rounds,
        "stack": stack_name,
        "settings": settings,
        "machine": machine.describe(),
    }
    done: list[Round] = []

    def keep(found: Round) -> None:
        done.append(found)
        click.echo(text.line(found))

    try:
        with choice.make(stack_name, home, settings) as stack:
            stack.start(web=False)
            scene = Scene(stack, csv, manifest, sync or usual.sync, stuck)
            running.carry_out(scene, scenario, keep, rounds=rounds, seed=seed, side_by_side=side_by_side)
    except HarnessError as error:
        # What was lost before the stack died is lost all the same.
        if verdict.exit_code(done, rounds) != verdict.FAIL:
            raise
        click.echo(f"error: {error}", err=True)
    finally:
        # Also of a run that was stopped: hours may be in it.
        code = verdict.exit_code(done, rounds)
        save(json_path, lambda path: path.write_text(_json(about, done, code), encoding="utf-8"))
        if done:
            click.echo(text.summary(done, rounds, code))
    return code


def _json(about: dict[str, Any], done: list[Round], code: int) -> str:
    found = {
        **about,
        "verdict": verdict.WORDS[code],
        "exit_code": code,
        "rounds": [
            {**each.as_json(), "failings": verdict.failings(each), "doubts": verdict.doubts(each)} for each in done
        ],
    }
    return json.dumps(found, indent=1, allow_nan=False) + "\n"
