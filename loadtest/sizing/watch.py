"""How soon a dead worker's import is found interrupted."""

import math
import threading
import time
from contextlib import suppress

import requests

from loadtest.sizing.layer import WorkerTimeout
from loadtest.sizing.trials import FINISHED, last_import
from loadtest.stack.base import Trial

POLL_SECONDS = 0.1
FOUND_WITHIN_SECONDS = 15.0


class Watch:
    """Asks the app for the import's status, from another worker, until it is called interrupted; ends with *over*."""

    def __init__(self, trial: Trial, over: threading.Event) -> None:
        self._trial = trial
        self._over = over
        self._until = math.inf
        self._thread = threading.Thread(target=self._poll, daemon=True)
        self._found_at: float | None = None

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._until = time.monotonic() + (FOUND_WITHIN_SECONDS if kind is None else 0)
        self._thread.join()

    def found_after(self, killed: WorkerTimeout | None) -> float | None:
        """Seconds from the arbiter's line to the first answer that said interrupted."""
        if killed is None or self._found_at is None:
            return None
        return max(0.0, self._found_at - killed.at)

    def _poll(self) -> None:
        while time.monotonic() < self._until and not self._over.wait(POLL_SECONDS):
            left = self._until < math.inf
            with suppress(requests.RequestException):
                status = last_import(self._trial).get("status")
                if status == "interrupted":
                    self._found_at = time.time()
                    return
                if left and status in FINISHED:
                    return  # it was never killed
