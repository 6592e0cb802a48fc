"""What became of an import, as the HTTP API shows it."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, text

from app.imports.claim import IS_INTERRUPTED
from app.imports.status import Status

SELECT = f"""
SELECT imports.*, lists.name AS list, campaigns.name AS campaign, {IS_INTERRUPTED} AS lock_is_free
FROM imports LEFT JOIN lists ON lists.id = list_id LEFT JOIN campaigns ON campaigns.id = campaign_id
"""  # noqa: S608 - constants
SHOWN = (
    *("id", "kind", "mode", "owner", "on_duplicate", "dry_run", "list", "campaign"),
    *("filename", "bytes", "sha256", "encoding", "unknown_columns", "trailer", "status"),
    *("rows_total", "rows_done", "rows_rejected", "rows_duplicate", "created", "updated", "unchanged", "skipped"),
    *("counts", "contacts_to_sync", "contacts_synced", "contacts_failed"),
    *("openphone_calls", "openphone_cpu_seconds", "stage_seconds", "error", "failure"),
)
TIMES = ("created_at", "started_at", "finished_at")
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
# Not the import's own work: the API's, and waiting for its limit.
OTHERS_STAGES = {"openphone", "limit"}
ROW_ERRORS = """
SELECT row_number AS row, "column", value, code, reason, fix FROM row_errors
WHERE import_id = :id ORDER BY row_number LIMIT :shown
"""
REFUSED = """
SELECT phone, error FROM openphone_outbox JOIN contacts ON contacts.id = contact_id
WHERE import_id = :id AND openphone_outbox.state = 'failed' ORDER BY openphone_outbox.id LIMIT :shown
"""


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
    shown |= {
        "delimiter": DELIMITERS[row["delimiter"]],
        # What is pending in the outbox.
        "contacts_unsent": 0
        if row["dry_run"]
        else row["contacts_to_sync"] - row["contacts_synced"] - row["contacts_failed"],
        **_speed(row),
    }
    if interrupted:
        shown["status"] = Status.INTERRUPTED.value
    return shown | {"number": row["number"]}


def _unsent(row: Any) -> int:
    """How many are pending in the outbox."""
    if row["dry_run"]:
        return 0
    return int(row["contacts_to_sync"] - row["contacts_synced"] - row["contacts_failed"])


def _speed(row: Any) -> dict[str, float | None]:
    """Rows/s and MB/s (of 10^6 bytes) of the import's own work; None before the first chunk is in."""
    seconds = sum(spent for stage, spent in row["stage_seconds"].items() if stage not in OTHERS_STAGES)
    if not seconds or not row["rows_done"]:
        return {"rows_per_second": None, "megabytes_per_second": None}
    done = row["bytes"] * row["rows_done"] / row["rows_total"]
    return {
        "rows_per_second": round(row["rows_done"] / seconds, 1),
        "megabytes_per_second": round(done / seconds / 10**6, 3),
    }


def one(engine: Engine, import_id: UUID, errors_shown: int) -> dict[str, Any] | None:
    """The import, its first row errors and the first contacts that OpenPhone refused; None for an unknown id."""
    with engine.connect() as connection:
        found = find(connection, "WHERE imports.id = :id", id=import_id)
        if not found:
            return None
        first = {"id": import_id, "shown": errors_shown}
        report = found[0] | {
            "errors": [dict(error) for error in connection.execute(text(ROW_ERRORS), first).mappings()],
            "openphone_errors": [dict(refused) for refused in connection.execute(text(REFUSED), first).mappings()],
        }
    report.pop("number")
    return report
