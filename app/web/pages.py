"""Keyset pagination: a cursor is the last item's key."""

import base64
from collections.abc import Callable
from typing import TypeVar

from flask import request

from app.problem import Problem

LIMIT = 50
LIMIT_MAX = 500

Key = TypeVar("Key")


def limit() -> int:
    """The query's ``limit``: 1 to 500, 50 unless given. Raises Problem (400)."""
    raw = request.args.get("limit", str(LIMIT))
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 6 and 1 <= int(raw) <= LIMIT_MAX):
        raise Problem(
            400, "bad-option", "An option can't be used", f"limit is {raw[:100]!r}; it may be 1 to {LIMIT_MAX}."
        )
    return int(raw)


def cursor(kind: str, parse: Callable[[str], Key]) -> Key | None:
    """The key in the query's ``cursor``, if one is given; *parse* raises ValueError for what is none.

    Raises Problem (400).
    """
    raw = request.args.get("cursor")
    if raw is None:
        return None
    try:
        name, _, key = base64.urlsafe_b64decode(raw.encode("ascii")).decode().partition(":")
        if name != kind:
            raise ValueError(name)
        return parse(key)
    except ValueError:  # binascii.Error and UnicodeError are ValueErrors
        raise Problem(
            400, "bad-cursor", "Unknown cursor", "Take the cursor from the last page's 'next', or leave it out."
        ) from None


def next_cursor(kind: str, key: object) -> str:
    """A cursor behind the item with *key*."""
    return base64.urlsafe_b64encode(f"{kind}:{key}".encode()).decode()
