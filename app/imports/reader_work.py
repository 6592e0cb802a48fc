"""What a reader's process does with its part of a file: it looks through all of it, then sends it chunk by chunk."""

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import NamedTuple
from uuid import UUID

from app.imports.budget import Budget
from app.imports.chunk import Chunk
from app.imports.encoding import UnreadableError
from app.imports.excerpt import Excerpt
from app.imports.gathered import Gathered
from app.imports.making import Maker, Part
from app.imports.normalise import Normaliser
from app.imports.repeats import Repeats
from app.imports.sending import Sending
from app.imports.source import Rows
from app.imports.survey import SHORT_ROWS, Survey
from app.imports.written import Written
from app.stages import NotedClock, Span

MOST_WAITING = 8  # chunks of a file, of IMPORT_CHUNK_BYTES at most, that are understood before any of it is told
MOST_UNSENT = 2  # chunks, of those of one reader, that are written out before anybody wants them


class Seen(NamedTuple):
    """How many *rows* a part has, the text behind them, and what more than one of them speaks of."""

    rows: int
    trailer: str | None
    repeats: Repeats


class Told(NamedTuple):
    """What only the whole file says: how many rows are *before* a part, and what more than one of all speaks of."""

    import_id: UUID
    before: int
    repeats: Repeats


class Made(NamedTuple):
    """A chunk as it is sent, and what has been done for it and when."""

    chunk: Chunk
    written: Written | None
    spans: list[Span]


class Neighbours(NamedTuple):
    """Readers of the parts before and behind, who hand on what their rows hold; None where there is none."""

    before: Connection | None = None
    behind: Connection | None = None


class Work:
    """Of one *excerpt*, where what later rows say counts (on_duplicate=update).

    *waiting*: so many chunks, at most, are kept until it is told.
    """

    def __init__(
        self, connection: Connection, neighbours: Neighbours, excerpt: Excerpt, normaliser: Normaliser, waiting: int
    ) -> None:
        self._connection = connection
        self._neighbours = neighbours
        self._excerpt = excerpt
        self._normaliser = normaliser
        self._maker = Maker(normaliser, "update", Budget())
        self._most_waiting = waiting
        self._waiting: deque[list[Part]] = deque()
        self._clock = NotedClock()

    def do(self) -> None:
        """Sends what it has Seen; None if that is no part of a CSV. Once it is Told, all chunks; then None.

        Behind the last part's chunks comes what all parts hold, if it could be gathered.
        """
        with suppress(EOFError, OSError):  # the parent is gone, or the reader before this one
            seen = self._seen()
            self._connection.send(seen)
            if seen:
                told = self._connection.recv()
                with Sending(self._connection, MOST_UNSENT) as sending:
                    self._make(seen.rows, told, sending)

    def _seen(self) -> Seen | None:
        """What is found by reading all of it; chunks are kept as long as there is room."""
        repeats = Survey.begun(self._excerpt.file.lines).repeats
        count = 0
        parts: list[Part] = []
        try:
            for rows, is_end in self._read():
                count += len(rows)
                if len(self._waiting) == self._most_waiting:
                    with self._clock.stage("repeats"):
                        repeats.add(self._normaliser.shared(rows)[0])
                    continue
                parts.append(part := self._understood(rows))
                with self._clock.stage("repeats"):
                    repeats.add(part.shared)
                if is_end:
                    self._waiting.append(parts)
                    parts = []
        except (UnreadableError, UnicodeDecodeError):
            return None
        if parts:
            self._waiting.append(parts)
        return Seen(count, self._excerpt.trailer, repeats)

    def _all(self, count: int) -> Iterator[list[Part]]:
        """All rows, so many, by chunks: those that wait, and those that were let go."""
        done = sum(part.size for parts in self._waiting for part in parts)
        while self._waiting:
            yield self._waiting.popleft()
        parts: list[Part] = []
        for rows, is_end in self._read(done) if done < count else ():
            parts.append(self._understood(rows))
            if is_end:
                yield parts
                parts = []
        if parts:
            yield parts

    def _read(self, after: int = 0) -> Iterator[tuple[Rows, bool]]:
        found = self._excerpt.rows(after)
        while True:
            with self._clock.stage("read"):
                some = next(found, None)
            if some is None:
                return
            yield some
            del some

    def _understood(self, rows: Rows) -> Part:
        with self._clock.stage("normalise"):
            return self._maker.part(rows)

    def _make(self, count: int, told: Told, sending: Sending) -> None:
        gathered = Gathered(self._excerpt.file.kind, wanted=self._excerpt.file.lines <= SHORT_ROWS)
        for parts in self._all(count):
            with self._clock.stage("normalise"):
                chunk = self._maker.chunk([part.behind(told.before) for part in parts], told.repeats)
            gathered.add(chunk.held)
            self._send(chunk, told, sending)
        before, behind = self._neighbours
        if before:
            gathered = before.recv().then(gathered)
        if not behind:
            for chunk in gathered.chunks():
                self._send(chunk, told, sending)
        sending.send(None)
        if behind:
            behind.send(gathered)

    def _send(self, chunk: Chunk, told: Told, sending: Sending) -> None:
        with self._clock.stage("copy"):
            written = self._maker.written(chunk, told.import_id)
        sending.send(Made(chunk, written, self._clock.taken()))
