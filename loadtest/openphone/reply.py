"""A reply before it meets the wire."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson


@dataclass(slots=True)
class Reply:
    """Status, body and headers of a reply; `external_id` is for the journal."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    external_id: str | None = None


def as_json(value: Any) -> bytes:
    """`value` as compact JSON."""
    return orjson.dumps(value)


def problem(status: int, detail: str, **more: Any) -> Reply:
    """An error of the mock, not of the API: RFC 9457 problem+json."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return Reply(status, as_json(body), "application/problem+json")
