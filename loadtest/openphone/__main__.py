"""`python -m loadtest.openphone`: the mock as a process of its own, as the stack starts it."""

import sys

import click

from loadtest.errors import HarnessError
from loadtest.openphone.command import mock


def main() -> None:
    """Run the command; a HarnessError becomes one line on stderr and its exit code."""
    try:
        mock(prog_name="python -m loadtest.openphone")
    except HarnessError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
