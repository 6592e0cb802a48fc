"""Messages to another process that this one need not wait for."""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self


class Sending:
    """Through *connection*, in turn, with at most so many *waiting*; at the end of the block, all are sent."""

    def __init__(self, connection: Connection, waiting: int) -> None:
        self._connection = connection
        self._most = waiting
        self._waiting: deque[Future[None]] = deque()
        self._thread = ThreadPoolExecutor(1, "sending")

    def __enter__(self) -> Self:
        return self

    def send(self, message: Any) -> None:
        """Raises OSError where one before this one could not be sent."""
        if len(self._waiting) == self._most:
            self._waiting.popleft().result()
        self._waiting.append(self._thread.submit(self._connection.send, message))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._thread.shutdown()
        if error is None:
            for sent in self._waiting:
                sent.result()
