"""An upload's rows, as a stream."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, repeat
from typing import NamedTuple

from app.imports.dialect import Dialect
from app.imports.parser import CELL_MAX_CHARS, OpenQuoteError, Progress, parse
from app.imports.pieces import PiecesIO

__all__ = ["CELL_MAX_CHARS", "PART_ROWS", "OpenQuoteError", "PiecesIO", "Progress", "Row", "Rows", "batches", "records"]

FIRST_ROWS = 2000  # of a file in several chunks
PART_ROWS = 500  # read by column in some hundredths of a second, in which nobody asks how much time is left


class Row(NamedTuple):
    """A record of the file. *number* counts data rows from 1, not lines: a quoted cell may hold several lines."""

    number: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Rows:
    """The *cells* of rows that follow each other; the first one has number *first*."""

    first: int
    cells: Sequence[list[str]]

    def __len__(self) -> int:
        return len(self.cells)

    def __getitem__(self, place: int) -> Row:
        return Row(self.first + place, self.cells[place])

    def __iter__(self) -> Iterator[Row]:
        return map(Row._make, enumerate(self.cells, self.first))

    def parts(self) -> Iterator["Rows"]:
        """The rows in parts of at most PART_ROWS."""
        for start in range(0, len(self.cells), PART_ROWS):
            yield Rows(self.first + start, self.cells[start : start + PART_ROWS])


def records(
    pieces: Iterable[bytes], dialect: Dialect, progress: Progress | None = None, *, is_start: bool = True
) -> Iterator[list[str]]:
    """The file's records, header first; a byte order mark, Excel's ``sep=;`` line and blank lines are none.

    Or, if that *is_start* of none, its records from some line on. Raises UnreadableError and UnicodeDecodeError; of an
    upload that was accepted neither, as all of it has been read before.
    """
    return parse(pieces, dialect.encoding, dialect.delimiter, progress, is_start=is_start)


def sizes(rows: int, most: int, at_once: int) -> Iterator[int]:
    """How many of a file's *rows* go into each chunk, *most* if need be, where so many are merged *at_once*.

    Of several large ones the first is small: until it is there PostgreSQL has nothing to do. The others are alike, and
    as many for each lane.
    """
    if rows > most > FIRST_ROWS:
        yield FIRST_ROWS
        left = rows - FIRST_ROWS
        rounds = -(-left // (most * at_once))
        most = -(-left // (rounds * at_once))
    yield from repeat(most)


def parts(
    records: Iterator[list[str]],
    progress: Progress,
    sizes: Iterable[int],
    max_size: int,
    *,
    first: int = 1,
    overhead: int = 0,
) -> Iterator[tuple[Rows, bool]]:
    """As `batches`, but each in parts of at most PART_ROWS, and whether it ends there; not known of the last."""
    for size in sizes:
        left, room = size, max_size
        while left and room > 0:
            began = progress.chars
            most = [min(left, PART_ROWS)]
            rows = next(batches(records, progress, most, room, first=first, overhead=overhead), None)
            if rows is None:
                return
            left -= len(rows)
            room -= progress.chars - began + sum(map(len, rows.cells)) * 8 + len(rows) * overhead
            first += len(rows)
            made = [rows]
            del rows
            yield made.pop(), not left or room <= 0


def batches(
    records: Iterator[list[str]],
    progress: Progress,
    most: Iterable[int],
    max_size: int,
    *,
    first: int = 1,
    overhead: int = 0,
) -> Iterator[Rows]:
    """The rows that *records* still has, from number *first* on, in batches of at most the next of *most*.

    A batch is also ended by reaching *max_size*, which is roughly the bytes it takes in memory: its characters as
    *progress* tells of them, a pointer for each cell, and a row's *overhead*.
    """
    for rows in most:
        cells: list[list[str]] = []
        size = -progress.chars
        for record in islice(records, rows):
            cells.append(record)
            size += 8 * len(record) + overhead
            if size + progress.chars >= max_size:
                break
        if not cells:
            return
        made = [Rows(first, cells)]
        first += len(cells)
        del cells, record
        yield made.pop()  # and keeps none: whoever has it may let it go
