"""A contact of ours as the API's, and the way to make the API hold it exactly once."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from app.openphone.client import Client
from app.openphone.errors import CallFailedError, OpenPhoneDownError
from app.stages import StageClock

SOURCE = "timeoutlab"
CONFLICT = 409
NOT_FOUND = 404


def payload(contact: Mapping[str, Any]) -> dict[str, Any]:
    """The body of create and update for a row of the table contacts."""
    email = contact["email"]
    return {
        "defaultFields": {
            "firstName": contact["first_name"],
            "lastName": contact["last_name"],
            "company": contact["company"],
            "role": contact["title"],
            "emails": [{"name": "email", "value": email}] if email else [],
            "phoneNumbers": [{"name": "phone", "value": contact["phone"]}],
        }
    }


def push(client: Client, clock: StageClock, contact: Mapping[str, Any], openphone_id: str | None) -> str:
    """Makes OpenPhone hold *contact* as it is now; returns its id there.

    The contact's UUID is the externalId, so a repeated create is answered 409 and turns into an update.
    Raises RejectedError, CallFailedError, OpenPhoneDownError.
    """
    body = payload(contact)
    if openphone_id and _update(client, clock, openphone_id, body):
        return openphone_id
    external_id = str(contact["id"])
    for _ in range(2):
        created = client.call(
            "POST",
            "/v1/contacts",
            clock,
            json={**body, "source": SOURCE, "externalId": external_id},
            expect=(CONFLICT,),
        )
        if created.status != CONFLICT:
            return _id_of(created.data)
        theirs = _find(client, clock, external_id)
        if theirs and (same(theirs, body) or _update(client, clock, _id_of(theirs), body)):
            return _id_of(theirs)
        # Deleted there between the two calls: once more from the start.
    # Their list may lag behind their store: a matter of time, not of this contact.
    raise CallFailedError(f"OpenPhone says that externalId {external_id} is taken, but does not list it")


def _find(client: Client, clock: StageClock, external_id: str) -> Mapping[str, Any] | None:
    listed = client.call("GET", "/v1/contacts", clock, params={"externalIds": external_id, "maxResults": 50}).data
    # Checked, so that no filter of theirs that does nothing makes us overwrite another's contact.
    items = listed if isinstance(listed, list) else []
    return next((item for item in items if isinstance(item, dict) and item.get("externalId") == external_id), None)


def _id_of(contact: Any) -> str:
    if not isinstance(contact, dict) or not isinstance(contact.get("id"), str):
        raise OpenPhoneDownError("OpenPhone's answer is a contact without an id; check OPENPHONE_BASE_URL")
    return str(contact["id"])


def _update(client: Client, clock: StageClock, openphone_id: str, body: Mapping[str, Any]) -> bool:
    """Whether the contact was there to be replaced."""
    return (
        client.call(
            "PATCH", f"/v1/contacts/{quote(openphone_id, safe='')}", clock, json=body, expect=(NOT_FOUND,)
        ).status
        != NOT_FOUND
    )


def same(theirs: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Whether the vendor's contact already says what *body* would write."""
    return _plain(theirs.get("defaultFields") or {}) == _plain(body["defaultFields"])


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: fields.get(name) for name in ("firstName", "lastName", "company", "role")}
    return plain | {name: [item.get("value") for item in fields.get(name) or []] for name in ("emails", "phoneNumbers")}
