"""What each v1 operation does to an account: a request in, a reply out, no clock and no network."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from loadtest.openphone import envelope
from loadtest.openphone.account import Account
from loadtest.openphone.custom_fields import FIELDS, CustomFieldError
from loadtest.openphone.reply import Reply, as_json
from loadtest.openphone.routes import Route
from loadtest.openphone.rules import Violation, create_violations, list_query, update_violations
from loadtest.openphone.store import DuplicateExternalIdError, StoreFullError, UnknownContactError


@dataclass(frozen=True, slots=True)
class Call:
    """A request as an operation sees it; `now` is in epoch seconds."""

    route: Route
    contact_id: str
    query: Mapping[str, Iterable[str]]
    body: bytes
    now: float


class _BadRequestError(Exception):
    def __init__(self, violations: list[Violation]) -> None:
        super().__init__("The request breaks a rule of the API.")
        self.violations = violations


def answer(account: Account, call: Call) -> Reply:
    """Carry out `call` on `account`, counting what it changed. Every error of the API is a reply, never raised."""

    def error(status: int, message: str, violations: list[Violation] | None = None) -> Reply:
        return envelope.error(account.profile.envelope, call.route, status, message, violations or ())

    try:
        return _OPERATIONS[call.route](account, call)
    except _BadRequestError as bad:
        return error(400, str(bad), bad.violations)
    except CustomFieldError as bad:
        return error(400, str(bad), [bad.violation])
    except UnknownContactError:
        return error(404, f"No contact has the id {call.contact_id[:75]}.")
    except DuplicateExternalIdError as duplicate:
        account.counters.duplicate_external_ids += 1
        reply = error(409, f"A contact with the externalId {duplicate} exists already.")
        reply.external_id = str(duplicate)
        return reply
    except StoreFullError as full:
        return error(422, str(full))


def external_id_of(body: bytes) -> str | None:
    """The externalId in a create's or update's body, for the journal of requests that were not carried out."""
    try:
        value = orjson.loads(body).get("externalId")
    except (ValueError, AttributeError):
        return None
    return value[:75] if isinstance(value, str) else None


def _create(account: Account, call: Call) -> Reply:
    body = _json(call.body)
    if found := create_violations(body):
        raise _BadRequestError(found)
    data = account.store.create(body, call.now)
    account.counters.created += 1
    return Reply(201, b'{"data":' + data + b"}", external_id=body.get("externalId"))


def _list(account: Account, call: Call) -> Reply:
    query, found = list_query(call.query)
    start = _offset(query.get("pageToken"))
    if found:
        raise _BadRequestError(found)
    contacts = account.store.find(query["externalIds"], query.get("sources", ()))
    end = start + query["maxResults"]
    token = f"after-{end}" if end < len(contacts) else None
    external_ids = query["externalIds"]
    return Reply(
        200,
        b'{"data":[%b],"totalItems":%d,"nextPageToken":%b}'
        % (b",".join(contacts[start:end]), len(contacts), as_json(token)),
        external_id=external_ids[0] if len(external_ids) == 1 else None,
    )


def _get(account: Account, call: Call) -> Reply:
    return _one(account.store.get(call.contact_id))


def _update(account: Account, call: Call) -> Reply:
    body = _json(call.body)
    if found := update_violations(body):
        raise _BadRequestError(found)
    data = account.store.update(call.contact_id, body, call.now)
    account.counters.updated += 1
    return _one(data)


def _delete(account: Account, call: Call) -> Reply:
    external_id = account.store.delete(call.contact_id)
    account.counters.deleted += 1
    return Reply(204, external_id=external_id)


def _custom_fields(account: Account, call: Call) -> Reply:
    return Reply(200, as_json({"data": [field._asdict() for field in FIELDS]}))


_OPERATIONS: Final[dict[Route, Callable[[Account, Call], Reply]]] = {
    "POST /v1/contacts": _create,
    "GET /v1/contacts": _list,
    "GET /v1/contacts/{id}": _get,
    "PATCH /v1/contacts/{id}": _update,
    "DELETE /v1/contacts/{id}": _delete,
    "GET /v1/contact-custom-fields": _custom_fields,
}


def _one(data: bytes) -> Reply:
    return Reply(200, b'{"data":' + data + b"}", external_id=orjson.loads(data)["externalId"])


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        violation = {"path": "", "message": "the body is not JSON", "schema": {"type": "object"}}
        raise _BadRequestError([violation]) from None


def _offset(token: str | None) -> int:
    digits = (token or "after-0").removeprefix("after-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        violation = {"path": "/pageToken", "message": "is not a token of a reply", "schema": {"type": "string"}}
        raise _BadRequestError([violation])
    return int(digits)
