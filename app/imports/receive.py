"""Accepted means durable: an upload is in PostgreSQL before its first row is looked at."""

import json
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, text

from app import audit
from app.imports import idempotency, upload
from app.imports.claim import Claim, lock
from app.imports.intake import Upload
from app.imports.options import Options
from app.imports.status import Status

UNKNOWN_SHOWN = 200  # names of columns that a report lists
FIND = "SELECT id FROM {} WHERE name = :name"
MAKE = "INSERT INTO {} (name) VALUES (:name) ON CONFLICT (name) DO NOTHING"
UNFINISHED = """
SELECT imports.id FROM imports
LEFT JOIN lists ON lists.id = list_id LEFT JOIN campaigns ON campaigns.id = campaign_id
WHERE sha256 = :sha256 AND api_key_id = :api_key_id AND kind = :kind AND on_duplicate = :on_duplicate
  AND dry_run = :dry_run AND COALESCE(lists.name, campaigns.name) = :goes_to AND finished_at IS NULL
ORDER BY number DESC LIMIT 1
"""
INSERT = """
INSERT INTO imports
    (id, api_key_id, kind, mode, on_duplicate, dry_run, list_id, campaign_id, filename, bytes, sha256,
     header, unknown_columns, encoding, delimiter, trailer, rows_total, status, owner, woken_at)
VALUES
    (:id, :api_key_id, :kind, :mode, :on_duplicate, :dry_run, :list_id, :campaign_id, :filename, :bytes, :sha256,
     CAST(:header AS jsonb), CAST(:unknown AS jsonb), :encoding, :delimiter, :trailer, :rows, :status, :owner,
     CASE WHEN :owner = 'worker' THEN clock_timestamp() END)
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
    owner: str = "web"  # or "worker": who sees it through
    import_id: UUID = field(default_factory=uuid4)

    @property
    def fingerprint(self) -> str:
        """What makes two uploads the same: content and options."""
        return "\n".join([self.upload.sha256, *self.options.fingerprint])


def receive(engine: Engine, request: Request) -> Claim | Known:
    """Stores the upload and returns its import, claimed; or the import that the very same upload has already.

    Raises Problem (422) for an Idempotency-Key that named another upload.
    """
    connection = engine.connect()
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
    options = request.options
    goes_to = {
        "list_id": _named(connection, "lists", options.list_name),
        "campaign_id": _named(connection, "campaigns", options.campaign_name),
    }
    import_id, number = connection.execute(text(INSERT), _values(request) | goes_to).one()
    # Held before anyone can see the import, so that received with a free lock always means a dead worker.
    if not lock(connection, number):
        raise RuntimeError(f"the lock of the new import {number} is taken")
    upload.store(connection, import_id, request.upload.pieces())
    if request.idempotency_key:
        idempotency.name(connection, request.api_key_id, request.idempotency_key, request.fingerprint, import_id)
    audit.record(
        connection,
        "import.received",
        str(import_id),
        api_key_id=request.api_key_id,
        filename=request.upload.filename,
        bytes=request.upload.size,
    )
    return Claim(connection, import_id, number)


def _named(connection: Connection, table: str, name: str | None) -> UUID | None:
    """The id of the list or campaign of that name, which is made if it is not there."""
    if name is None:
        return None
    # In two statements: the second sees what another transaction has made in the meantime.
    connection.execute(text(MAKE.format(table)), {"name": name})
    found: UUID = connection.execute(text(FIND.format(table)), {"name": name}).scalar_one()
    return found


def _values(request: Request) -> dict[str, object]:
    return {
        "id": request.import_id,
        "api_key_id": request.api_key_id,
        "kind": request.options.kind.name,
        "mode": request.options.mode,
        "on_duplicate": request.options.on_duplicate,
        "dry_run": request.options.dry_run,
        "goes_to": request.options.list_name or request.options.campaign_name,
        "filename": request.upload.filename,
        "header": json.dumps(request.upload.layout.as_read),
        "unknown": json.dumps(list(request.upload.layout.unknown)[:UNKNOWN_SHOWN]),
        "encoding": request.upload.dialect.encoding,
        "delimiter": request.upload.dialect.delimiter,
        "trailer": request.upload.trailer,
        "bytes": request.upload.size,
        "sha256": request.upload.sha256,
        "rows": request.upload.rows,
        "status": Status.RECEIVED,
        "owner": request.owner,
    }
