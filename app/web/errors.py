"""Every error as problem+json."""

import json
from typing import Any
from uuid import UUID

import structlog
from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException, NotFound, RequestEntityTooLarge

from app.imports.errors import PausedError
from app.imports.intake import too_large
from app.problem import Problem

log = structlog.get_logger()
MEDIA_TYPE = "application/problem+json"
SHOWN_CHARS = 100  # of what a client sent


def respond(problem: Problem) -> Response:
    """*problem* as a response."""
    body = problem.body() | {"request_id": g.get("request_id")}
    response = Response(json.dumps(body, ensure_ascii=False), problem.status, problem.headers)
    response.content_type = MEDIA_TYPE
    return response


def _http(error: HTTPException) -> Response:
    if isinstance(error, RequestEntityTooLarge):
        return respond(_too_large())
    if isinstance(error.response, Response):
        return error.response  # the rate limit's, with its Retry-After
    if isinstance(error, NotFound):
        return respond(Problem(404, "not-found", "Not Found", _nowhere(request.path)))
    name = error.name.lower().replace(" ", "-")
    response = respond(Problem(error.code or 500, name, error.name, error.description or error.name))
    kept = ("Allow", "Retry-After")
    response.headers.extend([(key, value) for key, value in error.get_headers() if key in kept])
    return response


def _nowhere(path: str) -> str:
    """What a 404 says of a *path* that is no route's."""
    before, _, after = path.partition("/api/imports/")
    import_id = after.partition("/")[0]
    if import_id and not before and not _is_uuid(import_id):
        shown = import_id[:SHOWN_CHARS]
        return f"{shown!r} is no import's id, which is a UUID with its hyphens; GET /api/imports lists the imports."
    return (
        f"There is nothing at {path[:SHOWN_CHARS]!r}. "
        "The API is at /api/imports, /api/contacts, /api/properties and /api/openphone, without a slash at the end."
    )


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()  # UUID() takes other spellings, too
    except ValueError:
        return False


def _too_large() -> Problem:
    whole = request.content_length
    if whole is not None and whole <= current_app.config["MAX_CONTENT_LENGTH"]:
        return Problem(
            413,
            "form-too-large",
            "The form is too large",
            "Beside the part 'file' the form may have a few short fields, no more.",
        )
    return too_large(current_app.extensions["settings"].import_max_bytes)


def database_down(error: DBAPIError) -> Problem:
    """The 503 of a request that PostgreSQL did not answer, or not in time."""
    log.error("database error", code=getattr(error.orig, "pgcode", None), error=str(error.orig).strip())
    return Problem(
        503,
        "database-unavailable",
        "The database did not answer in time",
        "Nothing is lost: what was accepted can be resumed. Try again in a moment.",
        sqlstate=getattr(error.orig, "pgcode", None),
    ).with_headers(Retry_After="5")


def _database(error: DBAPIError) -> Response:
    return respond(database_down(error))


def paused(error: PausedError, *, by_itself: bool, **extensions: Any) -> Problem:
    """The 503 of an import whose rows are in, but whose contacts can't all be synced now.

    *by_itself*: the worker tries again.
    """
    what_next = "the worker goes on with it by itself" if by_itself else "resume the import later"
    return Problem(
        503,
        "openphone-unavailable",
        "Not all contacts are synced",
        f"{error}. The rows are imported, the contacts not yet synced are kept; {what_next}.",
        **extensions,
    ).with_headers(Retry_After="60")


def _unexpected(error: Exception) -> Response:
    log.exception("unexpected error", exc_info=error)
    return respond(
        Problem(500, "internal", "Internal error", "The request failed. The log has the reason under this request_id.")
    )


def register(app: Flask) -> None:
    """Makes every error of *app* a problem+json response."""
    app.register_error_handler(Problem, respond)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(InterfaceError, _database)
    app.register_error_handler(Exception, _unexpected)
