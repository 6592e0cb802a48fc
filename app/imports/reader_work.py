"""What a reader's process does: it reads on while it may, and sends what is ready once it is told what it lacks."""

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import NamedTuple
from uuid import UUID

from app.imports import source
from app.imports.budget import Budget
from app.imports.chunk import Chunk
from app.imports.dialect import Dialect
from app.imports.encoding import UnreadableError
from app.imports.gathered import Gathered
from app.imports.kinds.kind import Kind
from app.imports.layout import match
from app.imports.making import Maker, Part
from app.imports.normalise import Normaliser
from app.imports.repeats import Repeats
from app.imports.source import Progress, Rows
from app.imports.survey import SHORT_ROWS
from app.imports.written import Written
from app.problem import Problem
from app.stages import NotedClock, Span
from config import Settings

MOST_WAITING = 4  # chunks, of IMPORT_CHUNK_BYTES at most, that are understood before it is told


class File(NamedTuple):
    """What is known of a file before it is read: of so many *lines*, and about as many rows."""

    kind: Kind
    dialect: Dialect
    lines: int


class Told(NamedTuple):
    """What only the whole file says: how many *rows* it has, and what more than one of them speaks of."""

    import_id: UUID
    rows: int
    repeats: Repeats


class Made(NamedTuple):
    """A chunk as it is sent, and what has been done for it and when."""

    chunk: Chunk
    written: Written | None
    spans: list[Span]


class Work:
    """Of one *file*, given in *pieces*, where what later rows say counts (on_duplicate=update)."""

    def __init__(self, connection: Connection, pieces: Iterator[bytes], file: File, settings: Settings) -> None:
        self._connection = connection
        self._records = source.records(pieces, file.dialect, progress := Progress())
        self._progress = progress
        self._file = file
        self._settings = settings
        self._gathered = Gathered(file.kind, wanted=file.lines <= SHORT_ROWS)
        self._clock = NotedClock()
        self._waiting: deque[tuple[Rows, list[Part]]] = deque()
        self._told: Told | None = None
        self._maker: Maker

    def do(self) -> None:
        """Sends all chunks; then what they held, if it could be gathered; then None."""
        # The parent is gone; or it finds the same in the file, and says so.
        with suppress(EOFError, OSError, Problem, UnreadableError, UnicodeDecodeError):
            self._do()

    def _do(self) -> None:
        settings, file = self._settings, self._file
        layout = match(next(self._records, []), file.kind)
        normaliser = Normaliser(file.kind, layout, settings.phone_default_region, settings.import_cell_max_chars)
        self._maker = Maker(normaliser, "update", Budget())
        sizes = source.sizes(file.lines, settings.import_chunk_rows, settings.import_concurrency)
        for rows, is_last in self._batches(sizes, layout.overhead):
            if len(self._waiting) >= MOST_WAITING:
                self._hear()
            # There may be a licence line at the end.
            if good := rows.until(self._hear().rows) if is_last else rows:
                self._understand(good)
        for chunk in self._gathered.chunks():
            self._send(chunk, self._hear().import_id)
        self._connection.send(None)

    def _batches(self, sizes: Iterator[int], overhead: int) -> Iterator[tuple[Rows, bool]]:
        """The rows by chunks, and whether they are the last ones."""
        limit = self._settings.import_chunk_bytes
        found = source.batches(self._records, self._progress, sizes, limit, overhead=overhead)
        rows = next(found, None)
        while rows:
            with self._clock.stage("read"):
                following = next(found, None)
            yield rows, following is None
            rows = following

    def _understand(self, rows: Rows) -> None:
        parts: list[Part] = []
        for some in rows.parts():
            with self._clock.stage("normalise"):
                parts.append(self._maker.part(some))
            if not self._told and self._connection.poll():
                self._hear()
        self._waiting.append((rows, parts))
        if self._told:
            self._flush(self._told)

    def _hear(self) -> Told:
        """What it is told; waits for that, the first time."""
        if self._told is None:
            self._told = told = self._connection.recv()
            self._flush(told)
        return self._told

    def _flush(self, told: Told) -> None:
        while self._waiting:
            rows, parts = self._waiting.popleft()
            with self._clock.stage("normalise"):
                chunk = self._maker.chunk(rows, parts, told.repeats)
            self._gathered.add(chunk.held)
            self._send(chunk, told.import_id)

    def _send(self, chunk: Chunk, import_id: UUID) -> None:
        with self._clock.stage("copy"):
            written = self._maker.written(chunk, import_id)
        self._connection.send(Made(chunk, written, self._clock.taken()))
