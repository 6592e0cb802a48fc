"""Where a file is cut."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from loadtest.client.records import Record
from loadtest.client.table import Table
from loadtest.errors import UsageError


@dataclass(frozen=True)
class Slice:
    """Part *number* (from 1) of a file: *rows* rows from row *first_row* on (from 1, the header is not counted).

    *trailer*: behind them stands what may be a line of licence, the file's last.
    """

    number: int
    first_row: int
    rows: int
    trailer: bool = False


def numbered(records: Iterable[Record], rows: int | None, columns: int) -> Iterator[tuple[int, Record]]:
    """Each record with the number of its part, which has *rows* rows (None: all of them).

    A part has more where it would end in what the app may take for the licence line at a file's end, or would be that
    line alone: a row stays a row, and the line stays what it is.
    """
    number, count = 1, 0
    last_may_be_trailer = False
    for record in records:
        if not record.is_blank:
            may_be_trailer = columns > 1 and record.may_be_trailer
            if rows is not None and count >= rows and not (may_be_trailer or last_may_be_trailer):
                number, count = number + 1, 0
            count += 1
            last_may_be_trailer = may_be_trailer
        yield number, record


def cut(table: Table, rows: int | None) -> Iterator[tuple[int, Iterator[Record]]]:
    """The number and the records of each part; the records are gone when the next part is asked for."""
    pairs = numbered(table.rows(), rows, len(table.header.cells))
    for number, group in groupby(pairs, key=lambda pair: pair[0]):
        yield number, (record for _, record in group)


def slices(table: Table, rows: int | None) -> list[Slice]:
    """The parts there will be, by reading the whole file once. Raises UsageError, also where there are no rows."""
    found: list[Slice] = []
    first = 1
    last = Record("", [])
    for number, records in cut(table, rows):
        count = 0
        for record in records:
            if not record.is_blank:
                last = record
                count += 1
        found.append(Slice(number, first, count))
        first += count
    if found and len(table.header.cells) > 1 and last.may_be_trailer:
        found[-1] = replace(found[-1], rows=found[-1].rows - 1, trailer=True)
    if not any(piece.rows for piece in found):
        raise UsageError(f"{table.path}: a header line and no rows; there is nothing to import")
    return found
