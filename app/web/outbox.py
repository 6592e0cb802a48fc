"""/api/openphone: what OpenPhone has yet to be told, and what it would not take."""

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.openphone import dead
from app.openphone.backlog import measure
from app.openphone.connect import pause
from app.openphone.errors import OpenPhoneDownError
from app.problem import Problem
from app.storage.models import Contact, Import
from app.tasks import wake_outbox
from app.web.auth import protect
from app.web.pages import bad_option, cursor, filters, limit, page, uuid
from config import Settings

blueprint = protect(Blueprint("openphone", __name__, url_prefix="/api/openphone"))
NAMED = {
    "import": (Import.id, "import", "GET /api/imports lists the imports with their ids."),
    "contact": (Contact.id, "contact", "GET /api/contacts lists the contacts with their ids."),
}


@blueprint.get("")
def show() -> ResponseReturnValue:
    """What is left, how fast it goes, and when it will be done."""
    filters()
    settings = _settings()
    backlog, paused = measure(current_app.extensions["engine"]), None
    if settings.openphone_sync == "background":
        try:
            paused = pause(settings).reason()
        except OpenPhoneDownError as error:
            paused = str(error)
    done_at = None if paused else backlog.done_at(settings.openphone_rate_per_second)
    return jsonify(
        sync=settings.openphone_sync,
        pending=backlog.pending,
        waiting_for_retry=backlog.waiting,
        failed=backlog.failed,
        rate_per_second=settings.openphone_rate_per_second or None,
        sent_last_minute=backlog.sent,
        paused=paused,
        done_at=done_at and done_at.isoformat(),
    )


@blueprint.get("/dead-letters")
def dead_letters() -> ResponseReturnValue:
    """Contacts that OpenPhone was not told of and will not be by itself, the oldest first."""
    only, size, after = _only("import"), limit(), cursor("dead-letter", int)
    with current_app.extensions["engine"].connect() as connection:
        found, more = page("dead-letter", dead.letters(connection, size + 1, after, only), size)
    return jsonify(dead_letters=[_shown(dict(letter)) for letter in found], next=more)


@blueprint.post("/dead-letters/retry")
def retry() -> ResponseReturnValue:
    """Sends them after all: all of them, or those of an import or a contact."""
    if request.content_length:
        # A filter that is overlooked here would send everything.
        raise Problem(
            400,
            "unexpected-body",
            "A body is not expected",
            "Say which dead letters in the URL: .../retry?import=ID or .../retry?contact=ID; without either, all.",
        )
    settings = _settings()
    if settings.openphone_sync != "background":
        raise Problem(
            409,
            "not-in-background",
            "Nobody would send them",
            f"OPENPHONE_SYNC is {settings.openphone_sync}: dead letters are sent again where it is background. "
            "An import of the same contacts tells OpenPhone of them, too.",
        )
    count = dead.retry(current_app.extensions["engine"], g.api_key_id, _only("import", "contact"))
    if count:
        try:
            pause(settings).end()
        except OpenPhoneDownError:
            pass  # they are pending, and sent when Redis is back
        else:
            wake_outbox()
    return jsonify(retried=count)


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def _only(*names: str) -> dict[str, UUID]:
    """What the query is restricted to. Raises Problem (400)."""
    given = filters(*names)
    only = {name: uuid(name, raw, NAMED[name][2]) for name, raw in given.items()}
    with current_app.extensions["engine"].connect() as connection:
        for name, wanted in only.items():
            column, what, hint = NAMED[name]
            if connection.scalar(select(column).where(column == wanted)) is None:
                raise bad_option(name, f"is {wanted}, and there is no such {what}; {hint}", end="")
    return only


def _shown(letter: dict[str, Any]) -> dict[str, Any]:
    del letter["id"]
    return {**letter, "failed_at": letter["failed_at"] and letter["failed_at"].isoformat()}
