"""The rows that a file comes to, ready for COPY: taken from a database that has imported it.

So what is clean is not said here a second time, and does not depend on how the import gets there.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import psycopg2

from app.storage.models import Base
from benchmarks.peers import COLUMNS

# The import and the list that rows belong to which did not come by an import.
IMPORT_ID = "00000000-0000-4000-8000-000000000001"
LIST_ID = "00000000-0000-4000-8000-000000000002"
OWNERS = f"""
INSERT INTO lists (id, name) VALUES ('{LIST_ID}', 'bench');
INSERT INTO imports
    (id, api_key_id, kind, mode, on_duplicate, list_id, filename, header, bytes, sha256, status, rows_total)
SELECT '{IMPORT_ID}', id, 'contacts', 'sync', 'update', '{LIST_ID}', 'clean', '[]', 0, '', 'running', 0 FROM api_keys
"""  # noqa: S608 - constants
TABLES = {"contacts": ("contacts",), "propertyradar": ("contacts", "properties", "property_contacts")}
# Sorted, as that suits indexes best; what an import stages is not: no file is sorted by what its rows are known by.
WHOLE = {
    "contacts": "SELECT * FROM contacts ORDER BY phone",
    "properties": "SELECT * FROM properties ORDER BY key",
    "property_contacts": "SELECT * FROM property_contacts ORDER BY property_id, contact_id",
    "openphone_outbox (import_id, contact_id)": f"SELECT '{IMPORT_ID}', id FROM contacts ORDER BY id",  # noqa: S608 - a constant
    "list_members (list_id, contact_id)": f"SELECT '{LIST_ID}', id FROM contacts ORDER BY id",  # noqa: S608
}
LINKS = """
SELECT key AS property, phone, role FROM property_contacts
JOIN properties ON properties.id = property_id JOIN contacts ON contacts.id = contact_id ORDER BY md5(key)
"""
CONTACTS = f"SELECT {', '.join(COLUMNS)} FROM contacts ORDER BY md5(phone)"  # noqa: S608 - our own words
_ITS_OWN = {"id", "import_number", "created_at", "updated_at"}


@dataclass(frozen=True)
class Clean:
    """COPY's text of the rows of one file.

    *whole*: table, with columns where not all are meant, -> rows as they stand there, ids and times too.
    *staged*: table -> rows as an import may stage them, known by their keys alone. *csv*: the contacts as a CSV.
    """

    whole: Mapping[str, bytes]
    staged: Mapping[str, bytes]
    csv: bytes


def fields(table: str) -> list[str]:
    """The columns of *table* that a file has something to say of, the key first."""
    return [column.name for column in Base.metadata.tables[table].columns if column.name not in _ITS_OWN]


def take(url: str, kind: str) -> Clean:
    """All that is in the database. Raises psycopg2.Error."""
    tables = TABLES[kind]
    ours = [table for table in WHOLE if table in tables or "(" in table]
    with connected(url) as cursor:
        whole = {table: _copied(cursor, WHOLE[table]) for table in ours}
        staged = {table: _copied(cursor, _staged(table)) for table in tables}
        csv = _copied(cursor, CONTACTS, "FORMAT csv, HEADER")
    return Clean(whole, staged, csv)


def _staged(table: str) -> str:
    if table == "property_contacts":
        return LINKS
    said = ", ".join("NULLIF(extra, '{}')" if name == "extra" else name for name in fields(table))
    return f"SELECT {said} FROM {table} ORDER BY md5({fields(table)[0]})"  # noqa: S608 - our own words


@contextmanager
def connected(url: str) -> Iterator[Any]:
    """A cursor in a transaction that is committed with the block, on a connection that is closed with it."""
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def copy(cursor: Any, table: str, rows: bytes) -> None:
    """*rows* into *table* (its columns behind it, if not all), in the open transaction. Raises psycopg2.Error."""
    cursor.copy_expert(f"COPY {table} FROM STDIN", BytesIO(rows), size=2**20)


def _copied(cursor: Any, query: str, options: str = "FORMAT text") -> bytes:
    out = BytesIO()
    cursor.copy_expert(f"COPY ({query}) TO STDOUT ({options})", out)
    return out.getvalue()
