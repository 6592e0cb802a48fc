"""A process that makes a file's chunks ready, from before this one has looked through all of it.

docs/decisions/0019-a-process-that-reads-ahead.md
"""

from collections.abc import Iterator
from multiprocessing import Pipe
from typing import IO

from app.imports.budget import Budget
from app.imports.fork import fork
from app.imports.making import Ready
from app.imports.pieces import pieces, pieces_of
from app.imports.reader_work import File, Made, Told, Work
from app.stages import StageClock
from config import Settings

LOOK_SECONDS = 0.1  # from one look to the next whether the chunk is wanted still


class ReaderLostError(Exception):
    """The process has ended before its work has."""


class Reader:
    """The process, until it is asked to `end`, or its parent ends.

    Raises OSError where no process can be had.
    """

    def __init__(self, stream: IO[bytes], file: File, settings: Settings) -> None:
        self._connection, theirs = Pipe()
        try:
            descriptor = _descriptor(stream)
            read = pieces(stream) if descriptor is None else pieces_of(descriptor)
            kept = [theirs.fileno(), *([] if descriptor is None else [descriptor])]
            self._process = fork(Work(theirs, read, file, settings).do, kept, "reader")
        except OSError:
            self._connection.close()
            raise
        finally:
            theirs.close()

    @property
    def pid(self) -> int | None:
        """The process's."""
        return self._process.pid

    def chunks(self, told: Told, clock: StageClock, budget: Budget) -> Iterator[Ready]:
        """Those of the file, in its order. *clock* is that of the thread that wants them.

        Raises HandOffError where *budget* is used up, ReaderLostError.
        """
        try:
            self._connection.send(told)
            while made := self._next(budget):
                yield Ready(made.chunk, made.written, clock.beside("reading", made.spans).seconds)
        except (EOFError, OSError) as error:
            raise ReaderLostError(f"{type(error).__name__}: {error}") from error

    def _next(self, budget: Budget) -> Made | None:
        while not self._connection.poll(LOOK_SECONDS):
            budget.check()
        made: Made | None = self._connection.recv()
        return made

    def end(self) -> None:
        """Ends the process, whatever it is at."""
        self._process.kill()
        self._process.join()
        self._process.close()
        self._connection.close()


def _descriptor(stream: IO[bytes]) -> int | None:
    """That of the file; None of one in memory, of which a fork has its own."""
    try:
        return stream.fileno()
    except OSError:
        return None
