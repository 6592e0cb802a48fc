"""A file's bytes, a piece at a time."""

import io
import os
from collections.abc import Iterable, Iterator
from typing import IO

PIECE_BYTES = 2**20


def pieces(stream: IO[bytes], size: int = PIECE_BYTES) -> Iterator[bytes]:
    """*stream* from its start, in pieces of at most *size* bytes."""
    stream.seek(0)
    return iter(lambda: stream.read(size), b"")


def between(stream: IO[bytes], begin: int, end: int, size: int = PIECE_BYTES) -> Iterator[bytes]:
    """The bytes of *stream* from *begin* to before *end*, if it has so many."""
    stream.seek(begin)
    while begin < end and (piece := stream.read(min(size, end - begin))):
        begin += len(piece)
        yield piece


def between_of(descriptor: int, begin: int, end: int, size: int = PIECE_BYTES) -> Iterator[bytes]:
    """The same of a file that another process has, too: the place where that reads it stays where it is."""
    while begin < end and (piece := os.pread(descriptor, min(size, end - begin), begin)):
        begin += len(piece)
        yield piece


class PiecesIO(io.RawIOBase):
    """A binary file read from *pieces* of any length."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fills *buffer* from the current piece; 0 at the end."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
