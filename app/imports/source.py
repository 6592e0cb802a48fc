"""Bytes to rows: decoding and CSV, as a stream."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# Python's own limit would end the whole file at one large cell; ours makes it an error of its row (normalise).
csv.field_size_limit(2**31 - 1)


@dataclass(frozen=True, slots=True)
class Row:
    """A record of the file. *number* counts data rows from 1, not lines: a quoted cell may hold several lines."""

    number: int
    cells: list[str]

    @property
    def size(self) -> int:
        """Characters in the cells."""
        return sum(map(len, self.cells))


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


def records(pieces: Iterable[bytes]) -> Iterator[list[str]]:
    """The file's records, header first, as UTF-8 with or without a byte order mark; blank lines are none.

    Raises UnicodeDecodeError; intake has checked the whole file before anything reads it for good.
    """
    text = io.TextIOWrapper(io.BufferedReader(PiecesIO(pieces)), encoding="utf-8-sig", newline="")
    return (cells for cells in csv.reader(text) if cells)


def rows(pieces: Iterable[bytes], *, after: int = 0) -> Iterator[Row]:
    """The data rows behind the first *after* ones."""
    stream = records(pieces)
    next(stream, None)
    for number, cells in enumerate(stream, 1):
        if number > after:
            yield Row(number, cells)
