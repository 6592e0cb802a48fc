"""Idempotency-Key: a client's name for one upload, good for 24 hours."""

from uuid import UUID

from sqlalchemy import Connection, text

from app.problem import Problem

# One client's equal requests one after the other, so that the second finds what the first has made.
SERIALISE = "SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"
NAMED = """
SELECT import_id, fingerprint FROM idempotency_keys
WHERE api_key_id = :api_key_id AND key = :key AND created_at > now() - interval '24 hours'
"""
NAME = """
INSERT INTO idempotency_keys (api_key_id, key, fingerprint, import_id)
VALUES (:api_key_id, :key, :fingerprint, :import_id)
ON CONFLICT (api_key_id, key) DO UPDATE
SET fingerprint = EXCLUDED.fingerprint, import_id = EXCLUDED.import_id, created_at = now()
"""


def serialise(connection: Connection, what: str) -> None:
    """Waits for every other transaction that does *what*."""
    connection.execute(text(SERIALISE), {"what": what})


def named(connection: Connection, api_key_id: UUID, key: str, fingerprint: str) -> UUID | None:
    """The import that *key* names. Raises Problem (422) when it named another upload."""
    serialise(connection, f"key {api_key_id}\n{key}")
    row = connection.execute(text(NAMED), {"api_key_id": api_key_id, "key": key}).one_or_none()
    if row is None:
        return None
    if row.fingerprint != fingerprint:
        raise Problem(
            422,
            "idempotency-key-reused",
            "This Idempotency-Key named another upload",
            "It was used in the last 24 hours for another file or other options. Send a new key with a new upload.",
        )
    found: UUID = row.import_id
    return found


def name(connection: Connection, api_key_id: UUID, key: str, fingerprint: str, import_id: UUID) -> None:
    """Makes *key* name the import, in the open transaction."""
    connection.execute(
        text(NAME), {"api_key_id": api_key_id, "key": key, "fingerprint": fingerprint, "import_id": import_id}
    )
