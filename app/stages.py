"""Where an import's time went: what it waited for, as it works on one chunk while the next is made ready."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import NamedTuple

STAGES = ("store", "read", "repeats", "normalise", "copy", "merge", "openphone", "limit")

SHORT_SECONDS = 0.001  # no gap worth noting


class Span(NamedTuple):
    """A stage from *begin* to *end*: time.perf_counter(), which all processes of a machine have in common."""

    stage: str
    begin: float
    end: float


class StageClock:
    """Seconds per stage, added up over an import's attempts. A stage inside another stops the outer one's clock."""

    def __init__(self, before: Mapping[str, float] | None = None) -> None:
        self.seconds = {stage: float((before or {}).get(stage, 0.0)) for stage in STAGES}
        self._running: list[str] = []
        self._since = 0.0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Counts the block's time as *name*'s."""
        self._charge()
        self._running.append(name)
        try:
            yield
        finally:
            self._charge()
            self._running.pop()

    def beside(self, _thread: str, spans: Sequence[Span] = ()) -> "StageClock":
        """One for another thread: what that spends is counted here only where it is `waited` for.

        *spans*: what another process has spent, in the thread's place.
        """
        made = StageClock()
        for span in spans:
            made._count(span)
        return made

    def waited(self, seconds: float, spent: Mapping[str, float]) -> None:
        """Counts *seconds* of waiting for another thread by what that has *spent* its own on."""
        whole = sum(spent.values())
        for stage, part in spent.items():
            self.seconds[stage] += seconds * part / whole if whole else 0.0

    def _charge(self) -> None:
        now = perf_counter()
        if self._running:
            self._count(Span(self._running[-1], self._since, now))
        self._since = now

    def _count(self, span: Span) -> None:
        self.seconds[span.stage] += span.end - span.begin

    def as_json(self) -> str:
        """Seconds per stage, to the microsecond, for a jsonb column."""
        self._charge()
        return json.dumps({stage: round(seconds, 6) for stage, seconds in self.seconds.items()})


class NotedClock(StageClock):
    """One of another process, which sends what it has noted."""

    def __init__(self) -> None:
        super().__init__()
        self._noted: list[Span] = []

    def taken(self) -> list[Span]:
        """What is noted since this was asked for the last time."""
        noted, self._noted = self._noted, []
        return noted

    def _count(self, span: Span) -> None:
        last = self._noted[-1] if self._noted else None
        if last and last.stage == span.stage and span.begin - last.end < SHORT_SECONDS:
            self._noted[-1] = last._replace(end=span.end)
        else:
            self._noted.append(span)
