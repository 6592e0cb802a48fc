"""Where the users of a Locust process get their uploads: from the coordinator, by Locust's messages."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from gevent.event import AsyncResult  # type: ignore[import-untyped]
from locust.env import Environment
from locust.runners import WorkerRunner

TAKE, AREA, END, GIVE_UP = "take_area", "area", "end_of_upload", "give_up"


class Desk:
    """Asks for the users of one process, a plain one or a worker; the answer may come over the network."""

    def __init__(self, environment: Environment) -> None:
        assert environment.runner is not None  # noqa: S101 - Locust makes it before it says init
        self._environment = environment
        self._runner = environment.runner
        self._tickets = count(1)
        self._waiting: dict[int, AsyncResult[int | None]] = {}
        self._open = True
        self._runner.register_message(AREA, self._area)
        environment.events.test_start.add_listener(self._test_start)  # type: ignore[no-untyped-call]
        environment.events.test_stopping.add_listener(self._test_stopping)  # type: ignore[no-untyped-call]

    @contextmanager
    def upload(self) -> Iterator[int | None]:
        """The area of the next upload, which is over at the end of the block; None: there is no next one."""
        ticket = next(self._tickets)
        answer = self._waiting[ticket] = AsyncResult()
        try:
            self._runner.send_message(TAKE, {"ticket": ticket})
            yield answer.get() if self._open else None
        finally:
            del self._waiting[ticket]
            self._report()
            self._runner.send_message(END, {"ticket": ticket})

    @property
    def keeps_files(self) -> bool:
        """Whether a file may be uploaded again by a later start: a plain one begins with the same areas."""
        return not isinstance(self._runner, WorkerRunner)

    def give_up(self) -> None:
        """Stops the load everywhere, as the next upload would go no better."""
        self._environment.process_exit_code = 1
        self._runner.send_message(GIVE_UP)

    def _report(self) -> None:
        """The master counts an upload as over only when its statistics have it: messages arrive in order."""
        if isinstance(self._runner, WorkerRunner):
            data: dict[str, Any] = {}
            self._environment.events.report_to_master.fire(client_id=self._runner.client_id, data=data)  # type: ignore[no-untyped-call]
            self._runner.send_message("stats", data)

    def _area(self, msg: Any, **_: Any) -> None:
        asked = self._waiting.get(msg.data["ticket"])
        if asked is not None and not asked.ready():
            asked.set(msg.data["area"])

    def _test_start(self, **_: Any) -> None:
        self._open = True

    def _test_stopping(self, **_: Any) -> None:
        # A worker that is stopping reads no messages until it has: an answer would not arrive.
        self._open = False
        for asked in self._waiting.values():
            if not asked.ready():
                asked.set(None)
