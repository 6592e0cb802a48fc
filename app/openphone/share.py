"""An import's budget as the threads have it that call for it."""

from collections.abc import Iterator
from contextlib import contextmanager

import requests

from app.imports.budget import Budget, HandOffError

LEAST_SECONDS = 0.001  # 0 would be no time limit but "do not wait"


class Share(Budget):
    """A part of *whole*, which is over for all threads at once, and earlier when the work ends.

    No alarm rings in a thread: the import's own thread ends the calls.
    """

    def __init__(self, whole: Budget) -> None:
        self._whole = whole
        self._ended = False

    def end(self) -> None:
        """No further call, and no further attempt at one."""
        self._ended = True

    def check(self) -> None:
        """Raises HandOffError."""
        if self._ended:
            raise HandOffError("the calls beside this one have ended")
        self._whole.check()

    def require(self, seconds: float) -> None:
        """Raises HandOffError."""
        self.check()
        self._whole.require(seconds)

    def left(self) -> float | None:
        """Seconds until calls are cut short."""
        return self._whole.left()

    def capped(self, seconds: float) -> float:
        """No more than is left."""
        left = self.left()
        return seconds if left is None else min(seconds, max(left, LEAST_SECONDS))

    @contextmanager
    def cut(self) -> Iterator[None]:
        """The import's thread ends the calls when time is up, and that is what it is called here."""
        self._need_time()
        try:
            yield
        except requests.RequestException:
            self._need_time()
            raise

    def _need_time(self) -> None:
        if self.is_up():
            raise HandOffError("an answer took longer than the request has time") from None

    def is_up(self) -> bool:
        """Whether calls are to be cut short."""
        left = self.left()
        return left is not None and left <= 0
