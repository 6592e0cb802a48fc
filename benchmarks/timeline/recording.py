"""One import's time line, and what it comes to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.timeline.spans import Span, common, seconds

IMPORT, READING, POSTGRESQL = "import", "reading", "PostgreSQL"
LANES = (IMPORT, READING, POSTGRESQL)
# What an interval may be besides one of the app's stages.
WAITS, OTHER = "waits", "other"
STATEMENT, COPY, COMMIT = "statement", "COPY", "commit"


class Interval(NamedTuple):
    """What a lane was at, from *begin* to *end*: seconds since the import began."""

    lane: str
    name: str
    begin: float
    end: float


@dataclass(frozen=True)
class Figures:
    """Seconds. *import_worked*: waiting for PostgreSQL is work; for the reading thread it is not."""

    total: float
    import_worked: float
    reading_worked: float
    postgresql_worked: float
    at_once: float
    import_waited: float
    reading_waited: float


@dataclass(frozen=True)
class Timeline:
    """*rows* of a *kind* of file in so many *seconds*; *again*: its changed version, after the first one."""

    kind: str
    rows: int
    again: bool
    seconds: float
    intervals: Sequence[Interval]

    def of(self, lane: str) -> list[Interval]:
        """The lane's, by their begin."""
        return sorted((each for each in self.intervals if each.lane == lane), key=lambda each: each.begin)

    def figures(self) -> Figures:
        """What the lanes come to; *at_once*: neither thread waited for the other, both had something to do."""
        work = {lane: self._spans(lane, waiting=False) for lane in LANES}
        return Figures(
            total=self.seconds,
            import_worked=seconds(work[IMPORT]),
            reading_worked=seconds(work[READING]),
            postgresql_worked=seconds(work[POSTGRESQL]),
            at_once=seconds(common(work[IMPORT], work[READING])),
            import_waited=seconds(self._spans(IMPORT, waiting=True)),
            reading_waited=seconds(self._spans(READING, waiting=True)),
        )

    def _spans(self, lane: str, *, waiting: bool) -> list[Span]:
        return [(each.begin, each.end) for each in self.of(lane) if (each.name == WAITS) == waiting]
