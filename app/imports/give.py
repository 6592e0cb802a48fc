"""Giving an import to the background worker."""

from uuid import UUID

from sqlalchemy import Engine, text

from app import audit
from app.imports.claim import LOCK_IS_FREE

OWNER = "SELECT owner FROM imports WHERE id = :id"
# At once, whatever it was waiting for.
GIVE = f"""
UPDATE imports SET owner = 'worker', retry_at = NULL, woken_at = clock_timestamp()
WHERE id = :id AND finished_at IS NULL AND {LOCK_IS_FREE} RETURNING id
"""  # noqa: S608 - constants


def owner(engine: Engine, import_id: UUID) -> str | None:
    """Who sees the import through: web or worker; None for an unknown id."""
    with engine.connect() as connection:
        return connection.execute(text(OWNER), {"id": import_id}).scalar()


def give(engine: Engine, import_id: UUID, api_key_id: UUID) -> bool:
    """Makes an unfinished import that nobody works on the worker's, or reminds it; whether it is one."""
    with engine.begin() as connection:
        if connection.execute(text(GIVE), {"id": import_id}).scalar() is None:
            return False
        audit.record(connection, "import.resumed", str(import_id), api_key_id=api_key_id)
        return True
