"""A time line in characters, and its figures as sentences."""

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.timeline.recording import (
    COMMIT,
    COPY,
    OTHER,
    POSTGRESQL,
    STATEMENT,
    WAITS,
    Interval,
    Timeline,
)

# What stands for what; nothing stands for nothing.
MARKS = {
    **{"store": "s", "read": "r", "repeats": "p", "normalise": "n", "copy": "c", "merge": "m", OTHER: "-", WAITS: "."},
    **{STATEMENT: "#", COPY: "C", COMMIT: "!"},
}
NOTHING = " "
LABEL, BAR = 12, 88  # columns


def text(timeline: Timeline, machine: Mapping[str, Any]) -> str:
    """All of it for a person, at most 100 columns wide. *machine*: as described before the run."""
    end = f"{timeline.seconds:.2f} s"
    return "\n".join(
        [
            title(timeline),
            f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}, "
            f"load {machine['load_before']} before",
            "",
            f"{'':{LABEL}}0 s{end:>{BAR - 3}}",
            *(f"{lane:{LABEL}}{bar(timeline.of(lane), timeline.seconds)}".rstrip() for lane in timeline.lanes),
            "",
            *_legend(timeline),
            "",
            *sentences(timeline),
        ]
    )


def title(timeline: Timeline) -> str:
    """What was imported, and in what time."""
    again = ", again with 10% changed" if timeline.again else ""
    rate = timeline.rows / timeline.seconds
    return f"{timeline.kind}, {timeline.rows:,} rows{again}: {timeline.seconds:.2f} s, {rate:,.0f} rows/s"


def sentences(timeline: Timeline) -> list[str]:
    """Who worked and who waited, for how long."""
    found = timeline.figures()
    return [
        f"worked: import {_of(found.import_worked, found.total)}, reading {_of(found.reading_worked, found.total)}, "
        f"PostgreSQL {_of(found.postgresql_worked, found.total)}",
        f"chunks merged for {_of(found.merging_worked, found.total)}, several at once for "
        f"{found.merging_at_once:.2f} s, beside the reading for {found.at_once:.2f} s",
        f"waited for other threads: import {found.import_waited:.2f} s, reading {found.reading_waited:.2f} s",
    ]


def bar(intervals: list[Interval], seconds: float, width: int = BAR) -> str:
    """*seconds* in so many characters, each of them what most of its time went to."""
    cell = seconds / width
    cells: list[dict[str, float]] = [{NOTHING: cell} for _ in range(width)]
    for _, name, begin, end in intervals:
        for at in range(int(begin / cell), min(int(end / cell) + 1, width)):
            part = min(end, (at + 1) * cell) - max(begin, at * cell)
            cells[at][MARKS[name]] = cells[at].get(MARKS[name], 0.0) + part
            cells[at][NOTHING] -= part
    return "".join(max(each, key=lambda mark: each[mark]) for each in cells)


def _of(part: float, whole: float) -> str:
    return f"{part:.2f} s ({part / whole:.0%})"


def _legend(timeline: Timeline) -> Iterator[str]:
    for lanes in (timeline.lanes[:-1], (POSTGRESQL,)):
        there = {each.name for lane in lanes for each in timeline.of(lane)}
        yield f"{'':{LABEL}}{'  '.join(f'{mark} {name}' for name, mark in MARKS.items() if name in there)}"
