"""``timeoutlab``: the harness's commands."""

import importlib
import sys

import click

from config import ConfigError
from loadtest.errors import HarnessError

# Loaded when used: no command waits for another one's imports.
COMMANDS = {
    "sizing": ("loadtest.sizing.command", "check the sizing guide against real runs"),
    "verify": ("loadtest.verify.command", "check which timeout is really in force"),
    "up": ("loadtest.stack.command", "start the stack to play with"),
    "down": ("loadtest.stack.command", "stop it"),
    "fixtures": ("fixtures.command", "make CSV files with a manifest of what is in them"),
    "mock": ("loadtest.openphone.command", "run the mocked OpenPhone API"),
}
INTERRUPTED = 130


class Commands(click.Group):
    """The commands of COMMANDS, in that order."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(COMMANDS[cmd_name][0]), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in --help, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, help_) in COMMANDS.items()])


@click.command(cls=Commands)
def cli() -> None:
    """Which Gunicorn timeout does my CSV import need, and does every layer of my stack honour it?

    \b
    timeoutlab sizing        the answer, measured on this machine in under three minutes
    timeoutlab up            the stack to play with; timeoutlab down stops it
    timeoutlab verify        what is in force on that stack

    Exit codes of every command: 0 pass, 1 verdict fail, 2 wrong usage or setting, 3 inconclusive, 4 could not start,
    130 Ctrl-C.
    """


def main() -> None:
    """Runs a command; every error a person can meet is one line, without a traceback."""
    try:
        code = cli.main(standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("stopped by Ctrl-C; everything that was started has been stopped", err=True)
        sys.exit(INTERRUPTED)
    except click.exceptions.Exit as leaving:
        sys.exit(leaving.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except ConfigError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
    except HarnessError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
    sys.exit(code if isinstance(code, int) else 0)
