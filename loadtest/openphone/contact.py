"""A contact as the vendor returns it: made from a create's body, changed by an update's."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from loadtest.openphone.custom_fields import fill

Body = Mapping[str, Any]
NewId = Callable[[], str]

CREATOR = "USmock00001"


def created(body: Body, contact_id: str, new_id: NewId, now: float) -> dict[str, Any]:
    """The contact made from a valid create body at `now` (epoch seconds). Raises CustomFieldError."""
    fields = body["defaultFields"]
    made = _timestamp(now)
    return {
        "id": contact_id,
        "externalId": body.get("externalId"),
        "source": body.get("source", "public-api"),
        "sourceUrl": body.get("sourceUrl"),
        "defaultFields": {
            "company": fields.get("company"),
            "emails": _items(fields.get("emails", ()), frozenset(), new_id),
            "firstName": fields["firstName"],
            "lastName": fields.get("lastName"),
            "phoneNumbers": _items(fields.get("phoneNumbers", ()), frozenset(), new_id),
            "role": fields.get("role"),
        },
        "customFields": fill(body.get("customFields", ())),
        "createdAt": made,
        "updatedAt": made,
        "createdByUserId": body.get("createdByUserId", CREATOR),
    }


def updated(contact: Body, body: Body, new_id: NewId, now: float) -> dict[str, Any]:
    """`contact` after a valid update body. Raises CustomFieldError.

    Lists are replaced, not merged: a `defaultFields` without `emails` or `phoneNumbers` deletes them all, and an item
    whose value is null goes. Single fields that are not given stay.
    """
    changed = {**contact, **{name: body[name] for name in ("externalId", "source", "sourceUrl") if name in body}}
    if "defaultFields" in body:
        given, before = body["defaultFields"], contact["defaultFields"]
        fields = {name: given.get(name, before[name]) for name in ("company", "firstName", "lastName", "role")}
        for name in ("emails", "phoneNumbers"):
            kept = [item for item in given.get(name, ()) if item["value"] is not None]
            fields[name] = _items(kept, frozenset(item["id"] for item in before[name]), new_id)
        changed["defaultFields"] = fields
    if "customFields" in body:
        changed["customFields"] = fill(body["customFields"])
    changed["updatedAt"] = _timestamp(now)
    return changed


def _items(given: Any, known: frozenset[str], new_id: NewId) -> list[dict[str, Any]]:
    return [
        {
            "name": item["name"],
            "value": item["value"],
            "id": item["id"] if item.get("id") in known else new_id(),
        }
        for item in given
    ]


def _timestamp(now: float) -> str:
    milliseconds = int(now * 1000)
    return f"{_second(milliseconds // 1000)}.{milliseconds % 1000:03d}Z"


@lru_cache(1)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
