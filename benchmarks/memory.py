"""What a process takes of the memory, over time."""

import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from statistics import median
from types import TracebackType
from typing import Self

import psutil

MIB = 2**20
PER_SECOND = 10


@dataclass(frozen=True)
class Reading:
    """Seconds since the watch began; resident bytes, and those with what is shared divided among its sharers."""

    seconds: float
    rss: int
    pss: int


@dataclass(frozen=True)
class Growth:
    """Mebibytes. *start*: before it had anything to do; *slope*: how much higher the run ended than it began."""

    start: float
    peak: float
    slope: float

    @property
    def above(self) -> float:
        """The peak above the start."""
        return self.peak - self.start


class Watch:
    """Reads *pids* ten times a second until the block ends."""

    def __init__(self, pids: Iterable[int]) -> None:
        self.readings: dict[int, list[Reading]] = {pid: [] for pid in pids}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._began = 0.0

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _read(self) -> None:
        processes = {pid: psutil.Process(pid) for pid in self.readings if psutil.pid_exists(pid)}
        while True:
            for pid, process in processes.items():
                with suppress(psutil.Error):
                    memory = process.memory_full_info()
                    self.readings[pid].append(Reading(time.monotonic() - self._began, memory.rss, memory.pss))
            if self._over.wait(1 / PER_SECOND):
                return


def growth(readings: Sequence[Reading], of: str = "rss") -> Growth:
    """Of "rss" or "pss". The first tenth of the run is a start, not the run. Raises ValueError without readings."""
    values = [getattr(each, of) / MIB for each in readings]
    if not values:
        raise ValueError("nothing was read")
    tenth = max(1, len(values) // 10)
    run = values[tenth:] or values
    return Growth(values[0], max(values), median(run[-tenth:]) - median(run[:tenth]))
