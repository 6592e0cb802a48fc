"""bulk_insert_mappings for all that an import writes: for each contact an entry in the outbox and on the list, too."""

from itertools import islice
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from app.storage.engine import driver_url
from app.storage.models import Contact, ListMember, OutboxEntry
from benchmarks.clean import IMPORT_ID, LIST_ID
from benchmarks.peers.rows import rows

DESCRIPTION = "SQLAlchemy bulk_insert_mappings, outbox and list too"
LACKS = ("validation", "duplicates", "update", "resume")
ROWS = 50_000
REQUIRES = "sqlalchemy"
BATCH_ROWS = 10_000


def load(url: str, path: Path) -> None:
    """Raises SQLAlchemyError."""
    left = ({"id": uuid4(), **row} for row in rows(path))
    of_import, of_list = {"import_id": UUID(IMPORT_ID)}, {"list_id": UUID(LIST_ID)}
    with Session(create_engine(driver_url(url))) as session:
        while batch := list(islice(left, BATCH_ROWS)):
            session.bulk_insert_mappings(Contact, batch)
            session.bulk_insert_mappings(OutboxEntry, [{"contact_id": row["id"], **of_import} for row in batch])
            session.bulk_insert_mappings(ListMember, [{"contact_id": row["id"], **of_list} for row in batch])
        session.commit()
