"""Which stack a command runs on: ``--stack local`` or ``--stack compose``."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from loadtest.stack.local import LocalStack
from loadtest.stack.trial_stack import TrialStack

LOCAL, COMPOSE = "local", "compose"
Command = TypeVar("Command", bound=Callable[..., Any])


def stack_option(command: Command) -> Command:
    """Adds ``--stack`` to a click command, as the argument *stack_name*."""
    return click.option(
        "--stack", "stack_name", type=click.Choice([LOCAL, COMPOSE]), default=LOCAL, show_default=True,
        help="local: processes of this machine, from wheels alone. compose: containers of docker-compose.yml; needs a "
        "Docker engine, and builds the images (minutes the first time).",
    )(command)  # fmt: skip


def make(stack_name: str, home: Path, env: Mapping[str, str], port: int | None = None) -> TrialStack:
    """The stack of that name, not started yet; arguments as TrialStack takes them."""
    if stack_name == COMPOSE:
        from loadtest.stack.compose import ComposeStack  # noqa: PLC0415 - the Docker SDK only for whom it serves

        return ComposeStack(home, env=env, port=port)
    return LocalStack(home, env=env, port=port)
