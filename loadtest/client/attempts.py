"""How often something is tried again, and after how long."""

import time
from collections.abc import Callable

from loadtest.client.errors import GaveUpError

FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30.0
RETRY_AFTER_MAX_SECONDS = 900.0


class Attempts:
    """At most *limit* failures in a row that nothing came of. *say* is told each one."""

    def __init__(self, limit: int, say: Callable[[str], None], sleep: Callable[[float], None] = time.sleep) -> None:
        self._limit = limit
        self._say = say
        self._sleep = sleep
        self._failed = 0
        self._furthest = (0, 0)
        self._since = time.monotonic()

    @property
    def still_seconds(self) -> float:
        """How long nothing has come of it."""
        return time.monotonic() - self._since

    def reached(self, rows: int, contacts: int) -> None:
        """Something has come of it after all, if this is further than before: the count begins anew."""
        before = self._furthest
        self._furthest = (max(rows, before[0]), max(contacts, before[1]))
        if self._furthest != before:
            self._failed = 0
            self._since = time.monotonic()

    def failed(self, what: str, retry_after: float | None = None) -> None:
        """Waits: as long as the server asks for, or twice as long as the last time. Raises GaveUpError."""
        self._failed += 1
        if self._failed >= self._limit:
            times = f"{self._limit} attempts in a row" if self._limit > 1 else "one attempt"
            raise GaveUpError(f"{what}; gave up after {times} that brought nothing")
        own = min(FIRST_WAIT_SECONDS * 2 ** (self._failed - 1), LONGEST_WAIT_SECONDS)
        seconds = own if retry_after is None else min(max(retry_after, own), RETRY_AFTER_MAX_SECONDS)
        self._say(f"{what}; again in {seconds:.3g} s")
        self._sleep(seconds)
