"""A sizing run as GitHub Markdown: the table of the README, a comment on a pull request."""

from collections.abc import Callable, Iterator, Sequence

from loadtest.report import words
from loadtest.sizing.findings import Finding
from loadtest.sizing.row import Row
from loadtest.sizing.text import count
from loadtest.sizing.verdict import Verdict

_COLUMNS: tuple[tuple[str, bool, Callable[[Row], str]], ...] = (
    ("rows", True, lambda row: count(row.rows)),
    ("profile", False, lambda row: row.profile.name),
    ("guide says", True, words.guide_says),
    ("took", True, words.figure),
    ("claim", False, words.time_claim),
    ("timeout", True, words.timeout),
    ("verdict", False, words.timeout_verdict),
    ("set instead", True, words.set_instead),
    ("holds up to", True, words.break_even),
)


def text(verdict: Verdict, findings: Sequence[Finding]) -> str:
    """The whole report: verdict, table, kills, findings."""
    reasons = "; ".join(verdict.reasons)
    parts = [
        f"**{verdict.outcome.upper()}** (exit code {verdict.exit_code}): {_escaped(reasons)}.",
        _escaped(words.kind(verdict)),
        table(verdict),
        "\n".join(_notes(verdict)),
        _escaped(words.legend(verdict)),
        "\n".join(f"- Killed on purpose: {_escaped(words.kill(item))}" for item in verdict.kills),
        "\n".join(f"- **{found.severity}**: {_escaped(found.text)}" for found in findings),
        _escaped(f"Measured on {words.machine(verdict)}."),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def table(verdict: Verdict) -> str:
    """The table alone; every time says whether it was measured or predicted."""
    lines = [[name for name, _, _ in _COLUMNS], ["--:" if right else "---" for _, right, _ in _COLUMNS]]
    lines += [[_cell(name, cell(row)) for name, _, cell in _COLUMNS] for row in verdict.rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _notes(verdict: Verdict) -> Iterator[str]:
    for profile in verdict.recording.profiles:
        for note in words.notes([row for row in verdict.rows if row.profile == profile]):
            yield f"- {_escaped(f'{profile.name}: {note}')}"


def _cell(name: str, value: str) -> str:
    return f"**{value}**" if name == "verdict" and value != words.NOTHING else _escaped(value)


def _escaped(value: str) -> str:
    for character in ("\\", "|", "<", "_", "*", "`"):
        value = value.replace(character, f"\\{character}")
    return value
