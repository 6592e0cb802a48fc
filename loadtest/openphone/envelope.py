"""The vendor's errors: code, title and status per operation, in the two envelopes seen live."""

import secrets
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final, Literal, NamedTuple

from loadtest.openphone.limiter import Limit
from loadtest.openphone.reply import Reply, as_json
from loadtest.openphone.routes import Route

Envelope = Literal["flat", "nested"]

DOCS: Final = "https://openphone.com/docs"


class ErrorKind(NamedTuple):
    """One documented error; a `described` one repeats its title as `description`."""

    code: str
    title: str
    described: bool = False


# As the vendor's document lists them for each of the five contacts operations: there is no other 400.
_CONTACTS: Final = {
    400: ErrorKind("0801400", "Invalid Custom Field Item", described=True),
    401: ErrorKind("0800401", "Unauthorized"),
    403: ErrorKind("0801403", "Not Phone Number User", described=True),
    404: ErrorKind("0800404", "Not Found"),
    409: ErrorKind("0800409", "Conflict"),
    500: ErrorKind("0801500", "Unknown"),
}
_CUSTOM_FIELDS: Final = {
    400: ErrorKind("0700400", "Bad Request"),
    401: ErrorKind("0700401", "Unauthorized"),
    403: ErrorKind("0700403", "Forbidden"),
    404: ErrorKind("0700404", "Not Found"),
    500: ErrorKind("0701500", "Unknown"),
}


def kind_of(route: Route | None, status: int) -> ErrorKind:
    """The documented error of `route`; a status that the document lacks gets a code made up after its pattern."""
    custom_fields = route == "GET /v1/contact-custom-fields"
    known = (_CUSTOM_FIELDS if custom_fields else _CONTACTS).get(status)
    if known:
        return known
    try:
        title = HTTPStatus(status).phrase
    except ValueError:
        title = "Unknown"
    return ErrorKind(f"{'0700' if custom_fields else '0800'}{status}", title)


def error(
    envelope: Envelope,
    route: Route | None,
    status: int,
    message: str,
    errors: Sequence[dict[str, Any]] = (),
) -> Reply:
    """An error reply. `errors` are the violations of a 400; the nested envelope has no place for them."""
    kind = kind_of(route, status)
    if envelope == "nested":
        # Of the keys only "Unauthorized" was ever seen; the others are the titles written as one word.
        key = kind.title.replace(" ", "")
        return Reply(status, as_json({"error": {"message": message, "key": key, "trace": secrets.token_hex(8)}}))
    body: dict[str, Any] = {
        "message": message,
        "code": kind.code,
        "status": status,
        "docs": DOCS,
        "title": kind.title,
    }
    if kind.described:
        body["description"] = kind.title
    if errors:
        body["errors"] = list(errors)
    return Reply(status, as_json(body))


def too_many(limit: Limit, route: Route | None) -> Reply:
    """The 429 as the account's limit wants it."""
    message = f"More than {limit.per_second} requests in one second."
    if limit.body == "empty":
        reply = Reply(429, content_type="text/plain")
    elif limit.body == "text":
        reply = Reply(429, b"Too Many Requests", content_type="text/plain")
    else:
        reply = error(limit.body, route, 429, message)
    if limit.retry_after is not None:
        reply.headers["Retry-After"] = str(limit.retry_after)
    return reply
