"""What all rounds of a run have in common."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from fixtures.manifest import Manifest
from loadtest.errors import HarnessError
from loadtest.sizing.trials import call
from loadtest.stack.base import Stack, Trial

# Whatever the caller's environment has.
ENV = {
    "OPENPHONE_RATE_PER_SECOND": "0",
    "API_RATE_PER_MINUTE": "0",
    "LOG_LEVEL": "info",
    "IMPORT_AUTO_RESUME": "on",
    "GUNICORN_WORKERS": "2",  # one imports, one answers
}


@dataclass(frozen=True)
class Answer:
    """What a client saw of its upload: the HTTP status, and the body; None where the connection was cut."""

    status: int | None
    body: str = ""


@dataclass(frozen=True)
class Scene:
    """The stack, the file that is imported, and how contacts are synced (inline, background).

    *stuck*: kills hit a worker inside a query. *over*: the run is being ended.
    """

    stack: Stack
    csv: Path
    manifest: Manifest
    sync: str
    stuck: bool = False
    over: threading.Event = field(default_factory=threading.Event)

    def check(self) -> None:
        """Raises HarnessError when the run is being ended, StackDied when a service has ended by itself."""
        if self.over.is_set():
            raise HarnessError("the run was ended")
        self.stack.check()

    def upload(self, trial: Trial, mode: str, timeout: float) -> Answer:
        """Sends the file; *timeout*: seconds to wait for an answer. Raises requests.RequestException, HarnessError."""
        with self.csv.open("rb") as file:
            form: dict[str, Any] = {
                "files": {"file": (self.csv.name, file)},
                "data": {"kind": self.manifest.kind, "mode": mode},
            }
            try:
                reply = call(trial, "POST", "/api/imports", timeout, **form)
            except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
                self.check()
                return Answer(None)
        return Answer(reply.status_code, reply.text)
