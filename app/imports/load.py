"""One chunk of rows into the tables, as one transaction."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from sqlalchemy import Connection, text

from app.imports.claim import Claim
from app.imports.layout import COLUMNS_MAX, CONTACT_FIELDS
from app.imports.normalise import Normaliser, RowProblem
from app.imports.source import Row
from app.stages import StageClock
from app.storage.engine import raw_cursor

COLUMNS = ", ".join(CONTACT_FIELDS)
VALUES = tuple(name for name in CONTACT_FIELDS if name != "phone")
# What COPY's text format gives a meaning.
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})

STAGING = f"""CREATE TEMP TABLE IF NOT EXISTS staging ON COMMIT DELETE ROWS
AS SELECT {COLUMNS} FROM contacts WITH NO DATA"""  # noqa: S608 - our own column names

# Characters kept of a rejected row: a quote that is never closed makes a row of the rest of the file, and a jsonb
# array can't hold more than 256 MB.
KEPT_CHARS = 2**18

# In the order of the phones, so that two imports of the same people lock them in the same order.
# A field that the file leaves empty keeps what was known; what a later import has written, an earlier one that is
# resumed leaves alone. Queued for OpenPhone is what changed, and what OpenPhone was never told or would not take.
MERGE = f"""
WITH merged AS (
    INSERT INTO contacts AS c ({COLUMNS}, import_number) SELECT {COLUMNS}, :number FROM staging ORDER BY phone
    ON CONFLICT (phone) DO UPDATE
    SET {", ".join(f"{name} = COALESCE(EXCLUDED.{name}, c.{name})" for name in VALUES)},
        import_number = EXCLUDED.import_number, updated_at = now()
    WHERE c.import_number <= EXCLUDED.import_number AND ({", ".join(f"c.{name}" for name in VALUES)})
        IS DISTINCT FROM ({", ".join(f"COALESCE(EXCLUDED.{name}, c.{name})" for name in VALUES)})
    RETURNING id, phone, xmax = 0 AS is_new
), repeated AS (
    SELECT phone FROM staging JOIN contacts USING (phone) WHERE import_number = :number
), unsynced AS (
    SELECT c.id, phone FROM staging JOIN contacts AS c USING (phone) LEFT JOIN openphone_links ON contact_id = c.id
    WHERE :sync AND (openphone_id IS NULL OR EXISTS (
        SELECT FROM openphone_outbox AS earlier WHERE earlier.contact_id = c.id AND earlier.state <> 'done'))
), queued AS (
    INSERT INTO openphone_outbox (import_id, contact_id)
    SELECT :import_id, id FROM (SELECT id, phone FROM merged WHERE :sync UNION SELECT id, phone FROM unsynced) AS untold
    ORDER BY phone
    ON CONFLICT (import_id, contact_id) DO NOTHING RETURNING 1
)
SELECT count(*) FILTER (WHERE is_new) AS created,
    count(*) FILTER (WHERE NOT is_new AND repeated.phone IS NULL) AS updated,
    (SELECT count(*) FROM repeated) AS repeated, (SELECT count(*) FROM queued) AS to_sync
FROM merged LEFT JOIN repeated USING (phone)
"""  # noqa: S608
MEMBERS = """
INSERT INTO list_members (list_id, contact_id)
SELECT imports.list_id, contacts.id FROM imports, staging JOIN contacts USING (phone) WHERE imports.id = :import_id
ON CONFLICT DO NOTHING
"""
CHECKPOINT = """
    rows_done = rows_done + :rows, rows_rejected = rows_rejected + :rejected,
    rows_duplicate = rows_duplicate + :duplicates,
    created = created + :created, updated = updated + :updated, unchanged = unchanged + :unchanged,
    contacts_to_sync = contacts_to_sync + :to_sync, stage_seconds = CAST(:stages AS jsonb)
"""


@dataclass
class Chunk:
    """Rows that go in together: contacts by phone, a later row of a phone filling in and overriding an earlier one."""

    rows: int = 0
    duplicates: int = 0
    contacts: dict[str, dict[str, str | None]] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)

    def add(self, outcome: dict[str, str | None] | RowProblem) -> None:
        """Takes in one row's outcome."""
        self.rows += 1
        if isinstance(outcome, RowProblem):
            self.problems.append(outcome)
            return
        phone = str(outcome["phone"])
        known = self.contacts.get(phone)
        if known is None:
            self.contacts[phone] = outcome
            return
        self.duplicates += 1
        known |= {name: value for name, value in outcome.items() if value is not None}


def batches(rows: Iterable[Row], max_rows: int, max_size: int) -> Iterator[list[Row]]:
    """*rows* in lists of at most *max_rows* rows; a list is also ended by reaching *max_size* characters."""
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += row.size
        if len(batch) >= max_rows or size >= max_size:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def normalised(rows: Iterable[Row], normaliser: Normaliser) -> Chunk:
    """The chunk that *rows* make."""
    chunk = Chunk()
    for row in rows:
        chunk.add(normaliser.contact(row))
    return chunk


def load(chunk: Chunk, claim: Claim, clock: StageClock, *, sync: bool) -> None:
    """Merges *chunk*, with its row errors, outbox entries (if *sync*) and checkpoint, or writes nothing.

    Raises FencedError for a late worker.
    """
    connection = claim.connection
    with clock.stage("merge"), connection.begin():
        with clock.stage("copy"):
            connection.execute(text(STAGING))
            records = ([contact.get(name) for name in CONTACT_FIELDS] for contact in chunk.contacts.values())
            copy(connection, f"staging ({COLUMNS})", records)
        about = {"import_id": claim.import_id, "number": claim.number, "sync": sync}
        merged = connection.execute(text(MERGE), about).one()
        connection.execute(text(MEMBERS), about)
        _record_problems(connection, claim, chunk.problems)
        claim.write(
            CHECKPOINT,
            rows=chunk.rows,
            rejected=len(chunk.problems),
            duplicates=chunk.duplicates + merged.repeated,
            created=merged.created,
            updated=merged.updated,
            unchanged=len(chunk.contacts) - merged.created - merged.updated - merged.repeated,
            to_sync=merged.to_sync,
            stages=clock.as_json(),
        )


def copy(connection: Connection, target: str, records: Iterable[Iterable[str | None]]) -> None:
    """COPYs *records* into *target* (``table (columns)``) in the open transaction."""
    lines = StringIO()
    for record in records:
        lines.write("\t".join("\\N" if value is None else value.translate(ESCAPES) for value in record) + "\n")
    lines.seek(0)
    with raw_cursor(connection) as cursor:
        cursor.copy_expert(f"COPY {target} FROM STDIN", lines, size=2**20)


def _record_problems(connection: Connection, claim: Claim, problems: Iterable[RowProblem]) -> None:
    copy(
        connection,
        'row_errors (import_id, row_number, "column", value, code, reason, cells)',
        (
            [
                str(claim.import_id),
                str(problem.row.number),
                visible(problem.column),
                visible(problem.value),
                problem.code,
                problem.reason,
                _json([visible(cell) for cell in kept(problem.row.cells)]),
            ]
            for problem in problems
        ),
    )


def kept(cells: Sequence[str]) -> Iterator[str]:
    """*cells* as they are, up to KEPT_CHARS characters and COLUMNS_MAX cells; what is cut says so."""
    room = KEPT_CHARS
    for cell in cells[:COLUMNS_MAX]:
        yield cell if len(cell) <= room else f"{cell[:room]}... (cut)"
        room -= min(room, len(cell))


def visible(value: str) -> str:
    """*value* with NUL bytes, which PostgreSQL can't hold, shown as U+2400."""
    return value.replace("\0", "\u2400")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
