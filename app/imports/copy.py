"""Records into a table by COPY."""

import json
from collections.abc import Iterable
from io import StringIO
from typing import Any

from sqlalchemy import Connection

from app.storage.engine import raw_cursor

# What COPY's text format gives a meaning.
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
BUFFER_BYTES = 2**20


def copy(connection: Connection, target: str, records: Iterable[Iterable[str | None]]) -> None:
    """COPYs *records* into *target* (``table (columns)``) in the open transaction."""
    lines = StringIO()
    for record in records:
        lines.write("\t".join("\\N" if value is None else value.translate(ESCAPES) for value in record) + "\n")
    lines.seek(0)
    with raw_cursor(connection) as cursor:
        cursor.copy_expert(f"COPY {target} FROM STDIN", lines, size=BUFFER_BYTES)


def as_json(value: Any) -> str:
    """*value* for a jsonb column."""
    return json.dumps(value, ensure_ascii=False)
