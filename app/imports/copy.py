"""Records into a table by COPY."""

import csv
import json
from collections.abc import Iterable
from io import BytesIO, StringIO
from typing import Any

from sqlalchemy import Connection

from app.imports.budget import Budget, BudgetedReader
from app.storage.engine import raw_cursor

BUFFER_BYTES = 2**20


def lines(records: Iterable[Iterable[str | None]]) -> bytes:
    """*records* as COPY reads them."""
    text = StringIO(newline="")
    # The csv module is C, and quotes what holds one of the two characters of its line end.
    csv.writer(text, lineterminator="\r\n").writerows(records)
    return text.getvalue().encode()


def copy(
    connection: Connection,
    table: str,
    columns: Iterable[str],
    records: bytes,
    texts: str = "",
    *,
    budget: Budget | None = None,
) -> None:
    """COPYs *records*, as `lines` writes them, into the *columns* of *table*, in the open transaction.

    None and the empty string are NULL, but the empty string in the columns named in *texts*. What *budget* raises ends
    it, as an OperationalError (QUERY_CANCELED).
    """
    options = f"FORMAT csv{f', FORCE_NOT_NULL ({texts})' if texts else ''}"
    with raw_cursor(connection) as cursor:
        read = BudgetedReader(BytesIO(records), budget.check) if budget else BytesIO(records)
        cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN ({options})", read, size=BUFFER_BYTES)


def as_json(value: Any) -> str:
    """*value* for a jsonb column."""
    return json.dumps(value, ensure_ascii=False)
