"""A run's figures as Markdown."""

from collections.abc import Iterable, Sequence

from benchmarks.figures import GOALS, OURS, ratios
from benchmarks.record import Recording
from benchmarks.table import COLUMNS, NOTHING, RIGHT, rows, wanted


def table(recording: Recording, kind: str) -> str:
    """One kind's table."""
    lines = [COLUMNS, ["--:" if name in RIGHT else "---" for name in COLUMNS]]
    lines += [
        [_bold(cell) if name.startswith(OURS) else cell for cell in (name, *rest)]
        for name, *rest in rows(recording, kind)
    ]
    return _joined(lines)


def goals(recording: Recording) -> str:
    """The ratios for which there is a goal, kind by kind."""
    found = ratios(recording)
    lines = [("ratio", "wanted", *found), ("---", *("--:" for _ in (1, *found)))]
    for name in GOALS:
        cells = (found[kind].get(name) for kind in found)
        lines.append((f"`{name}`", wanted(name), *(NOTHING if cell is None else f"{cell:.2f}" for cell in cells)))
    return _joined(lines)


def _bold(cell: str) -> str:
    return cell if cell == NOTHING else f"**{cell}**"


def _joined(lines: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(_escaped(cell) for cell in line)} |" for line in lines)


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")
