"""A light HTTP client: keep-alive connections that send what is ready and count what comes back."""

import asyncio
from collections import Counter
from collections.abc import Callable
from time import perf_counter
from typing import cast

import httptools


class Connection(asyncio.Protocol):
    """One connection with one request at a time. *answered* is called with it, the status and the body."""

    def __init__(self, answered: "Callable[[Connection, int, bytes], None]", lost: Callable[[], None]) -> None:
        self._answered = answered
        self._lost = lost
        self._parser = httptools.HttpResponseParser(self)
        self._body = b""
        self._transport: asyncio.Transport | None = None
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        """Raises nothing: a connection that is gone is reported by *lost*."""
        if self._transport:
            self.sent_at = perf_counter()
            self._transport.write(request)

    def close(self) -> None:
        """Without a word to *lost*."""
        if self._transport:
            self._transport.abort()
            self._transport = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Of asyncio."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Of asyncio."""
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Of asyncio."""
        if self._transport:
            self._transport = None
            self._lost()

    def on_body(self, data: bytes) -> None:
        """Of httptools."""
        self._body += data

    def on_message_complete(self) -> None:
        """Of httptools."""
        body, self._body = self._body, b""
        self._answered(self, self._parser.get_status_code(), body)


class Tally:
    """What came back: answers by status, connections that were lost with a request on its way."""

    def __init__(self) -> None:
        self.by_status: Counter[int] = Counter()
        self.lost = 0

    @property
    def answers(self) -> int:
        """Of any status."""
        return self.by_status.total()


async def connect(
    host: str, port: int, count: int, answered: Callable[[Connection, int, bytes], None], lost: Callable[[], None]
) -> list[Connection]:
    """*count* connections. Raises OSError."""
    loop = asyncio.get_running_loop()
    return [(await loop.create_connection(lambda: Connection(answered, lost), host, port))[1] for _ in range(count)]
