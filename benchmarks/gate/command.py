"""``bench gate``."""

from collections.abc import Callable, Iterable
from typing import TextIO

import click

import config
from benchmarks.gate import as_json, junit, markdown, options, terminal
from benchmarks.gate import rounds as running
from benchmarks.gate.checkout import checked_out, working_tree
from benchmarks.gate.judgement import exit_code
from benchmarks.gate.recording import Recording, machine
from loadtest.errors import HarnessError


@click.command()
@click.option("--base", "ref", required=True, metavar="REF", help="The commit, branch or tag to compare with.")
@options.measuring
@click.option("--json", "json_file", type=options.RESULT, help="Write verdict and samples as JSON.")
@click.option("--markdown", "markdown_file", type=options.RESULT, help="Write the report as Markdown.")
@click.option("--junit", "junit_file", type=options.RESULT, help="Write a test case for each measure as JUnit XML.")
def gate(
    *,
    ref: str,
    rows: int,
    seed: int,
    rounds: int,
    max_rounds: int,
    threshold: float,
    tasks: tuple[str, ...],
    json_file: TextIO | None,
    markdown_file: TextIO | None,
    junit_file: TextIO | None,
) -> int:
    """Compare the working tree with REF: is the import slower, does it need more memory, are phones read slower?

    Checks REF out beside the working tree with its own dependencies, and lets the two work in turns, each with
    services of its own. A change counts if it is statistically clear and larger than the threshold.

    \b
    python -m benchmarks gate --base main                   the working tree against main
    python -m benchmarks gate --base HEAD                   what is not committed yet
    python -m benchmarks gate --base v1 --measure phone     phone numbers alone

    Exit code 0: nothing got worse. 1: something did. 2: a failed import, a wrong count, a REF that can't be measured.
    3: too noisy to tell, even with --max-rounds. 4: a stack could not be started.
    """
    plan = options.plan(rows, seed, rounds, max_rounds, tasks)
    home = config.load_harness_settings().home.absolute()  # the trees are directories of their own
    with checked_out(ref, home, running.say) as base:
        recording = Recording(base, working_tree(), plan, options.rule(threshold), machine())
        results = ((json_file, as_json.text), (markdown_file, markdown.text), (junit_file, junit.text))
        try:
            running.measure(recording, home)
        except HarnessError as error:
            recording.trouble = str(error), error.exit_code
            _write(results, recording)
            raise
    _write(results, recording)
    click.echo(terminal.text(recording), nl=False)
    return exit_code(recording)


def _write(results: Iterable[tuple[TextIO | None, Callable[[Recording], str]]], recording: Recording) -> None:
    for file, text in results:
        if file is not None:
            file.write(text(recording))
