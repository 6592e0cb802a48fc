"""Who tells OpenPhone of an import's contacts, and what comes of each."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from app.imports.budget import Budget
from app.openphone.client import Client
from app.openphone.contacts import push
from app.openphone.errors import CallFailedError, RejectedError
from app.stages import StageClock

Contact = Mapping[str, Any]  # a row of the table contacts, and its openphone_id or None
Answer = str | RejectedError | CallFailedError  # the id at OpenPhone, or why there is none


class Caller(Protocol):
    """*calls* and *cpu*: how many calls it has made, and the seconds of CPU that they took."""

    cpu: float

    @property
    def calls(self) -> int:
        """Ever."""

    def within(self, budget: Budget, clock: StageClock) -> AbstractContextManager[None]:
        """Calls are made within it, as long as *budget* lasts."""

    def tell(self, contacts: Sequence[Contact], ready: Callable[[], None], note: Callable[[int, Answer], None]) -> None:
        """Tells of each contact; *note* gets the number of each that was answered, and what was.

        *ready* is asked before calls are made, and raises if none may be. What it, *note* or a call raises ends the
        work, and is raised when no call is under way any more and all that were answered are noted.
        """


def attempt(client: Client, clock: StageClock, contact: Contact) -> Answer:
    """Raises what is not this contact's own: OpenPhoneDownError, HandOffError."""
    try:
        return push(client, clock, contact, contact["openphone_id"])
    except (RejectedError, CallFailedError) as error:
        return error


class Single:
    """One call after another."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._clock = StageClock()
        self.cpu = 0.0

    @property
    def calls(self) -> int:
        """All that it has made."""
        return self._client.calls

    @contextmanager
    def within(self, budget: Budget, clock: StageClock) -> Iterator[None]:
        """*clock* gets the waits for the rate limit."""
        self._clock = clock
        with self._client.within(budget):
            yield

    def tell(self, contacts: Sequence[Contact], ready: Callable[[], None], note: Callable[[int, Answer], None]) -> None:
        """In their order; *ready* is asked before each contact."""
        for number, contact in enumerate(contacts):
            ready()
            began = time.thread_time()
            try:
                answer = attempt(self._client, self._clock, contact)
            finally:
                self.cpu += time.thread_time() - began
            note(number, answer)
