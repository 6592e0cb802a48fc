"""An import in one transaction that can still be taken back: a dry run, or one that fails at the first duplicate."""

import tempfile
from collections.abc import Callable

from sqlalchemy import text

from app.imports.claim import Claim
from app.imports.copy import as_json
from app.imports.turns import alone
from app.storage.engine import raw_cursor

COUNTERS = (
    *("rows_done", "rows_rejected", "rows_duplicate", "created", "updated", "unchanged", "skipped"),
    *("contacts_to_sync", "counts"),
)
ERRORS = '"column", value, code, reason, fix, cells'
SPOOLED_BYTES = 2**20  # row errors beyond this wait on disk for the transaction to be over


def rehearse(claim: Claim, load: Callable[[], None]) -> None:
    """*load* in one transaction, rolled back; its counters and row errors are kept. Raises FencedError."""
    connection = claim.connection
    with tempfile.SpooledTemporaryFile(SPOOLED_BYTES) as errors:
        with connection.begin() as rehearsed:
            alone(connection)
            load()
            counters = dict(
                connection.execute(
                    text(f"SELECT {', '.join(COUNTERS)} FROM imports WHERE id = :id"),  # noqa: S608 - constants
                    {"id": claim.import_id},
                )
                .mappings()
                .one()
            )
            with raw_cursor(connection) as cursor:
                cursor.copy_expert(
                    f"COPY (SELECT import_id, row_number, {ERRORS} FROM row_errors"  # noqa: S608
                    f" WHERE import_id = '{claim.import_id}') TO STDOUT",
                    errors,
                )
            rehearsed.rollback()
        errors.seek(0)
        with connection.begin(), raw_cursor(connection) as cursor:
            cursor.copy_expert(f"COPY row_errors (import_id, row_number, {ERRORS}) FROM STDIN", errors)
            _write(claim, counters)


def _write(claim: Claim, counters: dict[str, object]) -> None:
    values = counters | {"counts": as_json(counters["counts"])}
    assignments = ", ".join(f"{name} = :{name}" for name in COUNTERS if name != "counts")
    claim.write(f"{assignments}, counts = CAST(:counts AS jsonb)", **values)
