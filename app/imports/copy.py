"""Records into a table by COPY."""

import re
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import Connection

from app.imports.budget import Budget, BudgetedReader
from app.imports.cells import NONE
from app.imports.source import PART_ROWS
from app.storage.engine import raw_cursor

BUFFER_BYTES = 2**20
# With NULL as the empty string, and without any.
TEXT = "FORMAT text, NULL ''"
NO_NULL = "FORMAT text"
SPECIAL = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}
_CHARACTERS = {escaped: character for character, escaped in SPECIAL.items()}
_ESCAPED = re.compile(r"\\.")


def rows(columns: Iterable[Sequence[str]]) -> list[str]:
    """The rows of *columns*, equally long, in COPY's text format."""
    return list(map("\t".join, zip(*map(_escaped, columns), strict=True)))


def cells(row: str) -> list[str]:
    """Those of a row, as `rows` has been given them."""
    found = row.split("\t")
    return [_ESCAPED.sub(_character, cell) for cell in found] if "\\" in row else found


def _character(escaped: re.Match[str]) -> str:
    return _CHARACTERS[escaped[0]]


def table(rows: Iterable[str]) -> bytes:
    """What COPY reads of such *rows*."""
    return "\n".join([*rows, ""]).encode()


def texts(records: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """The same of *records*, equally long, some at a time: half of the time of the csv module."""
    left = iter(records)
    while some := list(islice(left, PART_ROWS)):
        yield table(rows(zip(*some, strict=True)))


def _escaped(column: Sequence[str]) -> Sequence[str]:
    together = NONE.join(column)
    special = [character for character in SPECIAL if character in together]
    if not special:
        return column
    for character in special:  # the backslash first
        together = together.replace(character, SPECIAL[character])
    escaped = together.split(NONE)
    if len(escaped) == len(column):
        return escaped
    return _escaped([cell.replace(NONE, "") for cell in column])  # of a row that is left out, but only later


def copy(
    connection: Connection,
    into: str,
    columns: Iterable[str],
    records: bytes,
    options: str = TEXT,
    *,
    budget: Budget | None = None,
) -> None:
    """COPYs *records*, as `table` has them, into the *columns* of *into*.

    In the open transaction. What *budget* raises ends it, as an OperationalError (QUERY_CANCELED).
    """
    with raw_cursor(connection) as cursor:
        read = BudgetedReader(BytesIO(records), budget.check) if budget else BytesIO(records)
        cursor.copy_expert(f"COPY {into} ({', '.join(columns)}) FROM STDIN ({options})", read, size=BUFFER_BYTES)


def as_json(value: Any) -> str:
    """*value* for a jsonb column."""
    return orjson.dumps(value).decode()
