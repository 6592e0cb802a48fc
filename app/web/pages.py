"""What a list's query may say, and keyset pagination: a cursor is the last item's key."""

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from flask import request

from app.imports.phone import PhoneError, e164
from app.problem import Problem

LIMIT = 50
LIMIT_MAX = 500
SHOWN_CHARS = 100

Key = TypeVar("Key")
Item = Mapping[str, Any]


def filters(*known: str) -> dict[str, str]:
    """Those of the *known* filters that the query gives.

    Raises Problem (400) for a parameter that is none of them, nor ``limit`` or ``cursor``; for one that is given
    twice; for a filter that is empty or holds a NUL character.
    """
    parameters = (*known, "limit", "cursor")
    unknown = sorted(name[:SHOWN_CHARS] for name in request.args if name not in parameters)
    if unknown:
        raise Problem(
            400,
            "unknown-option",
            "Unknown option",
            f"There is no parameter {', '.join(unknown)}; there are: {', '.join(parameters)}.",
            options=unknown,
        )
    given = {}
    for name, values in request.args.lists():
        if len(values) > 1:
            raise bad_option(name, f"is given {len(values)} times; give it once")
        if name not in known:
            continue
        if not values[0].strip():
            raise bad_option(name, "is empty; give it a value or leave it out")
        if "\0" in values[0]:
            raise bad_option(name, "holds a NUL character; nothing here does")
        given[name] = values[0]
    return given


def uuid(name: str, raw: str, hint: str) -> UUID:
    """The UUID that the filter *name* gives; *hint* says where to find one. Raises Problem (400)."""
    try:
        return UUID(raw)
    except ValueError:
        raise bad_option(name, f"is {raw[:SHOWN_CHARS]!r}; it must be a UUID. {hint}", end="") from None


def phone(name: str, raw: str, region: str) -> str:
    """The E.164 of the phone number that the filter *name* gives in any spelling. Raises Problem (400).

    A "+" that stands in a URL as it is arrives as a space: behind one the number is first read with its "+".
    """
    try:
        if raw.startswith(" "):
            try:
                return e164(f"+{raw.strip()}", region)
            except PhoneError:
                pass
        return e164(raw.strip(), region)
    except PhoneError as error:
        raise bad_option(name, f"is {raw[:SHOWN_CHARS]!r}: {error.reason}; {error.fix}") from None


def bad_option(name: str, what: str, end: str = ".") -> Problem:
    """The 400 of the parameter *name*; *what* goes on behind the name."""
    return Problem(400, "bad-option", "An option can't be used", f"{name} {what}{end}", option=name)


def limit() -> int:
    """The query's ``limit``: 1 to 500, 50 unless given. Raises Problem (400)."""
    raw = request.args.get("limit", str(LIMIT))
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 6 and 1 <= int(raw) <= LIMIT_MAX):
        raise bad_option("limit", f"is {raw[:SHOWN_CHARS]!r}; it may be 1 to {LIMIT_MAX}")
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


def page(kind: str, found: Sequence[Item], size: int) -> tuple[Sequence[Item], str | None]:
    """The first *size* of the items *found*, and the cursor behind them if there are more: so ask for one more."""
    shown = found[:size]
    return shown, next_cursor(kind, shown[-1]["id"]) if len(found) > size else None
