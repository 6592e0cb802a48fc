"""The next item while one is worked on: Python's work beside PostgreSQL's."""

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from itertools import islice
from threading import Event
from typing import TypeVar

from app.imports.budget import Budget, HandOffError

Item = TypeVar("Item")


class Ahead(Budget):
    """The budget of what is made ahead in another thread: *budget*, and only until nobody wants it any more."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._unwanted = Event()

    def check(self) -> None:
        """Raises HandOffError, too, when nobody waits for what is being made."""
        if self._unwanted.is_set():
            raise HandOffError("nobody waits for what comes next")
        self._budget.check()

    @contextmanager
    def items(self, make: Callable[[], Generator[Item]]) -> Iterator[Iterator[Item]]:
        """What *make* gives, and raises; an item is in the making while the one before it is worked on.

        All of it runs in one thread, which ends with the block: at its next look at this budget.
        """
        with ThreadPoolExecutor(1, "ahead") as thread:
            context = copy_context()  # so that SQL statements keep to the bounds that are set here
            made = make()
            try:
                yield _in_turn(lambda: thread.submit(context.run, _next, made))
            finally:
                self._unwanted.set()
                thread.submit(context.run, made.close)


def _next(made: Iterator[Item]) -> list[Item]:
    """Empty behind the last one: a StopIteration does not pass through a future."""
    return list(islice(made, 1))


def _in_turn(begin: Callable[[], "Future[list[Item]]"]) -> Iterator[Item]:
    coming = begin()
    while found := coming.result():
        coming = begin()
        yield found.pop()  # and keeps none: whoever has it may let it go
