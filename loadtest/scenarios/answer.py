"""What an answer, or its absence, tells. Nothing here needs Locust, which patches the process that imports it."""

from contextlib import suppress
from typing import Any

import requests

PROBLEM = "application/problem+json"
SIGNS = {
    "timed out": "timeout",
    "Connection refused": "refused",
    "NewConnectionError": "refused",
    "NameResolutionError": "refused",
    "reset by peer": "reset",
    "Broken pipe": "reset",
}


class Cut(Exception):
    """The client itself stopped waiting, as its load was stopped."""


def saw(error: BaseException | None) -> str:
    """What a request without an answer looked like to its client: eof, reset, timeout, refused, cut."""
    if isinstance(error, Cut):
        return "cut"
    if isinstance(error, requests.exceptions.Timeout):
        return "timeout"
    # requests has no exception for each of these: a stalled body, say, is a ConnectionError that speaks of a timeout.
    text = repr(error)
    for sign, word in SIGNS.items():
        if sign in text:
            return word
    # "Remote end closed connection without response", or an answer that ends before its length.
    return "eof"


def facts(response: Any, status: int | None) -> dict[str, Any]:
    """What an answer's headers and body tell beside its status."""
    if status is None:
        return {"import_id": None, "request_bytes": None, "problem": None}
    request = response.request
    length = request.headers.get("Content-Length") if request is not None else None
    problem = None
    if response.headers.get("Content-Type", "").startswith(PROBLEM):
        # A body that was cut off says nothing more; its request is recorded all the same.
        with suppress(ValueError, AttributeError):
            kind = response.json().get("type")
            problem = kind if isinstance(kind, str) else None
    location = response.headers.get("Location", "")
    return {
        "import_id": location.rsplit("/", 1)[-1] or None,
        "request_bytes": int(length) if length else None,
        "problem": problem,
    }
