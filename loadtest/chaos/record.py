"""The recording of a chaos run. Times are seconds; None means: it did not happen, or is not known."""

from dataclasses import asdict, dataclass, field
from typing import Any

from loadtest.chaos.plan import Fault
from loadtest.chaos.tally import Count


@dataclass(frozen=True)
class Happened:
    """A fault that came about, at *at_seconds* behind the answer to the upload.

    *down_seconds*: until the service was there again. *recovery_seconds*: until the import's counters moved again.
    Both from the moment of the fault; None where they never did.
    """

    fault: Fault
    at_seconds: float
    rows_done: int
    contacts_synced: int
    down_seconds: float
    recovery_seconds: float | None = None


@dataclass(frozen=True)
class Kill:
    """The end of a request at its timeout: *line* is the arbiter's. *after_seconds*: the worker's end behind that line.

    *found_seconds*: from the worker's end until the import was seen to be interrupted; *recovery_seconds*: until its
    counters moved again.
    """

    line: str
    after_seconds: float
    found_seconds: float | None
    recovery_seconds: float | None
    stuck: bool


@dataclass(frozen=True)
class Round:
    """One import on a database of its own.

    *status* and *seconds*: how and when it ended. *answered*, *answer_seconds*: HTTP status of the upload (None: the
    connection was cut), and how long it took. *worker_timeouts*: such lines in the web log. *hung*: nothing moved any
    more. *trouble*: why it says nothing. *evidence*: what was seen of a round that went wrong.
    """

    number: int
    seed: int
    scenario: str
    planned: tuple[Fault, ...] = ()
    happened: tuple[Happened, ...] = ()
    answered: int | None = None
    answer_seconds: float | None = None
    kill: Kill | None = None
    worker_timeouts: int = 0
    status: str | None = None
    seconds: float | None = None
    counts: dict[str, Count] = field(default_factory=dict)
    hung: bool = False
    trouble: str | None = None
    evidence: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)
