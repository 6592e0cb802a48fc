"""Holding a reply back on the event loop, and accounting for what that cost."""

from time import monotonic
from typing import Final

# epoll counts in whole milliseconds and rounds up, and waking takes time too: measured, sleeps end 0.9 ms late on
# average. Aimed this much early they are late and early alike.
_EARLY_SECONDS: Final = 0.0008


def left_of(deadline: float) -> float:
    """Seconds to sleep until `deadline` (of time.monotonic), give or take 1 ms; 0 if it is as good as past."""
    remaining = deadline - monotonic() - _EARLY_SECONDS
    return max(0.0, remaining)


def service(started: float, worked: float, ended: float, delay: float) -> float:
    """The mock's own seconds in a request: its work, though it runs inside the delay, and what it was late by.

    `started`, `worked` and `ended` are times of one clock: before the work, after it, after the delay. Parsing the
    request's head and writing the reply lie outside.
    """
    due = max(started + delay, worked)
    return (worked - started) + max(0.0, ended - due)
