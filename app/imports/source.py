"""An upload's rows, as a stream."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from app.imports.dialect import Dialect
from app.imports.parser import CELL_MAX_CHARS, OpenQuoteError, parse
from app.imports.pieces import PiecesIO

__all__ = ["CELL_MAX_CHARS", "OpenQuoteError", "PiecesIO", "Row", "records", "rows"]


class Row(NamedTuple):
    """A record of the file. *number* counts data rows from 1, not lines: a quoted cell may hold several lines."""

    number: int
    cells: list[str]

    @property
    def size(self) -> int:
        """Roughly the bytes it takes in memory: its characters, and a pointer for each cell."""
        return len("".join(self.cells)) + 8 * len(self.cells)  # faster than to add up each


def records(pieces: Iterable[bytes], dialect: Dialect) -> Iterator[list[str]]:
    """The file's records, header first; a byte order mark, Excel's ``sep=;`` line and blank lines are none.

    Raises UnreadableError and UnicodeDecodeError; intake has read the whole file once before anything else does.
    """
    return parse(pieces, dialect.encoding, dialect.delimiter)


def rows(pieces: Iterable[bytes], dialect: Dialect, *, after: int = 0) -> Iterator[Row]:
    """The data rows behind the first *after* ones. What intake has found to be the trailer comes out as the last."""
    stream = records(pieces, dialect)
    next(stream, None)
    return map(Row._make, islice(enumerate(stream, 1), after, None))
