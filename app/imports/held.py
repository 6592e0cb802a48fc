"""What rows in different chunks say of the same thing: kept until all rows are read, then merged as one."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from app.imports.chunk import Chunk, Held
from app.imports.claim import Claim
from app.imports.copy import as_json, copy, texts
from app.imports.errors import DuplicateError
from app.imports.kinds.kind import Kind

OF_IMPORT = "WHERE import_id = :import_id"
# All but the first row of each identity.
LATER = f"""
SELECT row_number, key, first FROM (
    SELECT row_number, key, min(row_number) OVER (PARTITION BY key) AS first
    FROM held_records {OF_IMPORT} AND target = :about) AS numbered
WHERE row_number > first ORDER BY row_number
"""  # noqa: S608 - constants
KNOWN = f"""
SELECT row_number, key FROM held_records JOIN (%s) AS existing (known) ON known = key
{OF_IMPORT} AND target = :about ORDER BY row_number
"""  # noqa: S608
EXISTING = {
    "contacts": "SELECT phone FROM contacts",
    "properties": "SELECT key FROM properties",
    "members": "SELECT phone FROM contacts JOIN campaign_members ON contact_id = contacts.id"
    " JOIN imports USING (campaign_id) WHERE imports.id = :import_id",
}
DROP_ROWS = "DELETE FROM held_records {} AND row_number IN (SELECT row_number FROM ({}) AS dropped)"
NEXT = f"""
SELECT key, fields FROM held_records {OF_IMPORT} AND target = :target ORDER BY key, row_number
"""  # noqa: S608
DROP = f"DELETE FROM held_records {OF_IMPORT} AND target = :target AND key <= :last"  # noqa: S608
DROP_ALL = f"DELETE FROM held_records {OF_IMPORT} AND target = :target"  # noqa: S608


def written(import_id: UUID, records: Iterable[Held]) -> bytes:
    """*records* as `keep` takes them."""
    of = str(import_id)
    return b"".join(texts([of, one.target, one.key, str(one.row_number), as_json(one.values)] for one in records))


def keep(connection: Connection, records: bytes) -> None:
    """Keeps them, in the open transaction."""
    if records:
        copy(connection, "held_records", ("import_id", "target", "key", "row_number", "fields"), records)


def drop(claim: Claim, target: str) -> None:
    """Lets go of all that is kept of *target*, in the open transaction: it is merged."""
    claim.connection.execute(text(DROP_ALL), {"import_id": claim.import_id, "target": target})


def are_there(claim: Claim) -> bool:
    """Whether the import has any."""
    query = f"SELECT EXISTS (SELECT FROM held_records {OF_IMPORT})"  # noqa: S608
    return bool(claim.connection.execute(text(query), {"import_id": claim.import_id}).scalar())


def sift(claim: Claim, kind: Kind, on_duplicate: str) -> Chunk:
    """Leaves the first row of each identity, and none about what exists already; the chunk counts those that go.

    In the open transaction. Raises DuplicateError where that is the policy.
    """
    about: dict[str, Any] = {"import_id": claim.import_id, "about": kind.about}
    # Without it PostgreSQL takes the table for empty, and a row's loss for a walk through all the others.
    claim.connection.execute(text("ANALYZE held_records"))
    known = KNOWN % EXISTING[kind.about]
    if on_duplicate == "fail":
        if row := claim.connection.execute(text(LATER), about).first():
            raise DuplicateError(row.row_number, row.key, f"row {row.first} of the file has it already")
        if row := claim.connection.execute(text(known), about).first():
            raise DuplicateError(row.row_number, row.key, "it is in the database already")
        return Chunk(kind)
    chunk = Chunk(kind)
    for rows, counted in ((LATER, "duplicates"), (known, "skipped")):
        query = text(f"SELECT count(*) FROM ({rows}) AS dropped")  # noqa: S608
        setattr(chunk, counted, claim.connection.execute(query, about).scalar_one())
        claim.connection.execute(text(DROP_ROWS.format(OF_IMPORT, rows)), about)
    return chunk


def take(claim: Claim, kind: Kind, on_duplicate: str, target: str, things: int) -> Chunk | None:
    """The next *things* of *target*, each folded from all its rows, and gone from the table; None behind the last.

    In the open transaction.
    """
    about = {"import_id": claim.import_id, "target": target}
    chunk = Chunk(kind, on_duplicate)
    last = None
    with claim.connection.execute(text(NEXT).execution_options(yield_per=1000), about) as found:
        for key, records in groupby(found, lambda record: str(record.key)):
            for record in records:
                chunk.fold(target, key, record.fields)
            last = key
            if len(chunk.values[target]) >= things:
                break
    if last is None:
        return None
    claim.connection.execute(text(DROP), about | {"last": last})
    return chunk
