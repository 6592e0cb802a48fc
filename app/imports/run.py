"""An import from its first unread row to its end, in this process."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

import structlog
from psycopg2.errorcodes import QUERY_CANCELED
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from app import audit
from app.imports import upload
from app.imports.budget import Budget, HandOffError
from app.imports.claim import Claim
from app.imports.errors import DuplicateError, PausedError
from app.imports.preview import Preview
from app.imports.rehearsal import rehearse
from app.imports.rows import load_rows
from app.imports.status import Status
from app.imports.turns import alone
from app.stages import StageClock
from config import Settings

log = structlog.get_logger()


class Outbox(Protocol):
    """What an import has yet to tell others of its contacts."""

    def drain(self, budget: Budget) -> None:
        """Tells it. Raises PausedError when that is not possible now, HandOffError when the budget is used up."""


MakeOutbox = Callable[[Claim, StageClock], Outbox]
PAUSE_SECONDS = 30  # before a worker tries again what OpenPhone did not take
PENDING = "SELECT count(*) FROM openphone_outbox WHERE import_id = :id AND state = 'pending'"


def run(
    claim: Claim,
    settings: Settings,
    make_outbox: MakeOutbox | None,
    clock: StageClock,
    budget: Budget,
    *,
    preview: Preview | None = None,
) -> None:
    """Loads what is not loaded yet, then syncs what is not synced yet, and sets the final status.

    *make_outbox* is None unless OPENPHONE_SYNC=inline; *preview*: of the file, where there is one. Raises
    FencedError, PausedError, FinishedError when there is nothing to do, DuplicateError once the import has failed for
    it, and HandOffError once the import is the worker's, when *budget* is used up. Whatever else is raised, a kill
    included, leaves the import resumable from its last checkpoint.
    """
    try:
        with budget.applied():
            try:
                _run(claim, settings, make_outbox, clock, budget, preview=preview)
            except OperationalError as error:
                # Cut short by the budget; by an operator, or another limit, it is an error like any other.
                if getattr(error.orig, "pgcode", None) != QUERY_CANCELED or not budget.is_over():
                    raise
                raise HandOffError("a statement took longer than the request has time") from error
    except HandOffError as error:
        _hand_off(claim, clock, budget, error)
        raise


def _run(
    claim: Claim,
    settings: Settings,
    make_outbox: MakeOutbox | None,
    clock: StageClock,
    budget: Budget,
    *,
    preview: Preview | None,
) -> None:
    claim.start()
    log.info("import running", import_id=str(claim.import_id), token=claim.token)
    try:
        budget.check()
        _load(claim, partial(load_rows, claim, settings, clock, budget, preview))
    except DuplicateError as error:
        with budget.closing():
            _fail(claim, clock, error)
        raise
    if make_outbox is not None:
        try:
            make_outbox(claim, clock).drain(budget)
        except PausedError as error:
            with budget.closing():
                _pause(claim, error)
            raise
    with budget.closing():
        _end(claim, settings, clock)


def _end(claim: Claim, settings: Settings, clock: StageClock) -> None:
    waiting = _pending(claim) if settings.openphone_sync == "off" else 0
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


def note_seconds(claim: Claim, clock: StageClock) -> None:
    """Keeps what *clock* says for the worker that goes on."""
    with claim.connection.begin():
        claim.connection.execute(
            text("UPDATE imports SET stage_seconds = CAST(:stages AS jsonb) WHERE id = :id"),
            {"stages": clock.as_json(), "id": claim.import_id},
        )


def _load(claim: Claim, load: Callable[[], None]) -> None:
    with claim.connection.begin():
        row = claim.connection.execute(
            text("SELECT dry_run, on_duplicate, rows_done FROM imports WHERE id = :id"), {"id": claim.import_id}
        ).one()
    if row.dry_run:
        if not row.rows_done:
            rehearse(claim, load)
    elif row.on_duplicate == "fail":
        with claim.connection.begin():
            alone(claim.connection)
            load()
    else:
        load()


def _pause(claim: Claim, error: PausedError) -> None:
    with claim.connection.begin():
        claim.write(f"retry_at = clock_timestamp() + make_interval(secs => {PAUSE_SECONDS})")
        claim.move(Status.INTERRUPTED, str(error))


def _hand_off(claim: Claim, clock: StageClock, budget: Budget, why: HandOffError) -> None:
    """Makes the import the worker's. Where even that fails, its lock goes free and beat's sweep finds it."""
    try:
        with budget.closing(), budget.applied():
            if not claim.token:
                claim.start()
            with claim.connection.begin():
                claim.write(
                    "owner = 'worker', woken_at = clock_timestamp(), stage_seconds = CAST(:stages AS jsonb)",
                    stages=clock.as_json(),
                )
                audit.record(
                    claim.connection, "import.handed_off", str(claim.import_id), api_key_id=None, reason=str(why)
                )
                claim.move(Status.HANDED_OFF, None)
    except (SQLAlchemyError, HandOffError) as error:
        log.warning("import left where it stopped", import_id=str(claim.import_id), error=str(error).splitlines()[0])
    else:
        log.info("import handed off", import_id=str(claim.import_id), reason=str(why))


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
