"""Several calls at once: threads that do nothing but call, and the import's own thread, which lets each call go.

Database, Redis, budget and signals stay with the import's thread, so that all which holds for one call after another
holds here: docs/decisions/0015-threads-that-only-call.md.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread

from app.imports.budget import Budget, HandOffError
from app.openphone.caller import Answer, Contact, attempt
from app.openphone.client import Client
from app.openphone.share import Share
from app.openphone.throttle import Throttle
from app.stages import StageClock

ABORT_SECONDS = 0.05  # from one look to the next whether calls have ended that were to


@dataclass(frozen=True)
class _Told:
    """A thread is done with a contact."""

    number: int
    answer: Answer | BaseException
    cpu: float


class _Turn(Future[None]):
    """A thread waits for this, with a call ready to be sent."""


class _Gate:
    """The clients' throttle: a call waits until the import's thread lets it go."""

    def __init__(self) -> None:
        self.events: SimpleQueue[_Turn | _Told] = SimpleQueue()

    def wait(self, _budget: Budget) -> None:
        """Raises HandOffError where no call may go any more."""
        turn = _Turn()
        self.events.put(turn)
        turn.result()


class Crew:
    """*size* threads, each with a client of its own that *make_client* makes, all at the pace of *throttle*."""

    def __init__(self, make_client: Callable[[Throttle], Client], size: int, throttle: Throttle) -> None:
        self._gate = _Gate()
        self._clients = [make_client(self._gate) for _ in range(size)]
        self._throttle = throttle
        self._todo: SimpleQueue[tuple[int, Contact] | None] = SimpleQueue()
        self._budget, self._clock = Budget(), StageClock()
        self._share = Share(self._budget)
        self.cpu = 0.0

    @property
    def calls(self) -> int:
        """All that its clients have made."""
        return sum(client.calls for client in self._clients)

    @contextmanager
    def within(self, budget: Budget, clock: StageClock) -> Iterator[None]:
        """The threads live within it: they begin behind every fork, and end with the work."""
        self._budget, self._share, self._clock = budget, Share(budget), clock
        threads: list[Thread] = []
        with ExitStack() as opened:
            for client in self._clients:
                opened.enter_context(client.within(self._share))
            try:
                for client in self._clients:
                    thread = Thread(target=copy_context().run, args=(self._work, client), name="openphone", daemon=True)
                    thread.start()
                    threads.append(thread)
                yield
            finally:
                self._share.end()
                for _ in threads:
                    self._todo.put(None)
                for thread in threads:
                    while thread.is_alive():
                        self._turn_away()
                        thread.join(ABORT_SECONDS)
                self._turn_away()

    def tell(self, contacts: Sequence[Contact], ready: Callable[[], None], note: Callable[[int, Answer], None]) -> None:
        """Side by side, begun in their order; *ready* is asked before each call."""
        begun = ended = 0
        trouble: BaseException | None = None
        while ended < begun or (begun < len(contacts) and trouble is None):
            try:
                while trouble is None and begun < len(contacts) and begun - ended < len(self._clients):
                    self._todo.put((begun, contacts[begun]))
                    begun += 1
                event = self._next()
                if isinstance(event, _Turn):
                    self._admit(event, ready)
                    continue
                ended += 1
                self.cpu += event.cpu
                if not isinstance(event.answer, Answer):
                    raise event.answer
                note(event.number, event.answer)
            except BaseException as error:
                # Kept until the last call has ended: the locks go free behind it, and its answer is to be noted.
                trouble = trouble or error
                self._share.end()
                if not isinstance(error, Exception):
                    self._abort()
        if trouble is not None:
            raise trouble

    def _next(self) -> _Turn | _Told:
        while True:
            left = self._budget.left()
            try:
                return self._gate.events.get(timeout=None if left is None else max(left, ABORT_SECONDS))
            except Empty:
                if self._share.is_up():
                    self._abort()

    def _admit(self, turn: _Turn, ready: Callable[[], None]) -> None:
        try:
            self._share.check()
            ready()
            began = time.thread_time()
            with self._clock.stage("limit"), self._budget.cut():
                self._throttle.wait(self._budget)
        except BaseException:
            turn.set_exception(HandOffError("no call may go any more"))
            raise
        turn.set_result(None)
        self.cpu += time.thread_time() - began

    def _turn_away(self) -> None:
        """Leaves none to wait for an import's thread that an exception (a signal's) took out of its work."""
        with suppress(Empty):
            while event := self._gate.events.get_nowait():
                if isinstance(event, _Turn):
                    event.set_exception(HandOffError("no call may go any more"))

    def _abort(self) -> None:
        for client in self._clients:
            client.abort()

    def _work(self, client: Client) -> None:
        """A thread's."""
        while (item := self._todo.get()) is not None:
            number, contact = item
            began = time.thread_time()
            answer: Answer | BaseException
            try:
                answer = attempt(client, StageClock(), contact)
            except BaseException as error:  # raised again in the import's thread
                answer = error
            self._gate.events.put(_Told(number, answer, time.thread_time() - began))
