"""``python -m benchmarks``, also called ``timeoutlab bench``."""

import click

from loadtest import commands

COMMANDS = {
    "run": ("benchmarks.command", "measure the import beside the database's own limit and other tools"),
    "scale": ("benchmarks.scale", "a million rows in the background: throughput and memory"),
    "gate": ("benchmarks.gate.command", "whether a change has made it slower: another revision beside this one"),
    "self-test": ("benchmarks.gate.self_test", "how often the gate is wrong"),
    "timeline": ("benchmarks.timeline.command", "one import: readers, lanes, PostgreSQL, and who waits for whom"),
    "phone": ("benchmarks.phone:main", "phone normalisation beside plain phonenumbers"),
    "outbox-rate": ("benchmarks.outbox_rate:main", "how much of OpenPhone's rate limit the outbox uses"),
    "mock": ("benchmarks.mock:main", "how many requests the mocked OpenPhone answers, how exact its latency is"),
    "openphone-calls": ("benchmarks.openphone_calls:main", "what a call to OpenPhone takes, beside plain requests"),
}


@click.command(cls=commands.Commands, table=COMMANDS)
def cli() -> None:
    """What is claimed of the app's speed, measured.

    \b
    python -m benchmarks run --rows 500 --rounds 1    a first look
    python -m benchmarks run --json out.json          all of it

    Exit codes: 0 pass, 1 verdict fail, 2 wrong usage or setting, 3 inconclusive, 4 could not start, 130 Ctrl-C.
    """


if __name__ == "__main__":
    commands.main(cli, "python -m benchmarks")
