"""Dead letters: contacts that OpenPhone would not take, or that it was not told of before their import was given up."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, text

from app import audit
from app.openphone.settle import LOCK

OF = {"import": "import_id", "contact": "contact_id"}
LIST = """
SELECT entry.id, contact_id AS contact, phone, import_id AS import, error, attempts, settled_at AS failed_at
FROM openphone_outbox AS entry JOIN contacts ON contacts.id = contact_id
WHERE entry.state = 'failed' {where} ORDER BY entry.id LIMIT :size
"""
IMPORTS = "SELECT DISTINCT import_id FROM openphone_outbox WHERE state = 'failed' {where}"
# None that has died since: its import is not locked.
AGAIN = """
UPDATE openphone_outbox SET state = 'pending', attempts = 0, error = NULL, retry_at = NULL, settled_at = NULL
WHERE state = 'failed' AND import_id = ANY(:imports) {where} RETURNING import_id
"""
UNCOUNT = "UPDATE imports SET contacts_failed = contacts_failed - :again WHERE id = :id"


def letters(connection: Connection, size: int, after: int | None, only: dict[str, UUID]) -> list[dict[str, Any]]:
    """The first *size* of them behind the entry *after*, *only* those of an ``import`` or a ``contact``."""
    where = _where(only) + (" AND entry.id > :after" if after is not None else "")
    found = connection.execute(text(LIST.format(where=where)), {"size": size, "after": after, **only})
    return [dict(row) for row in found.mappings()]


def retry(engine: Engine, api_key_id: UUID, only: dict[str, UUID]) -> int:
    """Makes them pending again, as if they had never failed; returns how many. *only* as above."""
    where = _where(only)
    with engine.begin() as connection:
        imports = list(connection.execute(text(IMPORTS.format(where=where)), only).scalars())
        connection.execute(text(LOCK), {"ids": imports})
        again: dict[UUID, int] = {}
        for import_id in connection.execute(text(AGAIN.format(where=where)), {"imports": imports, **only}).scalars():
            again[import_id] = again.get(import_id, 0) + 1
        if not again:
            return 0
        connection.execute(text(UNCOUNT), [{"id": import_id, "again": count} for import_id, count in again.items()])
        count = sum(again.values())
        subject = str(next(iter(only.values()), "all"))
        audit.record(connection, "openphone.retried", subject, api_key_id=api_key_id, contacts=count, of=list(only))
    return count


def _where(only: dict[str, UUID]) -> str:
    return "".join(f" AND {OF[name]} = :{name}" for name in only)
