"""What can go wrong with a call, and both of the vendor's ways of saying so."""

from typing import Any

from app.imports.errors import PausedError


class OpenPhoneDownError(PausedError):
    """OpenPhone takes nothing just now, or not with this key. What is in the outbox stays there."""


class CallFailedError(Exception):
    """OpenPhone answered this call with server errors until attempts ran out; another call may fare better."""


class RejectedError(Exception):
    """OpenPhone will not take this contact, however often it is asked."""

    def __init__(self, answer: str) -> None:
        super().__init__(f"OpenPhone answered {answer}")


def message_of(body: Any) -> str:
    """The text of an error, flat (``{message, code, ...}``) or nested (``{"error": {message, key, ...}}``).

    At most 500 characters, all of which PostgreSQL can hold.
    """
    if not isinstance(body, dict):
        return "no reason given"
    inner = body.get("error")
    error = inner if isinstance(inner, dict) else body
    message = str(error.get("message") or error.get("title") or "no reason given")
    code = error.get("code") or error.get("key")
    listed = error.get("errors")
    details = [
        f"{item.get('path', '')} {item.get('message', '')}".strip()
        for item in (listed if isinstance(listed, list) else [])
        if isinstance(item, dict)
    ]
    whole = "; ".join([f"{message} ({code})" if code else message, *details])[:500]
    # JSON may hold what a UTF-8 text column can't: \u0000 and halves of surrogate pairs.
    return whole.replace("\0", "\u2400").encode(errors="replace").decode()
