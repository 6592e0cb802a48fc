"""API keys: made, looked up, revoked. The database holds their hashes only."""

import hashlib
import secrets
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, text

PREFIX = "tl_"


def create(connection: Connection, name: str) -> tuple[UUID, str]:
    """Makes a key; returns its id and the key, which is nowhere else from now on."""
    key = PREFIX + secrets.token_urlsafe(32)
    created = connection.execute(
        text("INSERT INTO api_keys (name, key_hash) VALUES (:name, :hash) RETURNING id"),
        {"name": name, "hash": _hash(key)},
    )
    return created.scalar_one(), key


def owner(engine: Engine, key: str) -> UUID | None:
    """The id of a key in force."""
    with engine.connect() as connection:
        return connection.execute(
            text("SELECT id FROM api_keys WHERE key_hash = :hash AND revoked_at IS NULL"), {"hash": _hash(key)}
        ).scalar()


def every(connection: Connection) -> list[Row[tuple[object, ...]]]:
    """id, created_at, revoked_at and name of all keys, the oldest first."""
    return list(connection.execute(text("SELECT id, created_at, revoked_at, name FROM api_keys ORDER BY created_at")))


def revoke(connection: Connection, key_id: str) -> bool:
    """Ends a key; whether there was one in force with that id."""
    revoked = connection.execute(
        text("UPDATE api_keys SET revoked_at = now() WHERE id::text = :id AND revoked_at IS NULL"), {"id": key_id}
    )
    return bool(revoked.rowcount)


def _hash(key: str) -> str:
    """SHA-256: a key is 256 random bits, so a slow hash would only slow the requests down."""
    return hashlib.sha256(key.encode()).hexdigest()
