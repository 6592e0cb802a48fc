"""What of the outbox is due: of all imports, in the order it came in, contact by contact."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from app.openphone.outbox import UNLOCK

# Each half reads the index openphone_outbox_queue in its own order, however much waits behind.
FRESH = "FROM openphone_outbox WHERE state = 'pending' AND retry_at IS NULL"
AGAIN = "FROM openphone_outbox WHERE state = 'pending' AND retry_at <= now()"
ANY = f"SELECT EXISTS (SELECT {FRESH}) OR EXISTS (SELECT {AGAIN})"
# The lock is outbox.py's, of the same contact. A contact whose lock is taken is another's: whose is free is next.
TAKE = f"""
WITH due AS MATERIALIZED (
    SELECT contact_id, min(id) AS first FROM (
        (SELECT id, contact_id {FRESH} ORDER BY retry_at, id LIMIT :window)
        UNION ALL (SELECT id, contact_id {AGAIN} ORDER BY retry_at, id LIMIT :window)
    ) AS entries GROUP BY contact_id ORDER BY first
)
SELECT contact_id FROM due WHERE pg_try_advisory_lock(hashtextextended(contact_id::text, 0)) LIMIT :batch
"""  # noqa: S608
# Under the lock, as another may have told of it, failed with it or cancelled its import since. One statement reads the
# contact and its entries: what it says of them all is then in what is sent.
READ = """
SELECT contacts.id, phone, first_name, last_name, email, company, title, openphone_id,
    entries, imports, payer, attempts
FROM (
    SELECT contact_id, min(id) AS first, array_agg(id) AS entries, array_agg(import_id) AS imports,
        (array_agg(import_id ORDER BY id) FILTER (WHERE state = 'pending'))[1] AS payer,
        max(attempts) FILTER (WHERE state = 'pending') AS attempts
    FROM openphone_outbox WHERE contact_id = ANY(:ids) AND state <> 'done' GROUP BY contact_id
    HAVING bool_or(state = 'pending' AND (retry_at IS NULL OR retry_at <= now()))
) AS untold JOIN contacts ON contacts.id = contact_id LEFT JOIN openphone_links USING (contact_id)
ORDER BY first
"""
STILL = "SELECT DISTINCT contact_id FROM openphone_outbox WHERE id = ANY(:entries) AND state = 'pending'"


@dataclass(frozen=True)
class Due:
    """A contact as it is now, and the entries, of whichever imports, that are settled once OpenPhone has it.

    *payer* is the import that the calls are counted for, *attempts* how often they failed before.
    """

    contact: dict[str, Any]
    openphone_id: str | None
    entries: list[int]
    imports: list[UUID]
    payer: UUID
    attempts: int

    @property
    def id(self) -> UUID:
        """The contact's."""
        found: UUID = self.contact["id"]
        return found


def anything(connection: Connection) -> bool:
    """Whether something is due, locked or not."""
    return bool(connection.execute(text(ANY)).scalar())


def take(connection: Connection, batch: int, window: int, before: Sequence[UUID]) -> tuple[list[UUID], list[Due]]:
    """Locks up to *batch* contacts among the first *window* that are due, and lets go of those *before*.

    Returns the contacts that are locked, and those of them that still are due.
    """
    with connection.begin():
        release(connection, before)
        locked = list(connection.execute(text(TAKE), {"batch": batch, "window": window}).scalars())
        if not locked:
            return [], []
        return locked, [_due(dict(row)) for row in connection.execute(text(READ), {"ids": locked}).mappings()]


def release(connection: Connection, contacts: Sequence[UUID]) -> None:
    """Lets go of the contacts, in the open transaction: behind the one that settled them."""
    if contacts:
        connection.execute(text(UNLOCK), {"ids": list(contacts)})


def still(connection: Connection, dues: Sequence[Due]) -> set[UUID]:
    """The contacts of *dues* that are to be told of still. Raises what the engine raises when this session is lost."""
    with connection.begin():
        entries = [entry for due in dues for entry in due.entries]
        return set(connection.execute(text(STILL), {"entries": entries}).scalars())


def _due(row: dict[str, Any]) -> Due:
    named = {name: row.pop(name) for name in ("openphone_id", "entries", "imports", "payer", "attempts")}
    return Due(contact=row, **named)
