"""Processes that make a file's chunks ready, from before this one knows that it can be read.

docs/decisions/0019-a-process-that-reads-ahead.md, docs/decisions/0020-a-file-read-in-parts.md
"""

import os
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import IO, Any
from uuid import UUID

from app.imports import source
from app.imports.budget import Budget
from app.imports.excerpt import Excerpt, File
from app.imports.fork import fork
from app.imports.making import Ready
from app.imports.normalise import Normaliser
from app.imports.pieces import between, between_of
from app.imports.reader_work import MOST_WAITING, Made, Neighbours, Seen, Told, Work
from app.imports.repeats import Repeats
from app.imports.slices import Slice, slices
from app.stages import StageClock
from config import Settings

STALLED_SECONDS = 2  # without a byte in the middle of a message; who is stopped there is taken for lost
LOOK_SECONDS = 0.1  # from one look to the next whether the chunk is wanted still
LEAST_READERS, MOST_READERS = 2, 4  # of a file that can be cut


class ReaderLostError(Exception):
    """The process has ended before its work has."""


class Reader:
    """The process, until it is asked to `end`, or its parent ends; or it has no work left.

    Raises OSError where no process can be had.
    """

    def __init__(self, work: Callable[[Connection], Work], kept: list[int]) -> None:
        self._connection, theirs = Pipe()
        try:
            _bound(self._connection)
            self._process = fork(work(theirs).do, [theirs.fileno(), *kept])
        except OSError:
            self._connection.close()
            raise
        finally:
            theirs.close()

    @property
    def pid(self) -> int:
        """The process's."""
        return self._process.pid

    def tell(self, told: Told) -> None:
        """Sets it to work on its chunks. Raises ReaderLostError."""
        try:
            self._connection.send(told)
        except OSError as error:
            raise _lost(error) from error

    def answer(self, budget: Budget) -> Any:
        """What it sends next. Raises HandOffError where *budget* is used up, ReaderLostError."""
        try:
            while not self._connection.poll(LOOK_SECONDS):
                budget.check()
            return self._connection.recv()
        except (EOFError, OSError) as error:
            raise _lost(error) from error

    def end(self) -> None:
        """Ends the process, whatever it is at."""
        self._process.kill()
        self._process.join()
        self._connection.close()


class Readers:
    """Those of one *file*, each of a part of it. Raises OSError where there can't be as many processes."""

    def __init__(self, stream: IO[bytes], file: File, normaliser: Normaliser, settings: Settings) -> None:
        lanes = settings.import_concurrency
        sizes = source.sizes(file.lines, settings.import_chunk_rows, lanes)
        most = max(LEAST_READERS, min(MOST_READERS, lanes))
        parts = slices(stream, file.dialect.encoding, file.lines, sizes, most)
        self._all: list[Reader] = []
        with ExitStack() as undo:
            undo.callback(self.end)
            self._begin(stream, file, parts, normaliser, settings.import_chunk_bytes)
            undo.pop_all()

    def _begin(
        self, stream: IO[bytes], file: File, parts: list[Slice], normaliser: Normaliser, chunk_bytes: int
    ) -> None:
        """One for each of *parts*, and a pipe from each to the next."""
        descriptor = _descriptor(stream)
        pieces = partial(between, stream) if descriptor is None else partial(between_of, descriptor)
        waiting = MOST_WAITING // len(parts)
        with ExitStack() as ours:
            before: Connection | None = None
            for part in parts:
                is_last = part is parts[-1]
                following, behind = (None, None) if is_last else map(ours.enter_context, Pipe(duplex=False))
                neighbours = Neighbours(before, behind)
                excerpt = Excerpt(file, part, partial(pieces, part.begin, part.end), chunk_bytes, is_last=is_last)
                kept = [end.fileno() for end in neighbours if end] + ([] if descriptor is None else [descriptor])
                work = partial(Work, neighbours=neighbours, excerpt=excerpt, normaliser=normaliser, waiting=waiting)
                self._all.append(Reader(work, kept))
                before = following

    @property
    def pids(self) -> list[int]:
        """The processes'."""
        return [reader.pid for reader in self._all]

    def seen(self, import_id: UUID, budget: Budget) -> Seen | None:
        """What there is in the file, whose chunks are made from then on; None where one of its parts is none.

        Nor where there is a part without rows. Raises HandOffError where *budget* is used up, ReaderLostError.
        """
        found: list[Seen] = []
        for reader in self._all:
            seen: Seen | None = reader.answer(budget)
            if seen is None or not seen.rows:
                return None
            found.append(seen)
        rows = [seen.rows for seen in found]
        repeats = Repeats.of(seen.repeats for seen in found).end()
        for place, reader in enumerate(self._all):
            reader.tell(Told(import_id, sum(rows[:place]), repeats))
        return Seen(sum(rows), found[-1].trailer, repeats)

    def chunks(self, clock: StageClock, budget: Budget) -> Iterator[Ready]:
        """Those of the file, in its order, once it is `seen`. *clock* is that of the thread that wants them.

        Raises HandOffError where *budget* is used up, ReaderLostError.
        """
        for place, reader in enumerate(self._all, 1):
            made: Made | None
            while made := reader.answer(budget):
                yield Ready(made.chunk, made.written, clock.beside(f"reading {place}", made.spans).seconds)

    def end(self) -> None:
        """Ends all of them."""
        while self._all:
            self._all.pop().end()


def _bound(connection: Connection) -> None:
    """Has a read or write on *connection* fail that moves no byte for STALLED_SECONDS."""
    seconds = struct.pack("@ll", STALLED_SECONDS, 0)
    with socket.socket(fileno=os.dup(connection.fileno())) as same:
        same.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, seconds)
        same.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, seconds)


def _lost(error: Exception) -> ReaderLostError:
    return ReaderLostError(f"{type(error).__name__}: {error}")


def _descriptor(stream: IO[bytes]) -> int | None:
    """That of the file; None of one in memory, of which a fork has its own."""
    try:
        return stream.fileno()
    except OSError:
        return None
