"""Accepted means durable: an upload is in PostgreSQL before its first row is looked at."""

import json
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from uuid import UUID

from sqlalchemy import Connection, Engine, text

from app import audit
from app.imports.claim import Claim, dedicated, lock
from app.imports.intake import Upload
from app.imports.options import Options
from app.imports.status import FINISHED, Status
from app.problem import Problem
from app.storage.engine import raw_cursor

LIST = """
WITH made AS (INSERT INTO lists (name) VALUES (:name) ON CONFLICT (name) DO NOTHING RETURNING id)
SELECT id FROM made UNION ALL SELECT id FROM lists WHERE name = :name LIMIT 1
"""
# One client's equal requests one after the other, so that the second finds the first.
SERIALISE = "SELECT pg_advisory_xact_lock(hashtextextended(:fingerprint, 0))"
UNFINISHED = """
SELECT id FROM imports
WHERE sha256 = :sha256 AND api_key_id = :api_key_id AND kind = :kind AND on_duplicate = :on_duplicate
  AND list_id = :list_id AND NOT status = ANY(:finished)
ORDER BY number DESC LIMIT 1
"""
INSERT = """
INSERT INTO imports (api_key_id, kind, mode, on_duplicate, list_id, filename, header, bytes, sha256, status)
VALUES (:api_key_id, :kind, :mode, :on_duplicate, :list_id, :filename, CAST(:header AS jsonb), :bytes, :sha256, :status)
RETURNING id, number
"""
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


@dataclass(frozen=True)
class Known:
    """The same upload is here already: not finished, or named by the same Idempotency-Key."""

    import_id: UUID


def fingerprint(upload: Upload, options: Options) -> str:
    """What makes two uploads the same: content, kind, policy and list."""
    return "\n".join([upload.sha256, options.kind.name, options.on_duplicate, options.list_name])


def receive(
    engine: Engine, upload: Upload, options: Options, *, api_key_id: UUID, idempotency_key: str | None
) -> Claim | Known:
    """Stores the upload and returns its import, claimed; or the unfinished import of the very same upload."""
    connection = dedicated(engine)
    try:
        outcome = _store(connection, upload, options, api_key_id, idempotency_key)
    except BaseException:
        connection.close()
        raise
    if isinstance(outcome, Known):
        connection.close()
    return outcome


def _store(
    connection: Connection, upload: Upload, options: Options, api_key_id: UUID, idempotency_key: str | None
) -> Claim | Known:
    values = {
        "api_key_id": api_key_id,
        "kind": options.kind.name,
        "mode": options.mode,
        "on_duplicate": options.on_duplicate,
        "sha256": upload.sha256,
    }
    with connection.begin():
        list_id = connection.execute(text(LIST), {"name": options.list_name}).scalar()
        if list_id is None:  # made by another transaction since this statement began
            list_id = connection.execute(
                text("SELECT id FROM lists WHERE name = :name"), {"name": options.list_name}
            ).scalar_one()
    with connection.begin():
        if idempotency_key:
            known = _named(connection, api_key_id, idempotency_key, fingerprint(upload, options))
            if known:
                return known
        connection.execute(text(SERIALISE), {"fingerprint": f"{api_key_id}\n{fingerprint(upload, options)}"})
        unfinished = connection.execute(
            text(UNFINISHED), {**values, "list_id": list_id, "finished": sorted(FINISHED)}
        ).scalar()
        if unfinished:
            if idempotency_key:
                _name(connection, api_key_id, idempotency_key, fingerprint(upload, options), unfinished)
            return Known(unfinished)
        row = connection.execute(
            text(INSERT),
            {
                **values,
                "list_id": list_id,
                "filename": upload.filename,
                "header": json.dumps(upload.layout.header),
                "bytes": upload.size,
                "status": Status.RECEIVED,
            },
        ).one()
        # Held before anyone can see the import, so that received with a free lock always means a dead worker.
        if not lock(connection, row.number):
            raise RuntimeError(f"the lock of the new import {row.number} is taken")
        with raw_cursor(connection) as cursor:
            cursor.copy_expert(
                "COPY upload_pieces (import_id, number, data) FROM STDIN (FORMAT binary)",
                BytesIO(b"".join(binary_copy(row.id, upload.pieces()))),
            )
        if idempotency_key:
            _name(connection, api_key_id, idempotency_key, fingerprint(upload, options), row.id)
        audit.record(
            connection,
            "import.received",
            str(row.id),
            api_key_id=api_key_id,
            filename=upload.filename,
            bytes=upload.size,
        )
    return Claim(connection, row.id, row.number)


def _named(connection: Connection, api_key_id: UUID, key: str, wanted: str) -> Known | None:
    """The import that *key* named in the last 24 hours. Raises Problem (422) when it named another upload."""
    connection.execute(text(SERIALISE), {"fingerprint": f"key {api_key_id}\n{key}"})
    row = connection.execute(text(NAMED), {"api_key_id": api_key_id, "key": key}).one_or_none()
    if row is None:
        return None
    if row.fingerprint != wanted:
        raise Problem(
            422,
            "idempotency-key-reused",
            "This Idempotency-Key named another upload",
            "It was used in the last 24 hours for another file or other options. Send a new key with a new upload.",
        )
    return Known(row.import_id)


def _name(connection: Connection, api_key_id: UUID, key: str, wanted: str, import_id: UUID) -> None:
    connection.execute(
        text(NAME), {"api_key_id": api_key_id, "key": key, "fingerprint": wanted, "import_id": import_id}
    )


def binary_copy(import_id: UUID, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """PostgreSQL's binary COPY format of the rows (uuid, integer, bytea)."""
    yield b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
    for number, piece in enumerate(pieces):
        yield struct.pack("!hi16sii", 3, 16, import_id.bytes, 4, number)
        yield struct.pack("!i", len(piece)) + piece
    yield struct.pack("!h", -1)


def stored(connection: Connection, import_id: UUID) -> Iterator[bytes]:
    """The upload's pieces, one short transaction each."""
    number = 0
    while True:
        with connection.begin():
            piece = connection.execute(
                text("SELECT data FROM upload_pieces WHERE import_id = :id AND number = :number"),
                {"id": import_id, "number": number},
            ).scalar()
        if piece is None:
            return
        yield bytes(piece)
        number += 1
