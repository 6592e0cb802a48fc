"""A reply before it meets the wire."""

import json
from dataclasses import dataclass, field
from typing import Any


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
    return json.dumps(value, separators=(",", ":")).encode()
