"""Options that `gate` and `self-test` share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from benchmarks.gate.decision import Rule
from benchmarks.gate.recording import Plan
from benchmarks.gate.samples import TASKS
from loadtest.errors import UsageError

# Opened at once: what can't be written is said before anything is measured, and what is there then is of this run.
RESULT = click.File("w", encoding="utf-8", lazy=False)
Command = TypeVar("Command", bound=Callable[..., Any])

# As the app's own upload limit has it, for the wider kind.
MAX_ROWS = 150_000


def measuring(command: Command) -> Command:
    """Adds what a run is made of, as the arguments of `plan` and `rule`."""
    for option in reversed(
        [
            click.option(
                "--rows", type=click.IntRange(100, MAX_ROWS), default=20_000, show_default=True,
                help="Rows of each file that is imported.",
            ),
            click.option(
                "--seed", type=click.IntRange(0, 2**31), default=1, show_default=True, help="Of the made-up people."
            ),
            click.option(
                "--rounds", type=click.IntRange(1, 1000), default=10, show_default=True,
                help="Rounds; in each, both trees do each task once.",
            ),
            click.option(
                "--max-rounds", type=click.IntRange(1, 1000), default=30, show_default=True,
                help="Rounds at most, where the first ones settle nothing.",
            ),
            click.option(
                "--threshold", type=click.FloatRange(0.1, 1000), default=10.0, show_default=True, metavar="PERCENT",
                help="A change below it is none: so much longer it may take, so much more memory it may need.",
            ),
            click.option(
                "--measure", "tasks", type=click.Choice(TASKS), multiple=True,
                help="Only this; may be repeated.  [default: all]",
            ),
        ]
    ):  # fmt: skip
        command = option(command)
    return command


def plan(rows: int, seed: int, rounds: int, max_rounds: int, tasks: tuple[str, ...]) -> Plan:
    """Raises UsageError."""
    if max_rounds < rounds:
        raise UsageError(f"--max-rounds {max_rounds}: must not be less than --rounds {rounds}")
    return Plan(rows, seed, rounds, max_rounds, tuple(task for task in TASKS if task in (tasks or TASKS)))


def rule(threshold: float) -> Rule:
    """Of a threshold in per cent."""
    return Rule(threshold / 100)
