"""Every request as a line of JSON, with exact times: Locust's own statistics round percentiles above 10 s."""

import json
from pathlib import Path
from typing import Any

import requests
from locust import events

PROBLEM = "application/problem+json"


class Recorder:
    """Appends to *path*: name, started_at (epoch s), seconds, status, saw, import_id, request_bytes, problem."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8", buffering=1)
        events.request.add_listener(self._request)  # type: ignore[no-untyped-call]
        events.quitting.add_listener(self._close)  # type: ignore[no-untyped-call]

    def _request(
        self,
        name: str,
        start_time: float,
        response_time: float,
        response: Any = None,
        exception: BaseException | None = None,
        **_: Any,
    ) -> None:
        status = (response.status_code or None) if response is not None else None
        error = getattr(response, "error", None) or exception
        line = {
            "name": name,
            "started_at": start_time,
            "seconds": response_time / 1000,
            "status": status,
            "saw": str(status) if status else saw(error),
            **facts(response, status),
        }
        self._file.write(json.dumps(line) + "\n")

    def _close(self, **_: Any) -> None:
        self._file.close()


def saw(error: BaseException | None) -> str:
    """What a request without an answer looked like to its client: eof, reset, timeout, refused."""
    text = repr(error)
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ReadTimeout):
        return "timeout"
    for sign, word in (("Connection refused", "refused"), ("reset by peer", "reset"), ("Broken pipe", "reset")):
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
        problem = response.json().get("type")
    location = response.headers.get("Location", "")
    return {
        "import_id": location.rsplit("/", 1)[-1] or None,
        "request_bytes": int(length) if length else None,
        "problem": problem,
    }
