"""A gate's run for a person at a terminal, or in the log of a CI job."""

import io

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.gate import words
from benchmarks.gate.judgement import WORDS, Stage, all_stages, exit_code
from benchmarks.gate.recording import Recording

WIDTH = 120


def text(recording: Recording) -> str:
    """The whole report, without colours."""
    out = io.StringIO()
    console = Console(file=out, width=WIDTH, highlight=False, markup=False)
    console.print(f"base: {words.tree(recording.base)}; now: {words.tree(recording.now)}")
    console.print(words.about(recording))
    console.print(_table(words.columns(recording), words.rows(recording), left=(0, 1, 6)))
    for task, stages in all_stages(recording).items():
        console.print(f"\nwhere the time of a {task} import goes, in seconds (* the difference is clear)")
        console.print(_table(("stage", "base", "now", "moved"), [_stage(stage) for stage in stages], left=(0,)))
    code = exit_code(recording)
    console.print(f"\nVERDICT: {WORDS[code].upper()}, exit code {code}")
    for reason in words.reasons(recording):
        console.print(f"- {reason}", soft_wrap=True)
    if advice := words.settle(recording):
        console.print(advice)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def _stage(stage: Stage) -> tuple[str, ...]:
    return (stage.name, f"{stage.base:.3f}", f"{stage.now:.3f}", words.moved(stage))


def _table(heads: tuple[str, ...], lines: list[tuple[str, ...]], left: tuple[int, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, head in enumerate(heads):
        table.add_column(head, justify="left" if number in left else "right", no_wrap=True)
    for line in lines:
        table.add_row(*line)
    return table
