"""``python -m benchmarks.gate gate|self-test``."""

import signal
import sys
from typing import NoReturn

import click

from benchmarks.gate.command import gate
from benchmarks.gate.self_test import self_test
from config import ConfigError
from loadtest.errors import HarnessError


@click.group()
def cli() -> None:
    """Whether a change makes the import slower."""


cli.add_command(gate)
cli.add_command(self_test)


def _stop(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def main() -> None:
    """Runs a command; every error a person can meet is one line."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _stop)
    try:
        code = cli.main(standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("stopped; everything that was started has been stopped", err=True)
        sys.exit(130)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        click.echo(f"error: {error.format_message()}", err=True)
        sys.exit(error.exit_code)
    except (ConfigError, HarnessError) as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(getattr(error, "exit_code", 2))
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
