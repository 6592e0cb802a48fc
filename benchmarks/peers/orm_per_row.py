"""SQLAlchemy's ORM: add and flush a row, again and again; one commit."""

from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from app.storage.engine import driver_url
from app.storage.models import Contact
from benchmarks.peers.rows import rows

DESCRIPTION = "SQLAlchemy ORM, add and flush per row"
LACKS = ("validation", "duplicates", "update", "outbox and list", "resume")
ROWS = 5_000
REQUIRES = "sqlalchemy"


def load(url: str, path: Path) -> None:
    """Raises SQLAlchemyError."""
    with Session(create_engine(driver_url(url))) as session:
        for row in rows(path):
            session.add(Contact(**row))
            session.flush()
        session.commit()
