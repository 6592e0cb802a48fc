"""Several chunks of one import at once: each merged in a transaction of its own, committed in the order of the file.

docs/decisions/0017-chunks-side-by-side.md
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.imports.deadlock import give_way, outlast, was_met
from app.imports.load import Loader
from app.imports.making import Ready
from app.imports.staging import prepare

PATIENCE_SECONDS = 0.5
# PostgreSQL finds a circle of locks, but not one that is closed by a chunk here that waits for another.
STUCK = f"""
SELECT EXISTS (
    SELECT FROM pg_locks WHERE NOT granted AND pid = ANY(:pids)
    AND waitstart < clock_timestamp() - make_interval(secs => {PATIENCE_SECONDS}))
"""  # noqa: S608 - a constant


class _GiveWayError(Exception):
    """A chunk before this one waits for somebody who may be waiting for this one's locks."""


@dataclass(frozen=True)
class _Begun:
    """A chunk of so many *rows* that lane number *place* is at; the *end* gives the seconds it took."""

    place: int
    lane: Loader
    rows: int
    end: Future[float]


class Lanes:
    """*most* at once. The import's own connection is the first lane; the others are opened before there is work."""

    def __init__(self, loader: Loader, most: int, threads: ThreadPoolExecutor, opened: ExitStack) -> None:
        self._loader = loader
        self._most = most
        self._threads = threads
        self._opened = opened
        self._made = [threads.submit(self._make, place) for place in range(most)]
        self._free = deque(range(most))
        self._begun: deque[_Begun] = deque()
        self._seconds_per_row = 0.0

    def load(self, ready: Ready) -> None:
        """Begins with a chunk, when there is a lane for it.

        Raises HandOffError where it will not fit into the budget, and what one that was begun before has met.
        """
        self._loader.budget.require(self._seconds_per_row * ready.chunk.rows)
        place = self._free.popleft()
        lane = replace(self._made[place].result(), clock=self._loader.clock.beside(f"merge {place + 1}"))
        end = self._threads.submit(copy_context().run, _load, lane, ready, list(self._begun))
        self._begun.append(_Begun(place, lane, ready.chunk.rows, end))

    def room(self) -> None:
        """Waits until another chunk can be begun. Raises what one that was begun has met."""
        if len(self._begun) == self._most:
            self._wait()

    def finish(self) -> None:
        """Waits for all that was begun. Raises what one of them has met."""
        while self._begun:
            self._wait()

    def _make(self, place: int) -> Loader:
        if place == 0:
            return self._loader
        connection = self._opened.enter_context(self._loader.claim.connection.engine.connect())
        prepare(connection, self._loader.kind)
        return replace(self._loader, claim=self._loader.claim.beside(connection))

    def _wait(self) -> None:
        first = self._begun.popleft()
        asked = perf_counter()
        seconds = first.end.result()
        self._loader.clock.waited(perf_counter() - asked, first.lane.clock.seconds)
        self._seconds_per_row = seconds / first.rows if first.rows else 0.0
        self._free.appendleft(first.place)


@contextmanager
def opened(loader: Loader, most: int) -> Iterator[Lanes]:
    """Lanes for *loader*; one where the import is a single transaction. At the end, what was begun has ended."""
    if loader.claim.connection.in_transaction():
        most = 1
    with ExitStack() as connections, ThreadPoolExecutor(most, "lane") as threads:
        yield Lanes(loader, most, threads, connections)


def _load(lane: Loader, ready: Ready, before: Sequence[_Begun]) -> float:
    """In a lane's thread."""
    began = perf_counter()
    if ready.written is None:  # what it says depends on what is in the database, and is settled once
        _end(before)
        lane.load(ready.chunk)
    elif ready.is_after_all or not _is_loaded(lane, ready, before):
        _end(before)
        outlast(partial(lane.load, ready.chunk, ready.written), lane.claim.connection)
    return perf_counter() - began


def _is_loaded(lane: Loader, ready: Ready, before: Sequence[_Begun]) -> bool:
    """Whether it went in beside those *before*; else nothing is written, and nothing locked."""
    try:
        lane.load(ready.chunk, ready.written, _turn(lane, before))
    except _GiveWayError:
        return False
    except OperationalError as error:
        if was_met(error, lane.claim.connection):
            give_way()
            return False
        raise
    return True


def _turn(lane: Loader, before: Sequence[_Begun]) -> Callable[[], None]:
    """Waits for what is *before* to be in. Raises what one of them has met, _GiveWayError."""

    def turn() -> None:
        pids = [begun.lane.claim.pid for begun in before]
        while wait([begun.end for begun in before], PATIENCE_SECONDS).not_done:
            if lane.claim.connection.execute(text(STUCK), {"pids": pids}).scalar():
                raise _GiveWayError
        _end(before)

    return turn


def _end(before: Sequence[_Begun]) -> None:
    for begun in before:
        begun.end.result()
