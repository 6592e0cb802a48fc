"""The two ways to load a server: as fast as it answers (closed loop), or at a rate that it does not set (open loop)."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from time import perf_counter

from benchmarks.mocks.client import Connection, Tally, connect
from benchmarks.mocks.messages import Messages, Script
from benchmarks.mocks.task import Task

MakeScript = Callable[[Messages, Iterator[int]], Script]

_LAST_ANSWERS_SECONDS = 10


@dataclass(frozen=True)
class Window:
    """Answers in the *seconds* after the warm-up, and by how much what was *read* grew in them."""

    answers: int
    seconds: float
    read: tuple[float, ...]


class ClosedLoop:
    """Connections that each send the next request when the last one is answered."""

    def __init__(self, messages: Messages, script: MakeScript) -> None:
        self.tally = Tally()
        self._messages, self._script, self._numbers = messages, script, count()
        self._scripts: dict[Connection, Script] = {}
        self._stopping = False
        self._quiet = asyncio.Event()
        self._busy = 0

    async def run(self, task: Task, reading: Callable[[], tuple[float, ...]]) -> Window:
        """*reading* is called where the window begins and where it ends. Raises OSError, TimeoutError."""
        opened = await connect(task.host, task.port, task.connections, self._answered, self._lost)
        self._busy = len(opened)
        for connection in opened:
            script = self._scripts[connection] = self._script(self._messages, self._numbers)
            connection.send(next(script))
        await asyncio.sleep(task.warm_up)
        began, answers, before = perf_counter(), self.tally.answers, reading()
        await asyncio.sleep(task.seconds)
        seconds, answers, after = perf_counter() - began, self.tally.answers - answers, reading()
        self._stopping = True
        await asyncio.wait_for(self._quiet.wait(), _LAST_ANSWERS_SECONDS)
        for connection in opened:
            connection.close()
        return Window(answers, seconds, tuple(b - a for a, b in zip(before, after, strict=True)))

    def _answered(self, connection: Connection, status: int, body: bytes) -> None:
        self.tally.by_status[status] += 1
        if self._stopping:
            self._done()
        else:
            connection.send(self._scripts[connection].send(body))

    def _lost(self) -> None:
        self.tally.lost += 1
        self._done()

    def _done(self) -> None:
        self._busy -= 1
        if not self._busy:
            self._quiet.set()


class OpenLoop:
    """Requests at even distances, whether or not the earlier ones are answered."""

    def __init__(self, messages: Messages) -> None:
        self.tally = Tally()
        self.latencies: list[float] = []
        self.lags: list[float] = []
        self._messages = messages
        self._free: list[Connection] = []
        self._busy = 0

    async def run(self, task: Task) -> None:
        """Fills *latencies* and *lags* (how late the request left), in seconds, without the warm-up's.

        Raises OSError.
        """
        self._free = await connect(task.host, task.port, task.connections, self._answered, self._lost)
        opened = list(self._free)
        began = perf_counter()
        for number in range(int((task.warm_up + task.seconds) * task.rate)):
            due = began + number / task.rate
            while (early := due - perf_counter()) > 0 or not self._free:
                await asyncio.sleep(max(early, 0))
                if self._busy + len(self._free) == 0:
                    return
            self._busy += 1
            connection = self._free.pop()
            connection.send(self._messages.create(number))
            self.lags.append(connection.sent_at - due)
        give_up = perf_counter() + _LAST_ANSWERS_SECONDS
        while self._busy and perf_counter() < give_up:
            await asyncio.sleep(0.01)
        for connection in opened:
            connection.close()
        warm = int(task.warm_up * task.rate)
        del self.lags[:warm], self.latencies[:warm]

    def _answered(self, connection: Connection, status: int, body: bytes) -> None:
        self.latencies.append(perf_counter() - connection.sent_at)
        self.tally.by_status[status] += 1
        self._busy -= 1
        self._free.append(connection)

    def _lost(self) -> None:
        self.tally.lost += 1
        self._busy -= 1
