"""``timeoutlab``: the harness's commands."""

import importlib
import keyword
import os
import signal
import sys
import tempfile
import traceback
from contextlib import suppress
from types import FrameType
from typing import NoReturn

import click

from config import ConfigError
from loadtest.errors import HarnessError

# Loaded when used: no command waits for another one's imports.
COMMANDS = {
    "sizing": ("loadtest.sizing.command", "check the sizing guide against real runs"),
    "verify": ("loadtest.verify.command", "check which timeout is really in force"),
    "chaos": ("loadtest.chaos.command", "kill what works on an import, and count what is lost"),
    "up": ("loadtest.stack.command", "start the stack to play with"),
    "down": ("loadtest.stack.command", "stop it"),
    "import": ("loadtest.client.command", "send a CSV, in parts that fit into the timeout"),
    "split": ("loadtest.client.split_command", "cut a CSV into parts"),
    "fixtures": ("fixtures.command", "make CSV files with a manifest of what is in them"),
    "mock": ("loadtest.openphone.command", "run the mocked OpenPhone API"),
}
INTERRUPTED = 130
UNEXPECTED = HarnessError.exit_code


class Commands(click.Group):
    """The commands of COMMANDS, in that order."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        name = f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name
        command: click.Command = getattr(importlib.import_module(COMMANDS[cmd_name][0]), name)
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


class Stopped(KeyboardInterrupt):
    """A signal that ends a command like Ctrl-C does: what was started is stopped first."""


def main() -> None:
    """Runs a command; every error a person can meet is one line, without a traceback."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # nohup has a reason to ignore SIGHUP
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _stop)
    try:
        code = cli.main(prog_name="timeoutlab", standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt) as error:
        stopped = error if isinstance(error, Stopped) else error.__cause__
        by = str(stopped) if isinstance(stopped, Stopped) else "Ctrl-C"
        _leave(f"stopped by {by}; everything that was started has been stopped", INTERRUPTED)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "timeoutlab"
        _leave(f"error: {error.format_message()} (see {command} --help)", error.exit_code)
    except click.ClickException as error:
        _leave(f"error: {error.format_message()}", error.exit_code)
    except ConfigError as error:
        _leave(f"error: {error}", 2)
    except HarnessError as error:
        _leave(f"error: {error}", error.exit_code)
    except Exception as error:
        _leave(f"error: unexpected {type(error).__name__}: {_first_line(error)}; {_kept(error)}", UNEXPECTED)
    sys.exit(code if isinstance(code, int) else 0)


def _stop(number: int, _: FrameType | None) -> None:
    raise Stopped(signal.Signals(number).name)


def _leave(message: str, code: int) -> NoReturn:
    with suppress(OSError):  # a terminal that was closed
        click.echo(message, err=True)
    sys.exit(code)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:200]


def _kept(error: Exception) -> str:
    """Where the traceback of *error* has been written."""
    try:
        number, path = tempfile.mkstemp(prefix="timeoutlab-error-", suffix=".txt")
        with os.fdopen(number, "w", encoding="utf-8") as file:
            traceback.print_exception(error, file=file)
    except OSError as trouble:
        return f"its traceback could not be written: {trouble}"
    return f"please report it with its traceback: {path}"


if __name__ == "__main__":
    main()
