"""An import's counters, watched: until a point is reached, until they move again, until all is done."""

import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import psycopg2

from loadtest.chaos.scene import Scene
from loadtest.errors import HarnessError
from loadtest.stack.base import Trial

POLL_SECONDS = 0.05
# Three times what a recovery may take, and longer than any pause between an import's attempts while it goes well.
STILL_SECONDS = 180.0
FINISHED = ("completed", "completed_with_errors", "failed", "cancelled")
READ = """
SELECT id::text, status, rows_total, rows_done, contacts_to_sync, contacts_synced, contacts_failed
FROM imports ORDER BY number DESC LIMIT 1
"""


class HungError(Exception):
    """Nothing has moved for STILL_SECONDS."""


@dataclass(frozen=True)
class Counters:
    """How far an import is."""

    import_id: str
    status: str
    rows_total: int
    rows_done: int
    to_sync: int
    synced: int
    failed: int

    @property
    def settled(self) -> int:
        """Contacts that OpenPhone was told of, or would not take."""
        return self.synced + self.failed

    @property
    def done(self) -> bool:
        """Nothing is left, in the outbox either."""
        return self.status in FINISHED and self.settled >= self.to_sync

    def is_behind(self, later: "Counters") -> bool:
        """Whether what is under way here has gone on by *later*: the load until it is through, then the rest."""
        if later.done:
            return True
        if self.rows_done < self.rows_total:
            return later.rows_done > self.rows_done
        return later.to_sync > self.to_sync or later.settled > self.settled


class Watch:
    """Of the newest import of *trial*; reads the database, which tells more often than the API may be asked."""

    def __init__(self, scene: Scene, trial: Trial) -> None:
        self._scene = scene
        self._trial = trial
        self._checkpoint: tuple[float, int] | None = None
        self._chunk_seconds = math.inf

    @property
    def chunk_seconds(self) -> float:
        """How long a chunk takes, by the quickest seen so far; 0 before the first."""
        return self._chunk_seconds if math.isfinite(self._chunk_seconds) else 0.0

    def now(self) -> Counters:
        """The counters. Waits for a PostgreSQL that is away. Raises HungError, HarnessError."""
        return self.until(lambda _: True)

    def until(self, condition: Callable[[Counters], bool]) -> Counters:
        """The first counters that meet the condition.

        Raises HungError when nothing moves any more, HarnessError when the run ends.
        """
        last, since = None, time.monotonic()
        while True:
            self._scene.check()
            found = None
            with suppress(psycopg2.OperationalError, psycopg2.InterfaceError):
                found = self.read()
                self._note(found)
                if condition(found):
                    return found
            if found is not None and found != last:
                last, since = found, time.monotonic()
            if time.monotonic() - since > STILL_SECONDS:
                raise HungError(f"nothing moved for {STILL_SECONDS:.0f} s: {last}")
            time.sleep(POLL_SECONDS)

    def read(self) -> Counters:
        """The counters, without a look at the services. Raises psycopg2.OperationalError, HarnessError."""
        rows = self._trial.sql(READ)
        if not rows:
            raise HarnessError(f"{self._trial.name} has no import: its upload was not taken")
        return Counters(*rows[0])

    def _note(self, found: Counters) -> None:
        at, rows = self._checkpoint or (time.monotonic(), found.rows_done)
        if found.rows_done > rows:
            self._chunk_seconds = min(self._chunk_seconds, time.monotonic() - at)
        if self._checkpoint is None or found.rows_done > rows:
            self._checkpoint = time.monotonic(), found.rows_done
