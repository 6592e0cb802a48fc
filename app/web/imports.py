"""/api/imports: upload, follow, resume, cancel."""

from pathlib import PurePath
from typing import Any
from uuid import UUID

import structlog
from flask import Blueprint, Response, current_app, g, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from app import audit
from app.imports import report
from app.imports.budget import HandOffError
from app.imports.cancel import cancel as cancel_import
from app.imports.claim import Claim, take
from app.imports.errors import BusyError, DuplicateError, FencedError, FinishedError, PausedError
from app.imports.errors_csv import errors_csv
from app.imports.give import give, owner
from app.imports.options import parse
from app.imports.preview import Preview
from app.imports.receive import Known, Request, receive
from app.imports.run import note_seconds, run, saved_seconds
from app.imports.status import FINISHED, Status
from app.problem import Problem
from app.stages import StageClock
from app.tasks import wake
from app.web.auth import protect
from app.web.carrier import Carrier, Slot
from app.web.errors import database_down, paused
from app.web.pages import cursor, filters, limit, next_cursor

log = structlog.get_logger()
blueprint = protect(Blueprint("imports", __name__, url_prefix="/api/imports"))
IDEMPOTENCY_KEY_MAX_CHARS = 200


@blueprint.post("")
def create() -> ResponseReturnValue:
    """Takes an upload and imports it within this request, or leaves it to the worker."""
    if request.mimetype != "multipart/form-data":
        raise Problem(
            415,
            "not-multipart",
            "The upload is not multipart/form-data",
            f"The body is {request.mimetype or 'untyped'}; send the CSV as the part 'file' of multipart/form-data: "
            "curl -F file=@contacts.csv -F kind=contacts ...",
        )
    files = request.files.getlist("file")
    if len(files) != 1:
        raise Problem(
            400,
            "several-files" if files else "no-file",
            "Several files" if files else "No file",
            ("An import is of one file. " if files else "The part 'file' is missing, or the body can't be read. ")
            + "Send one part 'file': curl -F file=@contacts.csv -F kind=contacts ...",
        )
    file = files[0]
    # A browser may send a whole path, and of the name only this is wanted.
    filename = PurePath((file.filename or "").replace("\\", "/").replace("\0", "")).name[:200] or "upload.csv"
    options = parse(request.form, filename)
    carrier = Carrier.of_request()
    with carrier.slot(options.mode) as slot, carrier.preview(options, slot) as preview:
        clock = StageClock()
        with clock.stage("store"), carrier.in_time("Nothing of it was accepted. Split the file, or try again."):
            upload = carrier.inspect(file.stream, filename, options, preview)
            slot.decide(options.mode, upload.rows)
            asked = Request(upload, options, g.api_key_id, _idempotency_key(), slot.owner, preview.import_id)
            received = receive(carrier.engine, asked)
        if isinstance(received, Known):
            preview.end()  # what is there already goes on from its own checkpoint, maybe for long
            return _go_on(carrier, received.import_id, slot)
        return _carry_out(carrier, received, clock, slot, preview)


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Imports, the newest first."""
    filters()
    size = limit()
    before = cursor("import", int)
    where = "WHERE imports.number < :before" if before is not None else ""
    with current_app.extensions["engine"].connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        found = report.find(
            connection,
            f"{where} ORDER BY imports.number DESC LIMIT :size",
            size=size + 1,
            **({"before": before} if before is not None else {}),
        )
    shown = found[:size]
    more = next_cursor("import", shown[-1]["number"]) if len(found) > size else None
    for item in shown:
        item.pop("number")
    return jsonify(imports=shown, next=more)


@blueprint.get("/<uuid:import_id>")
def show(import_id: UUID) -> ResponseReturnValue:
    """One import and its first row errors."""
    return jsonify(_report(import_id))


@blueprint.get("/<uuid:import_id>/errors.csv")
def errors(import_id: UUID) -> ResponseReturnValue:
    """The rows that were not imported, each with its reason."""
    _report(import_id)
    return Response(
        errors_csv(current_app.extensions["engine"], import_id),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename=errors-{import_id}.csv"},
    )


@blueprint.post("/<uuid:import_id>/resume")
def resume(import_id: UUID) -> ResponseReturnValue:
    """Goes on with an unfinished import: the worker's by the worker, others within this request.

    One that is finished, or running, is left as it is.
    """
    _report(import_id)
    carrier = Carrier.of_request()
    with carrier.slot() as slot:
        return _go_on(carrier, import_id, slot)


@blueprint.post("/<uuid:import_id>/cancel")
def cancel(import_id: UUID) -> ResponseReturnValue:
    """Gives an unfinished import up; what is in stays. Once more changes nothing."""
    found = _report(import_id)
    if not cancel_import(current_app.extensions["engine"], import_id, g.api_key_id):
        found = _report(import_id)
        if found["status"] != Status.CANCELLED:
            raise Problem(
                409,
                "finished",
                "The import is finished",
                f"It is {found['status']} since {found['finished_at']}; nothing is left to be cancelled.",
                **{"import": found},
            )
    return jsonify(_report(import_id))


def _idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (0 < len(key) <= IDEMPOTENCY_KEY_MAX_CHARS and key.isprintable()):
        raise Problem(
            400,
            "bad-idempotency-key",
            "The Idempotency-Key can't be used",
            f"It must have 1 to {IDEMPOTENCY_KEY_MAX_CHARS} printable characters, a UUID for example.",
        )
    return key


def _go_on(carrier: Carrier, import_id: UUID, slot: Slot) -> ResponseReturnValue:
    """Takes up an import that nobody works on, or says how far it is."""
    slot.decide("sync", 0)
    if slot.owner == "worker" or owner(carrier.engine, import_id) == "worker":
        if give(carrier.engine, import_id, g.api_key_id):
            _wake(carrier, import_id)
        return _answer(import_id)
    try:
        claim = take(carrier.engine, import_id)
    except (BusyError, FinishedError):
        return _answer(import_id)
    with claim:  # also where this fails; _carry_out lets go of it before it answers
        with claim.connection.begin():
            audit.record(claim.connection, "import.resumed", str(import_id), api_key_id=g.api_key_id)
        return _carry_out(carrier, claim, saved_seconds(claim), slot)


def _carry_out(
    carrier: Carrier, claim: Claim, clock: StageClock, slot: Slot, preview: Preview | None = None
) -> ResponseReturnValue:
    trouble: PausedError | None = None
    handed_off = slot.owner == "worker"
    location = _url(claim.import_id)
    with claim:
        try:
            if handed_off:
                note_seconds(claim, clock)
            else:
                outbox = current_app.extensions["outbox"]
                run(claim, carrier.settings, outbox, clock, carrier.budget, preview=preview)
        except HandOffError:
            handed_off = True
        except (FencedError, FinishedError):
            log.info("another worker has this import", import_id=str(claim.import_id))
        except DuplicateError:
            pass  # the answer says so
        except PausedError as error:
            trouble = error
        except (OperationalError, InterfaceError) as error:
            raise database_down(error).with_headers(Location=location) from error
    if handed_off:
        _wake(carrier, claim.import_id)
        return _accepted(carrier, claim.import_id)
    if trouble:
        settings = carrier.settings
        by_itself = settings.import_worker == settings.import_auto_resume == "on"
        found = _report(claim.import_id)
        raise paused(trouble, by_itself=by_itself, **{"import": found}).with_headers(Location=location)
    return _answer(claim.import_id)


def _wake(carrier: Carrier, import_id: UUID) -> None:
    """Tells the queue, if Redis takes it in the time that is left; beat's sweep does it otherwise."""
    try:
        with carrier.budget.closing(), carrier.budget.cut():
            wake(import_id)
    except HandOffError:
        log.warning("no time to wake a worker", import_id=str(import_id))


def _accepted(carrier: Carrier, import_id: UUID) -> ResponseReturnValue:
    """202, whatever the report says by now: the worker may be done already. Short where time is."""
    try:
        with carrier.budget.closing(), carrier.budget.applied():
            found = _report(import_id)
    except (SQLAlchemyError, HandOffError) as error:
        log.warning("no time for a report", error=str(error).splitlines()[0])
        found = {"id": str(import_id)}
    return jsonify(found), 202, {"Location": _url(import_id)}


def _answer(import_id: UUID) -> ResponseReturnValue:
    """200 with the report of a finished import, 202 while it is unfinished.

    422 if nothing in it could be imported, 409 if a duplicate ended it.
    """
    found = _report(import_id)
    headers = {"Location": _url(import_id)}
    if found["failure"] == "duplicate":
        raise Problem(
            409,
            "duplicate",
            "A row is a duplicate",
            f"{found['error']} Remove the row, or upload with on_duplicate=update or skip.",
            **{"import": found},
        ).with_headers(**headers)
    if found["status"] == Status.FAILED:
        raise Problem(
            422,
            "no-importable-row",
            "No row could be imported",
            f"All {found['rows_rejected']} rows have errors; the first are listed, all are in errors.csv. "
            "Correct them and upload again.",
            **{"import": found},
        ).with_headers(**headers)
    finished = Status(found["status"]) in FINISHED
    return jsonify(found), 200 if finished else 202, headers


def _report(import_id: UUID) -> dict[str, Any]:
    found = report.one(
        current_app.extensions["engine"], import_id, current_app.extensions["settings"].import_errors_shown
    )
    if found is None:
        raise Problem(
            404, "no-such-import", "No such import", f"There is no import {import_id}; GET /api/imports lists them."
        )
    return found


def _url(import_id: UUID) -> str:
    return url_for("imports.show", import_id=import_id)
