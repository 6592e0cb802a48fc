"""What became of an import, as the HTTP API shows it."""

import csv
import io
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, text

from app.imports.claim import IS_INTERRUPTED
from app.imports.status import Status

SELECT = f"""
SELECT imports.*, lists.name AS list, {IS_INTERRUPTED} AS lock_is_free
FROM imports JOIN lists ON lists.id = imports.list_id
"""  # noqa: S608 - constants
SHOWN = (
    "id",
    "kind",
    "mode",
    "on_duplicate",
    "list",
    "filename",
    "bytes",
    "sha256",
    "status",
    "rows_total",
    "rows_done",
    "rows_rejected",
    "rows_duplicate",
    "created",
    "updated",
    "unchanged",
    "contacts_to_sync",
    "contacts_synced",
    "contacts_failed",
    "openphone_calls",
    "openphone_cpu_seconds",
    "stage_seconds",
    "error",
)
TIMES = ("created_at", "started_at", "finished_at")
# Cells that a spreadsheet would run as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def find(connection: Connection, where: str = "", **values: Any) -> list[dict[str, Any]]:
    """Imports with their derived status, by a condition that this package wrote.

    Read twice where a lock is found free: an import may have finished, and let go of its lock, between reading its
    row and looking at the locks. Only what both readings call interrupted is.
    """
    query = text(SELECT + where)
    first = {row["id"]: row for row in connection.execute(query, values).mappings()}
    if not any(row["lock_is_free"] for row in first.values()):
        return [_shown(row, interrupted=False) for row in first.values()]
    second = connection.execute(query, values).mappings().all()
    return [_shown(row, interrupted=_dead(row) and _dead(first.get(row["id"]))) for row in second]


def _dead(row: Any) -> bool:
    return row is not None and bool(row["lock_is_free"])


def _shown(row: Any, *, interrupted: bool) -> dict[str, Any]:
    shown = {name: row[name] for name in SHOWN} | {"id": str(row["id"])}
    shown |= {name: row[name] and row[name].isoformat() for name in TIMES}
    if interrupted:
        shown["status"] = Status.INTERRUPTED.value
    return shown | {"number": row["number"]}


def one(engine: Engine, import_id: UUID, errors_shown: int) -> dict[str, Any] | None:
    """The import, its first row errors and the first contacts that OpenPhone refused; None for an unknown id."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        found = find(connection, "WHERE imports.id = :id", id=import_id)
        if not found:
            return None
        errors = connection.execute(
            text(
                'SELECT row_number AS row, "column", value, code, reason FROM row_errors'
                " WHERE import_id = :id ORDER BY row_number LIMIT :shown"
            ),
            {"id": import_id, "shown": errors_shown},
        ).mappings()
        refused = connection.execute(
            text(
                "SELECT phone, error FROM openphone_outbox JOIN contacts ON contacts.id = contact_id"
                " WHERE import_id = :id AND openphone_outbox.state = 'failed' ORDER BY openphone_outbox.id LIMIT :shown"
            ),
            {"id": import_id, "shown": errors_shown},
        ).mappings()
        report = found[0] | {
            "errors": [dict(error) for error in errors],
            "openphone_errors": [dict(error) for error in refused],
        }
    report.pop("number")
    return report


def errors_csv(engine: Engine, import_id: UUID) -> Iterator[str]:
    """The rejected rows as they were, behind four columns that say why."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    with engine.connect() as connection:
        header = connection.execute(text("SELECT header FROM imports WHERE id = :id"), {"id": import_id}).scalar_one()
        writer.writerow(["row", "column", "value", "reason", *map(harmless, header)])
        errors = connection.execution_options(yield_per=1000).execute(
            text(
                'SELECT row_number, "column", value, reason, cells FROM row_errors'
                " WHERE import_id = :id ORDER BY row_number"
            ),
            {"id": import_id},
        )
        for error in errors:
            writer.writerow([error.row_number, *map(harmless, [error.column, error.value, error.reason, *error.cells])])
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def harmless(cell: str) -> str:
    """*cell*, behind an apostrophe where a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
