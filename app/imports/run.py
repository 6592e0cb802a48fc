"""An import from its first unread row to its end, in this process."""

from collections.abc import Callable
from typing import Protocol

import structlog
from sqlalchemy import text

from app.imports import upload
from app.imports.claim import Claim
from app.imports.errors import DuplicateError, PausedError
from app.imports.rehearsal import rehearse
from app.imports.rows import load_rows
from app.imports.status import Status
from app.imports.turns import alone
from app.stages import StageClock
from config import Settings

log = structlog.get_logger()


class Outbox(Protocol):
    """What an import has yet to tell others of its contacts."""

    def drain(self) -> None:
        """Tells it. Raises PausedError when that is not possible now."""


MakeOutbox = Callable[[Claim, StageClock], Outbox]
PENDING = "SELECT count(*) FROM openphone_outbox WHERE import_id = :id AND state = 'pending'"


def run(claim: Claim, settings: Settings, make_outbox: MakeOutbox | None, clock: StageClock) -> None:
    """Loads what is not loaded yet, then syncs what is not synced yet, and sets the final status.

    *make_outbox* is None where OPENPHONE_SYNC=off. Raises FencedError, PausedError, FinishedError when there is nothing
    to do, and DuplicateError once the import has failed for it. Whatever else is raised, a kill included, leaves the
    import resumable from its last checkpoint.
    """
    claim.start()
    log.info("import running", import_id=str(claim.import_id), token=claim.token)
    try:
        _load(claim, settings, clock, sync=make_outbox is not None)
    except DuplicateError as error:
        _fail(claim, clock, error)
        raise
    if make_outbox is not None:
        try:
            make_outbox(claim, clock).drain()
        except PausedError as error:
            _pause(claim, error)
            raise
    waiting = _pending(claim)
    if waiting:
        # Interrupted while OpenPhone was on, resumed while it is off: not done, and not to be called so.
        off = PausedError(f"{waiting} contacts are still to be synced, and OPENPHONE_SYNC is off")
        _pause(claim, off)
        raise off
    _finish(claim, clock)


def saved_seconds(claim: Claim) -> StageClock:
    """The clock of an import that earlier attempts have spent time on."""
    with claim.connection.begin():
        saved = claim.connection.execute(
            text("SELECT stage_seconds FROM imports WHERE id = :id"), {"id": claim.import_id}
        ).scalar_one()
    return StageClock(saved)


def _load(claim: Claim, settings: Settings, clock: StageClock, *, sync: bool) -> None:
    with claim.connection.begin():
        row = claim.connection.execute(
            text("SELECT dry_run, on_duplicate, rows_done FROM imports WHERE id = :id"), {"id": claim.import_id}
        ).one()
    if row.dry_run:
        if not row.rows_done:
            rehearse(claim, lambda: load_rows(claim, settings, clock, sync=sync))
    elif row.on_duplicate == "fail":
        with claim.connection.begin():
            alone(claim.connection)
            load_rows(claim, settings, clock, sync=sync)
    else:
        load_rows(claim, settings, clock, sync=sync)


def _pause(claim: Claim, error: PausedError) -> None:
    with claim.connection.begin():
        claim.move(Status.INTERRUPTED, str(error))


def _pending(claim: Claim) -> int:
    with claim.connection.begin():
        return int(claim.connection.execute(text(PENDING), {"id": claim.import_id}).scalar_one())


def _fail(claim: Claim, clock: StageClock, error: DuplicateError) -> None:
    with claim.connection.begin():
        claim.write("failure = 'duplicate', stage_seconds = CAST(:stages AS jsonb)", stages=clock.as_json())
        claim.move(Status.FAILED, f"{error} Nothing was imported.")
        upload.drop(claim.connection, claim.import_id)
    log.info("import failed at a duplicate", import_id=str(claim.import_id))


def _finish(claim: Claim, clock: StageClock) -> None:
    with claim.connection.begin():
        row = claim.connection.execute(
            text("SELECT rows_total, rows_rejected, contacts_failed FROM imports WHERE id = :id"),
            {"id": claim.import_id},
        ).one()
        if row.rows_rejected == row.rows_total:
            claim.write("failure = 'no-importable-row'")
            status, error = Status.FAILED, "No row could be imported; errors.csv says why, row by row."
        elif row.rows_rejected or row.contacts_failed:
            status, error = Status.COMPLETED_WITH_ERRORS, None
        else:
            status, error = Status.COMPLETED, None
        claim.write("stage_seconds = CAST(:stages AS jsonb)", stages=clock.as_json())
        claim.move(status, error)
        # Only an unfinished import needs its upload; the rows with errors are kept beside their reasons.
        upload.drop(claim.connection, claim.import_id)
    log.info("import finished", import_id=str(claim.import_id), status=status.value)
