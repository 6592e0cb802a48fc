"""Giving an import up: what is in stays, what is not in stays out."""

from uuid import UUID

import structlog
from sqlalchemy import Connection, Engine, text

from app import audit
from app.imports.claim import LOCK_IS_FREE
from app.imports.status import Status, before

log = structlog.get_logger()
# The new token stops a worker that is at it: before its next call of OpenPhone, or at the end of its chunk.
CANCEL = """
UPDATE imports SET status = :cancelled, finished_at = clock_timestamp(), fencing_token = fencing_token + 1,
    error = 'Cancelled by its client.'
WHERE id = :id AND status = ANY(:before) RETURNING number
"""
# Kept as refused, so that they are listed, and can be sent after all.
UNSENT = """
UPDATE openphone_outbox SET state = 'failed', settled_at = clock_timestamp(),
    error = 'its import was cancelled before OpenPhone was told'
WHERE import_id = :id AND state = 'pending'
"""
COUNT = "UPDATE imports SET contacts_failed = contacts_failed + :unsent WHERE id = :id"
TABLES = ("upload_pieces", "held_records")
# Not before a worker that is at it has noticed: it still reads.
LEFT = f"""
DELETE FROM %s WHERE import_id IN (SELECT id FROM imports WHERE status = 'cancelled' AND {LOCK_IS_FREE})
"""  # noqa: S608 - constants


def cancel(engine: Engine, import_id: UUID, api_key_id: UUID) -> bool:
    """Whether it was unfinished, and is cancelled now."""
    with engine.begin() as connection:
        about = {"cancelled": Status.CANCELLED, "id": import_id, "before": before(Status.CANCELLED)}
        if connection.execute(text(CANCEL), about).scalar() is None:
            return False
        unsent = connection.execute(text(UNSENT), {"id": import_id}).rowcount
        connection.execute(text(COUNT), {"id": import_id, "unsent": unsent})
        audit.record(connection, "import.cancelled", str(import_id), api_key_id=api_key_id, unsent=unsent)
        tidy(connection)
    log.info("import cancelled", import_id=str(import_id), unsent=unsent)
    return True


def tidy(connection: Connection) -> None:
    """Removes what cancelled imports have left, unless a worker is still at them."""
    for table in TABLES:
        connection.execute(text(LEFT % table))
