"""Where an import's time went: what it waited for, as it works on one chunk while the next is made ready."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter

STAGES = ("store", "read", "repeats", "normalise", "copy", "merge", "openphone", "limit")


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

    def beside(self, _thread: str) -> "StageClock":
        """One for another thread: what that spends is counted here only where it is `waited` for."""
        return StageClock()

    def waited(self, seconds: float, spent: Mapping[str, float]) -> None:
        """Counts *seconds* of waiting for another thread by what that has *spent* its own on."""
        whole = sum(spent.values())
        for stage, part in spent.items():
            self.seconds[stage] += seconds * part / whole if whole else 0.0

    def _charge(self) -> None:
        now = perf_counter()
        if self._running:
            self.seconds[self._running[-1]] += now - self._since
        self._since = now

    def as_json(self) -> str:
        """Seconds per stage, to the microsecond, for a jsonb column."""
        self._charge()
        return json.dumps({stage: round(seconds, 6) for stage, seconds in self.seconds.items()})
