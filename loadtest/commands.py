"""A command line of many commands: each loaded when it is used, every error a person can meet one line."""

import importlib
import keyword
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Mapping
from contextlib import suppress
from types import FrameType
from typing import Any, NoReturn

import click

from config import ConfigError
from loadtest.errors import HarnessError

INTERRUPTED = 130
UNEXPECTED = HarnessError.exit_code


class Commands(click.Group):
    """The commands of *table*, in that order: name -> (module, or module:attribute, and a line of help)."""

    def __init__(self, *args: Any, table: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now: no command waits for another one's imports."""
        if cmd_name not in self.table:
            return None
        name = cmd_name.replace("-", "_")
        module, _, attribute = self.table[cmd_name][0].partition(":")
        attribute = attribute or (f"{name}_" if keyword.iskeyword(name) else name)
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in --help, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, help_) in self.table.items()])


class Stopped(KeyboardInterrupt):
    """A signal that ends a command like Ctrl-C does: what was started is stopped first."""


def main(cli: click.Command, name: str) -> NoReturn:
    """Runs a command of *cli*, which a person calls *name*; its errors are one line, without a traceback."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # nohup has a reason to ignore SIGHUP
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _stop)
    try:
        code = cli.main(prog_name=name, standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt) as error:
        stopped = error if isinstance(error, Stopped) else error.__cause__
        by = str(stopped) if isinstance(stopped, Stopped) else "Ctrl-C"
        _leave(f"stopped by {by}; everything that was started has been stopped", INTERRUPTED)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else name
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
