"""The states of an import and the only ways between them."""

from enum import StrEnum


class Status(StrEnum):
    """What an import is doing. ``running`` without a living worker reads as ``interrupted``."""

    RECEIVED = "received"
    RUNNING = "running"
    HANDED_OFF = "handed_off"
    INTERRUPTED = "interrupted"
    COMPLETED = "completed"
    COMPLETED_WITH_ERRORS = "completed_with_errors"
    FAILED = "failed"
    CANCELLED = "cancelled"


TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.RECEIVED: frozenset(
        {
            Status.RUNNING,  # a worker takes it up
            Status.INTERRUPTED,  # its worker died before the first row
            Status.CANCELLED,  # the client changed its mind
        }
    ),
    Status.RUNNING: frozenset(
        {
            Status.RUNNING,  # another worker takes up what a dead one left
            Status.HANDED_OFF,  # the request's time is nearly up
            Status.INTERRUPTED,  # its worker died, or OpenPhone does not answer
            Status.COMPLETED,  # every row is in, every contact synced
            Status.COMPLETED_WITH_ERRORS,  # some rows or contacts were rejected, the rest is in
            Status.FAILED,  # no row could be imported
            Status.CANCELLED,  # the client changed its mind
        }
    ),
    Status.HANDED_OFF: frozenset(
        {
            Status.RUNNING,  # a background worker takes it up
            Status.INTERRUPTED,  # nobody did
            Status.CANCELLED,  # the client changed its mind
        }
    ),
    Status.INTERRUPTED: frozenset(
        {
            Status.RUNNING,  # resumed
            Status.CANCELLED,  # given up
        }
    ),
    Status.COMPLETED: frozenset(),
    Status.COMPLETED_WITH_ERRORS: frozenset(),
    Status.FAILED: frozenset(),
    Status.CANCELLED: frozenset(),
}

FINISHED = frozenset(status for status, following in TRANSITIONS.items() if not following)
RESUMABLE = frozenset(status for status, following in TRANSITIONS.items() if Status.RUNNING in following)


def before(status: Status) -> list[str]:
    """The states from which *status* may be reached."""
    return [source.value for source, following in TRANSITIONS.items() if status in following]
