"""Every request as a line of JSON, with exact times: Locust's own statistics round percentiles above 10 s."""

import json
import os
import socket
import tempfile
from pathlib import Path
from typing import Any

from locust import events

from loadtest.scenarios.answer import facts, saw


def path_of(path: Path, worker: bool) -> Path:
    """Where a process records: a *worker* in a file of its own, named after *path*, its host and its pid."""
    return path.with_stem(f"{path.stem}-{socket.gethostname()}-{os.getpid()}") if worker else path


def check(path: Path) -> None:
    """That samples can be written to *path*, or to others beside it. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.open("a").close()
    else:
        tempfile.TemporaryFile(dir=path.parent).close()


class Recorder:
    """Appends to *path*: name, started_at (epoch s), seconds, status, saw, import_id, request_bytes, problem."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8", buffering=1)
        events.request.add_listener(self._request)  # type: ignore[no-untyped-call]
        # Not quitting: users still run then, and what they are at is recorded too.
        events.quit.add_listener(self._close)  # type: ignore[no-untyped-call]

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
