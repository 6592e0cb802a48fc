"""SQLAlchemy Core: insert() with a list of rows, which it sends as INSERTs of many VALUES."""

from itertools import islice
from pathlib import Path

from sqlalchemy import create_engine, insert

from app.storage.engine import driver_url
from app.storage.models import Contact
from benchmarks.peers.rows import rows

DESCRIPTION = "SQLAlchemy Core, insert() of many rows (insertmanyvalues)"
LACKS = ("validation", "duplicates", "update", "outbox and list", "resume")
ROWS = 50_000
REQUIRES = "sqlalchemy"
BATCH_ROWS = 10_000


def load(url: str, path: Path) -> None:
    """Raises SQLAlchemyError."""
    left = rows(path)
    with create_engine(driver_url(url)).begin() as connection:
        while batch := list(islice(left, BATCH_ROWS)):
            connection.execute(insert(Contact), batch)
