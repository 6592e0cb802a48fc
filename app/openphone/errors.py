"""What can go wrong with a call, and both of the vendor's ways of saying so."""

from typing import Any


class OpenPhoneDownError(Exception):
    """OpenPhone takes nothing just now, or not with this key. What is in the outbox stays there."""


class RejectedError(Exception):
    """OpenPhone will not take this contact, however often it is asked."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"OpenPhone answered {status}: {message}")
        self.status = status


def message_of(body: Any) -> str:
    """The text of an error, flat (``{message, code, ...}``) or nested (``{"error": {message, key, ...}}``)."""
    if not isinstance(body, dict):
        return "no reason given"
    inner = body.get("error")
    error = inner if isinstance(inner, dict) else body
    message = str(error.get("message") or error.get("title") or "no reason given")
    code = error.get("code") or error.get("key")
    details = [
        f"{item.get('path', '')} {item.get('message', '')}".strip()
        for item in error.get("errors") or []
        if isinstance(item, dict)
    ]
    return "; ".join([f"{message} ({code})" if code else message, *details])[:500]
