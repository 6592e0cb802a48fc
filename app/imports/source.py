"""Bytes to rows: decoding and CSV, as a stream."""

import csv
import io
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

# Python's own limit is too low for what spreadsheets allow. A cell over IMPORT_CELL_MAX_CHARS is an error of its row;
# one over this ends the upload at intake, as a quote that is never closed would otherwise fill the memory.
CELL_MAX_CHARS = 16 * 2**20
csv.field_size_limit(CELL_MAX_CHARS)
# Stands behind the file's last record; if it does not come out as a record of its own, a quote is still open.
# Random, so that no file holds it: rows behind one that did would be lost without a word.
END = secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Row:
    """A record of the file. *number* counts data rows from 1, not lines: a quoted cell may hold several lines."""

    number: int
    cells: list[str]

    @property
    def size(self) -> int:
        """Roughly the bytes it takes in memory: its characters, and a pointer for each cell."""
        return sum(map(len, self.cells)) + 8 * len(self.cells)


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


class OpenQuoteError(ValueError):
    """A quote is opened and never closed. *line* is where its record begins, counted from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"the quote that is opened in the record at line {line} is never closed")
        self.line = line


def records(pieces: Iterable[bytes]) -> Iterator[list[str]]:
    """The file's records, header first, as UTF-8 with or without a byte order mark; blank lines are none.

    Raises OpenQuoteError and UnicodeDecodeError; intake has read the whole file once before anything else does.
    """
    marked = chain(pieces, [f"\n{END}\n".encode()])
    reader = csv.reader(io.TextIOWrapper(io.BufferedReader(PiecesIO(marked)), encoding="utf-8-sig", newline=""))
    began = 1
    try:
        for cells in reader:
            if cells == [END]:
                return
            if cells and END in cells[-1]:
                raise OpenQuoteError(began)
            if cells:
                yield cells
            began = reader.line_num + 1
    except csv.Error:  # over CELL_MAX_CHARS
        raise OpenQuoteError(began) from None


def rows(pieces: Iterable[bytes], *, after: int = 0) -> Iterator[Row]:
    """The data rows behind the first *after* ones."""
    stream = records(pieces)
    next(stream, None)
    for number, cells in enumerate(stream, 1):
        if number > after:
            yield Row(number, cells)
