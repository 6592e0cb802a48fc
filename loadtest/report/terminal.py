"""A sizing run for a person at a terminal; as readable in a pipe: nothing is said by colour alone."""

import io
from collections.abc import Callable, Sequence
from typing import Literal

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from loadtest.report import words
from loadtest.sizing.findings import Finding
from loadtest.sizing.profile import Profile
from loadtest.sizing.row import Row
from loadtest.sizing.verdict import KillVerdict, Verdict

# The full table; narrower terminals get it without the columns that the JSON has anyway.
FULL_WIDTH = 94
_STYLES = {
    "holds": "green",
    "tight": "yellow",
    "too_low": "bold red",
    "not_run": "dim",
    "pass": "bold green",
    "fail": "bold red",
    "inconclusive": "bold yellow",
    "warning": "yellow",
    "info": "dim",
}
_LABELS = {"fail": "FAIL", "warning": "warning", "info": "note"}
_COLUMNS: tuple[tuple[str, bool, Callable[[Row], str]], ...] = (
    ("rows", True, lambda row: f"{row.rows:,}"),
    ("guide says", True, words.guide_says),
    ("took", True, words.took),
    ("source", True, lambda row: row.source or words.NOTHING),
    ("n", False, lambda row: str(len(row.seconds) or words.NOTHING)),
    ("claim", True, words.time_claim),
    ("timeout", True, words.timeout),
    ("verdict", True, words.timeout_verdict),
    ("set instead", True, words.set_instead),
    ("holds up to", False, words.break_even),
)
_LEFT = ("source", "claim", "verdict")


def text(verdict: Verdict, findings: Sequence[Finding], *, width: int = 100, color: bool = False) -> str:
    """The whole report, lines at most `width` characters long; with ANSI colours if `color`."""
    out = io.StringIO()
    system: Literal["standard"] | None = "standard" if color else None
    console = Console(file=out, width=width, force_terminal=color, color_system=system, highlight=False, markup=False)
    console.print(f"CSV import sizing: {verdict.guide.title}, put to the test", style="bold")
    if words.kind(verdict):
        console.print(words.kind(verdict))
    console.print(words.machine(verdict), style="dim")
    for profile in verdict.recording.profiles:
        _profile(console, verdict, profile)
    console.print(Padding(words.legend(verdict), (1, 0, 0, 0)), style="dim")
    if verdict.kills:
        console.print("\nkilled on purpose", style="bold")
        console.print(_items([_kill(item) for item in verdict.kills]))
    console.print("\nfindings", style="bold")
    console.print(_items([(_LABELS[found.severity], found.severity, found.text) for found in findings]))
    said = f"\nVERDICT: {verdict.outcome.upper()}, exit code {verdict.exit_code}: {words.MEANING[verdict.outcome]}."
    console.print(said, style=_STYLES[verdict.outcome])
    console.print(_items([("-", "info", f"{reason}.") for reason in verdict.reasons], label=1))
    # rich pads every line to the full width
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def _profile(console: Console, verdict: Verdict, profile: Profile) -> None:
    rows = [row for row in verdict.rows if row.profile == profile]
    judged = " (judged)" if profile.name == verdict.recording.judged else ""
    console.print(f"\n{profile.name}{judged}: {profile.summary}", style="bold")
    console.print(_table(rows, wide=console.width >= FULL_WIDTH))
    for note in words.notes(rows):
        console.print(Padding(note, (0, 0, 0, 2)))


def _table(rows: list[Row], wide: bool) -> Table:
    columns = [column for column in _COLUMNS if wide or column[1]]
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for name, _, _ in columns:
        table.add_column(name, justify="left" if name in _LEFT else "right", no_wrap=True)
    for row in rows:
        styles = {"verdict": _STYLES[row.timeout_verdict]}
        table.add_row(*(Text(cell(row), style=styles.get(name, "")) for name, _, cell in columns))
    return table


def _kill(item: KillVerdict) -> tuple[str, str, str]:
    label, style = ("WRONG", "fail") if item.problems else ("ok", "holds")
    return label, style, words.kill(item)


def _items(items: Sequence[tuple[str, str, str]], label: int = 7) -> Table:
    """(label, style, text) with the text wrapped beside its label."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=label, no_wrap=True)
    grid.add_column()
    for name, style, said in items:
        grid.add_row(Text(name, style=_STYLES[style]), Text(said))
    return grid
