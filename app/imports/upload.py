"""An upload's bytes in PostgreSQL, until its import is finished."""

import io
import struct
from collections.abc import Iterable, Iterator
from uuid import UUID

from sqlalchemy import Connection, text

from app.imports.copy import BUFFER_BYTES
from app.imports.source import PiecesIO
from app.storage.engine import raw_cursor, transaction


def store(connection: Connection, import_id: UUID, pieces: Iterable[bytes]) -> None:
    """Streams *pieces* into the table upload_pieces, in the open transaction."""
    with raw_cursor(connection) as cursor:
        cursor.copy_expert(
            "COPY upload_pieces (import_id, number, data) FROM STDIN (FORMAT binary)",
            io.BufferedReader(PiecesIO(binary_copy(import_id, pieces)), BUFFER_BYTES),
            size=BUFFER_BYTES,
        )


def stored(connection: Connection, import_id: UUID) -> Iterator[bytes]:
    """The upload's pieces, each read in a short transaction unless one is open."""
    number = 0
    while True:
        with transaction(connection):
            piece = connection.execute(
                text("SELECT data FROM upload_pieces WHERE import_id = :id AND number = :number"),
                {"id": import_id, "number": number},
            ).scalar()
        if piece is None:
            return
        yield bytes(piece)
        number += 1


def drop(connection: Connection, import_id: UUID) -> None:
    """Removes the upload, in the open transaction."""
    connection.execute(text("DELETE FROM upload_pieces WHERE import_id = :id"), {"id": import_id})


def binary_copy(import_id: UUID, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """PostgreSQL's binary COPY format of the rows (uuid, integer, bytea)."""
    yield b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
    for number, piece in enumerate(pieces):
        yield struct.pack("!hi16sii", 3, 16, import_id.bytes, 4, number)
        yield struct.pack("!i", len(piece))
        yield piece
    yield struct.pack("!h", -1)
