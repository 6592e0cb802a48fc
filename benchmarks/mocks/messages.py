"""The requests of the load, as an import's client writes them, ready for the socket."""

import json
import re
from collections.abc import Callable, Generator, Iterator

# Yields requests; is sent the body of the answer to each.
Script = Generator[bytes, bytes, None]

_PLACE = "00000000-0000-4000-8000-############"
_ID = re.compile(rb'"id":\s*"([^"]+)"')


class Messages:
    """Requests of one account. Contact *number* has an externalId of its own."""

    def __init__(self, host: str, key: str) -> None:
        self._common = (
            f" HTTP/1.1\r\nHost: {host}\r\nUser-Agent: python-requests/2.32.5\r\nAccept-Encoding: gzip, deflate\r\n"
            f"Accept: application/json\r\nConnection: keep-alive\r\nAuthorization: {key}\r\n"
        ).encode()
        fields = {
            "firstName": "Ada",
            "lastName": "Lovelace",
            "company": "Analytical Engines",
            "role": "Countess",
            "emails": [{"name": "email", "value": "ada.lovelace@example.com"}],
            "phoneNumbers": [{"name": "phone", "value": "+14155550100"}],
        }
        contact = {"defaultFields": fields, "source": "timeoutlab", "externalId": _PLACE}
        self._create = self._with_body(b"POST /v1/contacts", contact).split(b"#" * 12)
        self._update = self._with_body(b"", {"defaultFields": {**fields, "role": "Programmer"}})

    def create(self, number: int) -> bytes:
        """POST /v1/contacts."""
        return (b"%012d" % number).join(self._create)

    def find(self, number: int) -> bytes:
        """GET /v1/contacts by externalId, as after a conflict."""
        external_id = _PLACE.replace("#" * 12, f"{number:012d}").encode()
        return b"GET /v1/contacts?externalIds=%b&maxResults=50" % external_id + self._common + b"\r\n"

    def update(self, contact_id: bytes) -> bytes:
        """PATCH of the whole contact."""
        return b"PATCH /v1/contacts/" + contact_id + self._update

    def get(self, contact_id: bytes) -> bytes:
        """GET of one contact."""
        return b"GET /v1/contacts/" + contact_id + self._common + b"\r\n"

    def _with_body(self, start: bytes, value: object) -> bytes:
        body = json.dumps(value).encode()
        about = b"Content-Length: %d\r\nContent-Type: application/json\r\n\r\n" % len(body)
        return start + self._common + about + body


def creates(messages: Messages, numbers: Iterator[int]) -> Script:
    """New contacts, one after the other."""
    for number in numbers:
        yield messages.create(number)


def lives(messages: Messages, numbers: Iterator[int]) -> Script:
    """Each contact created, found by its externalId, updated and read: four requests."""
    for number in numbers:
        found = _ID.search((yield messages.create(number)))
        if found:
            yield messages.find(number)
            yield messages.update(found[1])
            yield messages.get(found[1])


SCRIPTS: dict[str, Callable[[Messages, Iterator[int]], Script]] = {"create": creates, "lives": lives}
