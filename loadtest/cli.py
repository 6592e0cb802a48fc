"""``timeoutlab``: the harness's commands."""

import click

from loadtest import commands

COMMANDS = {
    "sizing": ("loadtest.sizing.command", "check the sizing guide against real runs"),
    "verify": ("loadtest.verify.command", "check which timeout is really in force"),
    "bench": ("loadtest.bench", "import speed beside the database's own limit, and whether it has changed"),
    "chaos": ("loadtest.chaos.command", "kill what works on an import, and count what is lost"),
    "up": ("loadtest.stack.command", "start the stack to play with"),
    "down": ("loadtest.stack.command", "stop it"),
    "import": ("loadtest.client.command", "send a CSV, in parts that fit into the timeout"),
    "split": ("loadtest.client.split_command", "cut a CSV into parts"),
    "fixtures": ("fixtures.command", "make CSV files with a manifest of what is in them"),
    "mock": ("loadtest.openphone.command", "run the mocked OpenPhone API"),
}


@click.command(cls=commands.Commands, table=COMMANDS)
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
    """Runs a command."""
    commands.main(cli, "timeoutlab")


if __name__ == "__main__":
    main()
