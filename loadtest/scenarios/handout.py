"""What a test hands out to its workers, upload by upload. Nothing here needs Locust."""

import time
from collections.abc import Callable


class Handout:
    """Uploads, at most *uploads* of them (0 = no end) in a test, each with an area from *take*; and which are over.

    A worker asks with a ticket: a number that it uses once.
    """

    def __init__(self, take: Callable[[], int], uploads: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._take = take
        self._uploads = uploads
        self._clock = clock
        self._under_way: dict[tuple[str, int], float] = {}  # when it was given
        self._open = False
        self._given = 0
        self._ended = 0

    def open(self) -> None:
        """A test begins, whatever the last one left."""
        self._under_way.clear()
        self._given = self._ended = 0
        self._open = True

    def close(self) -> None:
        """Nothing is given any more."""
        self._open = False

    def give(self, worker: str, ticket: int) -> int | None:
        """The area of the next upload; None where there is none. Raises what *take* raises."""
        if not self._open or (self._uploads and self._given >= self._uploads):
            return None
        area = self._take()
        self._given += 1
        self._under_way[worker, ticket] = self._clock()
        return area

    def end(self, worker: str, ticket: int) -> None:
        """That upload is over, however it went; one that is not under way is nobody's."""
        if self._under_way.pop((worker, ticket), None) is not None:
            self._ended += 1

    def drop(self, worker: str) -> int:
        """That worker will not tell any more: how many of its uploads nobody knows the end of."""
        tickets = [ticket for ours, ticket in self._under_way if ours == worker]
        for ticket in tickets:
            self.end(worker, ticket)
        return len(tickets)

    @property
    def workers(self) -> set[str]:
        """Those with uploads under way."""
        return {worker for worker, _ in self._under_way}

    @property
    def under_way(self) -> int:
        """Uploads that were given and are not over."""
        return len(self._under_way)

    @property
    def newest(self) -> float:
        """When (*clock*) the newest of those under way was given. Raises ValueError where there is none."""
        return max(self._under_way.values())

    @property
    def complete(self) -> bool:
        """All uploads of the test are over; never true where it has no end."""
        return 0 < self._uploads <= self._ended
