"""API keys: who is asking."""

import hashlib
import secrets
from uuid import UUID

from flask import Blueprint, current_app, g, request
from sqlalchemy import Connection, Engine, text

from app.problem import Problem

PREFIX = "tl_"


def create_key(connection: Connection, name: str) -> tuple[UUID, str]:
    """Makes a key; returns its id and the key, which is nowhere else from now on."""
    key = PREFIX + secrets.token_urlsafe(32)
    created = connection.execute(
        text("INSERT INTO api_keys (name, key_hash) VALUES (:name, :hash) RETURNING id"),
        {"name": name, "hash": hash_of(key)},
    )
    return created.scalar_one(), key


def hash_of(key: str) -> str:
    """SHA-256: a key is 256 random bits, so a slow hash would only slow the requests down."""
    return hashlib.sha256(key.encode()).hexdigest()


def owner(engine: Engine, key: str) -> UUID | None:
    """The id of a key in force."""
    with engine.connect() as connection:
        return connection.execute(
            text("SELECT id FROM api_keys WHERE key_hash = :hash AND revoked_at IS NULL"), {"hash": hash_of(key)}
        ).scalar()


def require_key() -> None:
    """Before each request of a blueprint: sets ``g.api_key_id``. Raises Problem (401)."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    found = owner(current_app.extensions["engine"], key.strip()) if scheme.lower() == "bearer" and key.strip() else None
    if found is None:
        raise Problem(
            401,
            "unauthorized",
            "No valid API key",
            "Send the header 'Authorization: Bearer KEY'; `python -m app.admin create-key NAME` makes a key.",
        ).with_headers(WWW_Authenticate='Bearer realm="timeoutlab"')
    g.api_key_id = found


def protect(blueprint: Blueprint) -> Blueprint:
    """*blueprint*, every route of it behind an API key."""
    blueprint.before_request(require_key)
    return blueprint
