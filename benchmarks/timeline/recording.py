"""One import's time line, and what it comes to."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import NamedTuple

from benchmarks.timeline.spans import Span, common, seconds

IMPORT, READING, POSTGRESQL = "import", "reading", "PostgreSQL"
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
    """Seconds. *import_worked*: waiting for PostgreSQL is work; for another thread it is not.

    *at_once*: a chunk was made ready while another was merged; *merging_at_once*: several were merged.
    *reading_waited*: whoever reads waited, and nobody else read.
    """

    total: float
    import_worked: float
    reading_worked: float
    merging_worked: float
    postgresql_worked: float
    at_once: float
    merging_at_once: float
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

    @property
    def lanes(self) -> tuple[str, ...]:
        """In the order in which they are shown."""
        return (IMPORT, *(self._reading() or [READING]), *self._merging(), POSTGRESQL)

    def worked(self, lane: str) -> float:
        """Seconds in which it did not wait for another thread."""
        return seconds(self._spans(lane, waiting=False))

    def figures(self) -> Figures:
        """What the lanes come to."""
        merging = [self._spans(lane, waiting=False) for lane in self._merging()]
        together = [span for one, other in combinations(merging, 2) for span in common(one, other)]
        merged = list(chain(*merging))
        read = list(chain(*(self._spans(lane, waiting=False) for lane in self._reading())))
        unread = list(chain(*(self._spans(lane, waiting=True) for lane in self._reading())))
        return Figures(
            total=self.seconds,
            import_worked=self.worked(IMPORT),
            reading_worked=seconds(read),
            merging_worked=seconds(merged),
            postgresql_worked=self.worked(POSTGRESQL),
            at_once=seconds(common(merged, read)),
            merging_at_once=seconds(together),
            import_waited=seconds(self._spans(IMPORT, waiting=True)),
            reading_waited=seconds(unread) - seconds(common(unread, read)),
        )

    def _reading(self) -> list[str]:
        return sorted({each.lane for each in self.intervals if each.lane.startswith(READING)})

    def _merging(self) -> list[str]:
        return sorted({each.lane for each in self.intervals} - {IMPORT, *self._reading(), POSTGRESQL})

    def _spans(self, lane: str, *, waiting: bool) -> list[Span]:
        return [(each.begin, each.end) for each in self.of(lane) if (each.name == WAITS) == waiting]
