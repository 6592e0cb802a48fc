"""How long an import may go on in this process, and when it hands the rest to another.

Of a request's timeout a first share is for work. What has begun by then may go on for a little, and the last of it is
for writing down where it stopped and for the answer.
"""

import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO, TypeVar

from app import stopping
from app.storage.engine import statement_limit

Item = TypeVar("Item")
# Shares of the time behind the hand-off.
GRACE = 0.3  # what has begun before it is cut short
MARKING = 0.5  # what OpenPhone has answered is marked
CLOSING = 0.75  # where it stopped is written down; the rest is for the answer, on a busy machine
NAP_SECONDS = 0.25  # a sleeper looks up so often
CHECK_ROWS = 200  # a few milliseconds of work


class HandOffError(Exception):
    """This process stops here: its time is nearly up, or it was asked to. The checkpoint holds; another goes on."""


class Budget:
    """Without a bound but for a stop that this process is asked for: a background worker's."""

    def check(self) -> None:
        """Raises HandOffError when it is time to stop."""
        if stopping.requested():
            raise HandOffError("the worker stops")

    def require(self, seconds: float) -> None:
        """Raises HandOffError, too, when work of *seconds* will not fit. To be asked before it is begun."""
        self.check()

    def left(self) -> float | None:
        """Seconds until what has begun is cut short; None = never."""
        return None

    def is_over(self) -> bool:
        """Whether it is time to stop."""
        try:
            self.check()
        except HandOffError:
            return True
        return False

    def checked(self, items: Iterable[Item], every: int = CHECK_ROWS) -> Iterator[Item]:
        """*items*, with a check at each of so many."""
        for number, item in enumerate(items):
            if number % every == 0:
                self.check()
            yield item

    def sleep(self, seconds: float) -> None:
        """Sleeps. Raises HandOffError: at once when it would be longer than there is time, else at a stop."""
        self.require(seconds)
        until = time.monotonic() + seconds
        while (rest := until - time.monotonic()) > 0:
            time.sleep(min(rest, NAP_SECONDS))
            self.check()

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Within it, waiting for somebody else's answer ends, with HandOffError, when what has begun is cut short."""
        yield

    def capped(self, seconds: float) -> float:
        """A time limit for one wait within cut(): *seconds*, or less where cut() by itself does not end it."""
        return seconds

    @contextmanager
    def closing(self, share: float = CLOSING) -> Iterator[None]:
        """Within it, what is left is for writing down where it stopped: *share* of the time behind the hand-off."""
        yield

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Within it, every SQL statement of this thread ends when the budget does."""
        yield


class Unbounded(Budget):
    """Runs on, into the kill if need be: IMPORT_HANDOFF=off."""

    def check(self) -> None:
        """Never raises."""


class RequestBudget(Budget):
    """Of a request that began at *began* (time.monotonic()) and has *timeout* seconds."""

    def __init__(
        self, began: float, timeout: float, fraction: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._hand_off_at = began + timeout * fraction
        self._rest = timeout * (1 - fraction)
        self._share = GRACE
        self._clock = clock

    def check(self) -> None:
        """Raises HandOffError when the time for work is up, or the process is to stop."""
        super().check()
        if self._clock() >= self._hand_off_at:
            raise HandOffError("the request's time is nearly up")

    def require(self, seconds: float) -> None:
        """Raises HandOffError when *seconds* from now the time for work will be up."""
        super().check()
        if self._clock() + seconds >= self._hand_off_at:
            raise HandOffError("what comes next will not fit into the request's time")

    def left(self) -> float:
        """Seconds until what has begun is cut short."""
        return self._hand_off_at + self._rest * self._share - self._clock()

    @contextmanager
    def cut(self) -> Iterator[None]:
        """By an alarm, as a socket's time limit is one for each read. In the main thread only, where gunicorn works.

        Other threads have budgets of their own (app/openphone/share.py).
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGALRM, _ring)
        signal.setitimer(signal.ITIMER_REAL, max(self.left(), 0.001))
        try:
            try:
                yield
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, before)
        except _Rung:
            raise HandOffError("an answer took longer than the request has time") from None

    @contextmanager
    def closing(self, share: float = CLOSING) -> Iterator[None]:
        """Within it, what is left is for writing down where it stopped: *share* of the time behind the hand-off."""
        before, self._share = self._share, share
        try:
            yield
        finally:
            self._share = before

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Sets each statement's timeout from what is left, as a bound for one statement is none for the next."""
        token = statement_limit.set(self._milliseconds)
        try:
            yield
        finally:
            statement_limit.reset(token)

    def _milliseconds(self) -> int:
        left = self.left()
        if left <= 0:
            raise HandOffError("the request's time is up")
        return max(1, int(left * 1000))


class _Rung(BaseException):
    """No Exception: libraries catch those, and go on or raise one of their own."""


def _ring(*_: object) -> None:
    raise _Rung


class BudgetedReader:
    """*source* for COPY, whose client's side no statement timeout bounds while it stalls."""

    def __init__(self, source: IO[str] | IO[bytes], check: Callable[[], object]) -> None:
        self._source = source
        self._check = check

    def read(self, size: int = -1) -> str | bytes:
        """Raises HandOffError in place of a read behind the end of the budget."""
        self._check()
        return self._source.read(size)
