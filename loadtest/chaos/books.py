"""Both sides of a trial, read."""

from typing import Any

from loadtest.chaos.scene import Scene
from loadtest.chaos.tally import ROWS, Books
from loadtest.sizing.holdings import OF_KIND, TABLES
from loadtest.stack.base import Trial
from loadtest.stack.openphone import get_account

REPORTED = (*ROWS, "rows_done", "contacts_synced", "contacts_failed")
LOG_LINES = 40


def read(scene: Scene, trial: Trial) -> Books:
    """What is there now. Raises psycopg2.Error, HarnessError."""
    # Names of our own, never a client's.
    [numbers] = trial.sql(f"SELECT {', '.join(REPORTED)} FROM imports ORDER BY number DESC LIMIT 1")  # noqa: S608
    held = {
        name: int(trial.sql(f"SELECT count(*) FROM {TABLES[name]}")[0][0])  # noqa: S608
        for name in OF_KIND.get(scene.manifest.kind, ())
    }
    return Books(
        contacts=[(str(each), str(phone)) for each, phone in trial.sql("SELECT id::text, phone FROM contacts")],
        stored=get_account(scene.stack.url("openphone"), trial.openphone_key, "contacts")["contacts"],
        held=held,
        report=dict(zip(REPORTED, map(int, numbers), strict=True)),
        error_rows=[int(number) for (number,) in trial.sql("SELECT row_number FROM row_errors")],
        outbox={str(state): int(count) for state, count in trial.sql(_STATES)},
    )


_STATES = "SELECT state, count(*) FROM openphone_outbox GROUP BY state"
_EVENTS = "SELECT at::text, action, detail::text FROM audit_events ORDER BY id DESC LIMIT 40"
_SESSIONS = """
SELECT pid, application_name, state, wait_event_type, wait_event, left(query, 200) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_LOCKS = """
SELECT pid, locktype, classid, objid, mode, granted FROM pg_locks WHERE locktype = 'advisory'
AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 100
"""


def evidence(trial: Trial) -> dict[str, Any]:
    """What tells why a round went wrong, before its trial is gone: row, outbox, audit, sessions, locks, logs."""
    return {
        "import": [list(row) for row in trial.sql("SELECT row_to_json(imports)::text FROM imports")],
        "outbox": [list(row) for row in trial.sql(_STATES)],
        "audit": [list(row) for row in trial.sql(_EVENTS)],
        "sessions": [list(row) for row in trial.sql(_SESSIONS)],
        "locks": [list(row) for row in trial.sql(_LOCKS)],
        "logs": {name: trial.logs(name).splitlines()[-LOG_LINES:] for name in ("web", "worker", "beat")},
    }
