"""How else a CSV is got into PostgreSQL: each as its documentation has it, into the app's own tables.

All get the rows already clean: E.164, no invalid row, no duplicate. A module says what it is and has a ``load``.
"""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

# The fastest last, roughly.
NAMES = (
    *("select_add_commit", "orm_per_row", "django_import_export", "django_import_export_bulk", "csvsql"),
    *("bulk_insert_mappings_whole", "pandas_to_sql", "pgloader", "bulk_insert_mappings", "core_insertmanyvalues"),
    *("execute_values", "adbc_ingest"),
)
COLUMNS = (
    *("phone", "first_name", "last_name", "email", "company", "title", "address", "city", "state", "zip", "notes"),
)
OTHER_TABLES = "outbox and list"
INSTALL = {"pgloader": "apt-get install pgloader"}  # all others: make peers


class Peer(Protocol):
    """A module of this package."""

    DESCRIPTION: str
    LACKS: Sequence[str]  # what the import does that it does not; OTHER_TABLES where it fills the contacts alone
    ROWS: int  # as many rows of the file as it gets done in a few seconds
    REQUIRES: str  # a module, or a program

    def load(self, url: str, path: Path) -> None:
        """The CSV, whose header is COLUMNS, into the tables. May be called again in the same process."""


def find(name: str) -> Peer:
    """The module of that name; what it needs may be missing still."""
    return cast(Peer, import_module(f"{__name__}.{name}"))
