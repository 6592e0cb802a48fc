"""What more than one row of a file speaks of, found before the first chunk of a file of several.

PostgreSQL counts, so that memory stays bounded whatever the file. What is found may be more than there is (a row that
turns out to be an error), never less.
"""

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, text

from app.imports.copy import copy
from app.imports.kinds.kind import Key
from app.imports.normalise import Normaliser
from app.imports.source import Row
from app.storage.engine import transaction

MAKE = 'CREATE TEMP TABLE file_keys (row_number integer, target text, key text COLLATE "C")'
FIND = """
CREATE TEMP TABLE repeats AS SELECT * FROM file_keys JOIN (
    SELECT target, key FROM file_keys GROUP BY target, key HAVING count(*) > 1) AS several USING (target, key)
"""
INDEX = "CREATE INDEX ON repeats (row_number)"
OF_ROWS = "SELECT DISTINCT target, key FROM repeats WHERE row_number BETWEEN :first AND :last"


class Repeats:
    """The repeated keys of one file, by row."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @classmethod
    def find(cls, connection: Connection, batches: Iterable[list[Row]], normaliser: Normaliser) -> "Repeats":
        """Reads all *batches* of the file. The tables go with the connection."""
        with transaction(connection):
            connection.execute(text("DROP TABLE IF EXISTS file_keys, repeats"))
            connection.execute(text(MAKE))
        for batch in batches:
            with transaction(connection):
                copy(connection, "file_keys", ("row_number", "target", "key"), _keys(batch, normaliser))
        with transaction(connection):
            for statement in (FIND, INDEX, "DROP TABLE file_keys"):
                connection.execute(text(statement))
        return cls(connection)

    def of(self, rows: list[Row]) -> frozenset[Key]:
        """The repeated keys that *rows* (neighbours in the file) have."""
        with transaction(self._connection):
            found = self._connection.execute(text(OF_ROWS), {"first": rows[0].number, "last": rows[-1].number})
            return frozenset((target, key) for target, key in found)


def _keys(rows: Iterable[Row], normaliser: Normaliser) -> Iterator[list[str]]:
    for row in rows:
        for target, key in normaliser.keys(row):
            if "\0" not in key:
                yield [str(row.number), target, key]
