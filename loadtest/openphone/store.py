"""One account's contacts, unique on externalId. A phone number may occur any number of times, as with the vendor."""

import secrets
from collections.abc import Iterable
from typing import Any

import orjson

from loadtest.openphone.contact import Body, created, updated
from loadtest.openphone.reply import as_json


class UnknownContactError(LookupError):
    """No contact has this id."""


class DuplicateExternalIdError(ValueError):
    """Another contact of the account has this externalId."""


class StoreFullError(Exception):
    """The account holds as many contacts as the mock keeps."""


class Store:
    """Contacts as the JSON bytes they are answered with: 50,000 nested dicts would make the collector pause replies."""

    def __init__(self, most_contacts: int) -> None:
        self._most = most_contacts
        self._contacts: dict[str, bytes] = {}
        self._by_external_id: dict[str, str] = {}
        # Random per store, so that an id from before a reset never names a contact made after it.
        self._prefix = secrets.token_hex(5)
        self._last_id = 0

    def __len__(self) -> int:
        return len(self._contacts)

    def create(self, body: Body, now: float) -> bytes:
        """Keep the contact of a valid create body.

        Raises DuplicateExternalIdError, CustomFieldError, StoreFullError.
        """
        external_id = body.get("externalId")
        if external_id in self._by_external_id:
            raise DuplicateExternalIdError(external_id)
        if len(self._contacts) >= self._most:
            raise StoreFullError(f"this mock keeps {self._most} contacts per account")
        contact_id = self._new_id()
        data = self._contacts[contact_id] = as_json(created(body, contact_id, self._new_id, now))
        if external_id is not None:
            self._by_external_id[external_id] = contact_id
        return data

    def get(self, contact_id: str) -> bytes:
        """The contact's JSON. Raises UnknownContactError."""
        try:
            return self._contacts[contact_id]
        except KeyError:
            raise UnknownContactError(contact_id) from None

    def update(self, contact_id: str, body: Body, now: float) -> bytes:
        """Change a contact by a valid update body.

        Raises UnknownContactError, DuplicateExternalIdError, CustomFieldError.
        """
        before = orjson.loads(self.get(contact_id))
        old, new = before["externalId"], body.get("externalId", before["externalId"])
        if new is not None and self._by_external_id.get(new, contact_id) != contact_id:
            raise DuplicateExternalIdError(new)
        data = as_json(updated(before, body, self._new_id, now))
        self._contacts[contact_id] = data
        if old != new:
            self._by_external_id.pop(old, None)
            if new is not None:
                self._by_external_id[new] = contact_id
        return data

    def delete(self, contact_id: str) -> str | None:
        """Forget a contact; its externalId is free again and returned. Raises UnknownContactError."""
        external_id: str | None = orjson.loads(self.get(contact_id))["externalId"]
        del self._contacts[contact_id]
        if external_id is not None:
            del self._by_external_id[external_id]
        return external_id

    def find(self, external_ids: Iterable[str], sources: Iterable[str] = ()) -> list[bytes]:
        """The contacts with one of these externalIds (and one of `sources`, if given), in the order asked."""
        ids = (self._by_external_id.get(external_id) for external_id in dict.fromkeys(external_ids))
        found = [self._contacts[contact_id] for contact_id in ids if contact_id]
        wanted = frozenset(sources)
        return [data for data in found if not wanted or orjson.loads(data)["source"] in wanted]

    def all(self) -> list[bytes]:
        """Every contact, oldest first."""
        return list(self._contacts.values())

    def _new_id(self) -> str:
        self._last_id += 1
        return f"{self._prefix}{self._last_id:014x}"


def summary(data: bytes) -> dict[str, Any]:
    """A contact as the admin API lists it: `{id, externalId, phones}`."""
    contact = orjson.loads(data)
    phones = [item["value"] for item in contact["defaultFields"]["phoneNumbers"]]
    return {"id": contact["id"], "externalId": contact["externalId"], "phones": phones}
