"""SQLAlchemy's ORM as a view function tends to have it: look the row up, add or change it, commit."""

from pathlib import Path

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from app.storage.engine import driver_url
from app.storage.models import Contact
from benchmarks.peers.rows import rows

DESCRIPTION = "SQLAlchemy ORM, select, add and commit per row"
LACKS = ("validation", "outbox and list", "resume")
ROWS = 1_000
REQUIRES = "sqlalchemy"


def load(url: str, path: Path) -> None:
    """Raises SQLAlchemyError."""
    with Session(create_engine(driver_url(url))) as session:
        for row in rows(path):
            known = session.scalar(select(Contact).where(Contact.phone == row["phone"]))
            if known is None:
                session.add(Contact(**row))
            else:
                for name, value in row.items():
                    setattr(known, name, value)
            session.commit()
