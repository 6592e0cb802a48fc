"""What an import did and when, written down while it runs: by its clocks, and by its connections to PostgreSQL."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from time import perf_counter
from typing import Any

from psycopg2.extensions import connection, cursor

from app.stages import Span, StageClock
from benchmarks.timeline.recording import (
    COMMIT,
    COPY,
    IMPORT,
    OTHER,
    POSTGRESQL,
    STATEMENT,
    WAITS,
    Interval,
)


class Tape:
    """Written by several threads: nothing is done to its list but append."""

    def __init__(self) -> None:
        self.intervals: list[Interval] = []

    def add(self, lane: str, name: str, begin: float, end: float) -> None:
        """*begin* and *end* are of time.perf_counter()."""
        if end > begin:
            self.intervals.append(Interval(lane, name, begin, end))

    def between(self, since: float, until: float) -> list[Interval]:
        """What was between the two, in seconds from the first."""
        return [
            Interval(lane, name, max(begin, since) - since, min(end, until) - since)
            for lane, name, begin, end in self.intervals
            if end > since and begin < until
        ]

    @contextmanager
    def during(self, lane: str, name: str) -> Iterator[None]:
        """Notes the block."""
        began = perf_counter()
        try:
            yield
        finally:
            self.add(lane, name, began, perf_counter())


class TapedClock(StageClock):
    """A lane without gaps, from when it is made until it is `stopped`: stages, waiting, and what is in no stage."""

    def __init__(self, tape: Tape, lane: str = IMPORT) -> None:
        super().__init__()
        self._tape, self._lane = tape, lane
        self._doing = OTHER
        self.began = self._turned = perf_counter()
        self._last_beside: dict[str, TapedClock] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """As the app's."""
        outer = self._doing
        with super().stage(name):
            self._turn(name)
            try:
                yield
            finally:
                self._turn(outer)

    def beside(self, thread: str, spans: Sequence[Span] = ()) -> "TapedClock":
        """One for the next chunk of *thread*, which has waited since the last one's end; or between *spans*."""
        last, made = self._last_beside.get(thread), TapedClock(self._tape, thread)
        self._last_beside[thread] = made
        begins = [span.begin for span in spans] or [made._turned]
        if last is not None:
            self._tape.add(thread, WAITS, last._turned, begins[0])
        for span, following in zip_longest(spans, begins[1:]):
            made._count(span)
            self._tape.add(thread, *span)
            self._tape.add(thread, WAITS, span.end, following or span.end)
            made._turned = span.end
        return made

    def waited(self, seconds: float, spent: Mapping[str, float]) -> None:
        """As the app's: *seconds* until now."""
        super().waited(seconds, spent)
        now, outer = perf_counter(), self._doing
        self._turn(WAITS, now - seconds)
        self._turn(outer, now)

    def stop(self) -> float:
        """When: perf_counter()."""
        self._turn(OTHER)
        return self._turned

    def _turn(self, to: str, now: float | None = None) -> None:
        now = perf_counter() if now is None else now
        self._tape.add(self._lane, self._doing, self._turned, now)
        self._doing, self._turned = to, now


class TapedCursor(cursor):
    """Statements and COPY, as their client sees them."""

    connection: "TapedConnection"

    def execute(self, *args: Any, **kwargs: Any) -> None:
        """As psycopg2's."""
        with self.connection.tape.during(POSTGRESQL, STATEMENT):
            super().execute(*args, **kwargs)

    def copy_expert(self, *args: Any, **kwargs: Any) -> None:
        """As psycopg2's."""
        with self.connection.tape.during(POSTGRESQL, COPY):
            super().copy_expert(*args, **kwargs)


class TapedConnection(connection):
    """psycopg2's connection_factory, once it is told of a tape."""

    def __init__(self, tape: Tape, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tape = tape
        self.cursor_factory = TapedCursor

    def commit(self) -> None:
        """As psycopg2's."""
        with self.tape.during(POSTGRESQL, COMMIT):
            super().commit()
