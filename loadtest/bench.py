"""``timeoutlab bench``."""

import subprocess
import sys

import click

from loadtest.stack.process import ROOT


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    no_args_is_help=True,
)
@click.argument(
    "arguments", nargs=-1, type=click.UNPROCESSED, metavar="COMMAND [ARGS]...", help="Of `python -m benchmarks`."
)
def bench(arguments: tuple[str, ...]) -> int:
    """Import speed: beside what PostgreSQL takes in at best and beside other tools, and whether a change has moved it.

    \b
    python -m benchmarks --help                   its commands: timeoutlab bench is the same
    timeoutlab bench run --rows 500 --rounds 1    a first look
    timeoutlab bench run --help                   what is measured, and how
    """
    with subprocess.Popen([sys.executable, "-m", "benchmarks", *arguments], cwd=ROOT) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # Ctrl-C has reached it, too; any other signal this process alone. It says what became of it.
            process.terminate()
            return process.wait()
