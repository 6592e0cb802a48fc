"""Accepted means durable: an upload is in PostgreSQL before its first row is looked at."""

import json
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, Engine, text

from app import audit
from app.imports import idempotency, upload
from app.imports.claim import Claim, dedicated, lock
from app.imports.intake import Upload
from app.imports.options import Options
from app.imports.status import Status

FIND_LIST = "SELECT id FROM lists WHERE name = :name"
MAKE_LIST = "INSERT INTO lists (name) VALUES (:name) ON CONFLICT (name) DO NOTHING"
UNFINISHED = """
SELECT imports.id FROM imports JOIN lists ON lists.id = list_id
WHERE sha256 = :sha256 AND api_key_id = :api_key_id AND kind = :kind AND on_duplicate = :on_duplicate
  AND lists.name = :list_name AND finished_at IS NULL
ORDER BY number DESC LIMIT 1
"""
INSERT = """
INSERT INTO imports
    (api_key_id, kind, mode, on_duplicate, list_id, filename, header, bytes, sha256, rows_total, status)
VALUES
    (:api_key_id, :kind, :mode, :on_duplicate, :list_id, :filename, CAST(:header AS jsonb), :bytes, :sha256, :rows,
     :status)
RETURNING id, number
"""


@dataclass(frozen=True)
class Known:
    """The same upload is here already: not finished, or named by the same Idempotency-Key."""

    import_id: UUID


@dataclass(frozen=True)
class Request:
    """An upload and what its client, known by the API key's id, wants done with it."""

    upload: Upload
    options: Options
    api_key_id: UUID
    idempotency_key: str | None = None

    @property
    def fingerprint(self) -> str:
        """What makes two uploads the same: content, kind, policy and list."""
        parts = [self.upload.sha256, self.options.kind.name, self.options.on_duplicate, self.options.list_name]
        return "\n".join(parts)


def receive(engine: Engine, request: Request) -> Claim | Known:
    """Stores the upload and returns its import, claimed; or the import that the very same upload has already.

    Raises Problem (422) for an Idempotency-Key that named another upload.
    """
    connection = dedicated(engine)
    try:
        with connection.begin():
            found = _known(connection, request)
            outcome = Known(found) if found else _store(connection, request)
    except BaseException:
        connection.close()
        raise
    if isinstance(outcome, Known):
        connection.close()
    return outcome


def _known(connection: Connection, request: Request) -> UUID | None:
    key = request.idempotency_key
    if key:
        named = idempotency.named(connection, request.api_key_id, key, request.fingerprint)
        if named:
            return named
    idempotency.serialise(connection, f"{request.api_key_id}\n{request.fingerprint}")
    unfinished: UUID | None = connection.execute(text(UNFINISHED), _values(request)).scalar()
    if unfinished and key:
        idempotency.name(connection, request.api_key_id, key, request.fingerprint, unfinished)
    return unfinished


def _store(connection: Connection, request: Request) -> Claim:
    # In two statements: the second sees a list that another transaction has made in the meantime.
    connection.execute(text(MAKE_LIST), {"name": request.options.list_name})
    list_id = connection.execute(text(FIND_LIST), {"name": request.options.list_name}).scalar_one()
    row = connection.execute(text(INSERT), _values(request) | {"list_id": list_id}).one()
    # Held before anyone can see the import, so that received with a free lock always means a dead worker.
    if not lock(connection, row.number):
        raise RuntimeError(f"the lock of the new import {row.number} is taken")
    upload.store(connection, row.id, request.upload.pieces())
    if request.idempotency_key:
        idempotency.name(connection, request.api_key_id, request.idempotency_key, request.fingerprint, row.id)
    audit.record(
        connection,
        "import.received",
        str(row.id),
        api_key_id=request.api_key_id,
        filename=request.upload.filename,
        bytes=request.upload.size,
    )
    return Claim(connection, row.id, row.number)


def _values(request: Request) -> dict[str, object]:
    return {
        "api_key_id": request.api_key_id,
        "kind": request.options.kind.name,
        "mode": request.options.mode,
        "on_duplicate": request.options.on_duplicate,
        "list_name": request.options.list_name,
        "filename": request.upload.filename,
        "header": json.dumps(request.upload.layout.header),
        "bytes": request.upload.size,
        "sha256": request.upload.sha256,
        "rows": request.upload.rows,
        "status": Status.RECEIVED,
    }
