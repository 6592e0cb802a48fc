"""SQLAlchemy's bulk_insert_mappings, which many guides advise."""

from itertools import islice
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from app.storage.engine import driver_url
from app.storage.models import Contact
from benchmarks.peers.rows import rows

DESCRIPTION = "SQLAlchemy Session.bulk_insert_mappings"
LACKS = ("validation", "duplicates", "update", "outbox and list", "resume")
ROWS = 50_000
REQUIRES = "sqlalchemy"
BATCH_ROWS = 10_000


def load(url: str, path: Path) -> None:
    """Raises SQLAlchemyError."""
    left = rows(path)
    with Session(create_engine(driver_url(url))) as session:
        while batch := list(islice(left, BATCH_ROWS)):
            session.bulk_insert_mappings(Contact, batch)
        session.commit()
