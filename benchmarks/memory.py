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
    """Mebibytes. *start*: before it had anything to do; *slope*: how much higher the run ended than it was going."""

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


def growth(readings: Sequence[Reading], of: str = "rss", since: float = 0.0) -> Growth:
    """Of "rss" or "pss". The run begins *since*, in seconds of the watch; its first fifth is left to fill up.

    Raises ValueError without readings.
    """
    if not readings:
        raise ValueError("nothing was read")
    values = [getattr(each, of) / MIB for each in readings]
    run = [value for value, each in zip(values, readings, strict=True) if each.seconds >= since] or values
    settled = run[len(run) // 5 :]
    tenth = max(1, len(settled) // 10)
    return Growth(values[0], max(values), median(settled[-tenth:]) - median(settled[:tenth]))
