"""The v1 operations that the mock answers, by name."""

from typing import Final, Literal, NamedTuple

Route = Literal[
    "POST /v1/contacts",
    "GET /v1/contacts",
    "GET /v1/contacts/{id}",
    "PATCH /v1/contacts/{id}",
    "DELETE /v1/contacts/{id}",
    "GET /v1/contact-custom-fields",
]

_PREFIX: Final = "/v1/contacts/"
_EXACT: Final[dict[tuple[str, str], Route]] = {
    ("POST", "/v1/contacts"): "POST /v1/contacts",
    ("GET", "/v1/contacts"): "GET /v1/contacts",
    ("GET", "/v1/contact-custom-fields"): "GET /v1/contact-custom-fields",
}
_BY_ID: Final[dict[str, Route]] = {
    "GET": "GET /v1/contacts/{id}",
    "PATCH": "PATCH /v1/contacts/{id}",
    "DELETE": "DELETE /v1/contacts/{id}",
}


class Match(NamedTuple):
    """The operation a request asks for, and the contact's id where its path names one (else "")."""

    route: Route
    contact_id: str


def match(method: str, path: str) -> Match | None:
    """The operation behind `method` and `path` (without query), or None: a gateway knows no route for it."""
    if exact := _EXACT.get((method, path)):
        return Match(exact, "")
    contact_id = path.removeprefix(_PREFIX)
    if contact_id == path or not contact_id or "/" in contact_id:
        return None
    by_id = _BY_ID.get(method)
    return Match(by_id, contact_id) if by_id else None
