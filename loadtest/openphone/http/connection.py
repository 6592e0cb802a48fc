"""One client's connection: requests in the order they came, one at a time."""

import asyncio
from collections import deque
from collections.abc import Mapping
from time import monotonic
from typing import Final, cast

from loadtest.openphone.http.parser import Parser
from loadtest.openphone.http.request import Request
from loadtest.openphone.http.visit import NO_HEADERS, Host, Visit
from loadtest.openphone.http.wire import Wire
from loadtest.openphone.reply import Reply, problem

_MOST_WAITING: Final = 32  # pipelined behind the one that is being answered


class Connection(asyncio.BufferedProtocol):
    """Reads requests and hands them to the host's `visit`, the next one when the last is answered.

    A client that closes its side has left, be it only for sending: what is not answered by then will not be.
    """

    def __init__(self, host: Host, connections: set["Connection"]) -> None:
        self._host = host
        self._connections = connections  # all that are open
        self._requests: deque[Request] = deque()
        self._parser = Parser(self._requests)
        self._wire: Wire
        self._visit: Visit | None = None
        self._began = 0.0
        self._waiting_since: float | None = monotonic()
        self._serving = self._advancing = self._ending = self._congested = self._paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come."""
        self._wire = Wire(cast("asyncio.Transport", transport), self._host.clock)
        self._connections.add(self)

    def get_buffer(self, sizehint: int) -> memoryview:
        """One for all connections: what is in it is parsed before another one reads."""
        return self._host.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Bytes have come. Those after the last reply are read only so that the client gets to read it."""
        if not self._ending:
            self._parser.feed(self._host.buffer[:nbytes])
            self._advance()

    def pause_writing(self) -> None:
        """The client does not read its replies."""
        self._congested = True

    def resume_writing(self) -> None:
        """It reads again."""
        self._congested = False
        self._advance()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone, or was sent away."""
        self._ending = True
        self._connections.discard(self)
        self._give_up()

    def send(self, reply: Reply, headers: Mapping[str, str] = NO_HEADERS) -> None:
        """The reply; then the next request, or the end."""
        if self._visit is None:  # left
            return
        request = self._requests[0]
        keep = request.keep_alive and request.complete and not self._ending
        word = "close" if not keep else "keep-alive" if request.old else ""
        self._wire.send(reply, headers, word, body=request.method != "HEAD")
        self._leave(reply.status)
        if not keep:
            self._end(linger=not request.complete)
        elif not self._advancing:
            self._advance()

    def truncate(self, reply: Reply, headers: Mapping[str, str]) -> None:
        """Half of the reply, then the end."""
        self._wire.truncate(reply, headers)
        self._leave(reply.status)
        self._end()

    def reset(self) -> None:
        """The end by a TCP RST."""
        self._leave(None)
        self._ending = True
        self._wire.reset()

    def drop(self) -> None:
        """The end in good order, without a byte of reply."""
        self._leave(None)
        self._end()

    def stop(self) -> None:
        """No request after the one that is being answered."""
        if self._visit is None:
            self._end()
        self._ending = True

    def abandon(self) -> None:
        """The end, whatever is not answered."""
        self._give_up()
        self._end()

    def expire(self, idle_seconds: float) -> None:
        """The end, if the client has been waited for that long: for a request, the rest of one, or to read."""
        if self._waiting_since is not None and monotonic() - self._waiting_since > idle_seconds:
            self._wire.transport.abort()

    def _advance(self) -> None:
        self._advancing = True
        while self._requests and not self._serving and not self._congested and not self._ending:
            request = self._requests[0]
            if request.refused:
                self._refuse(request)
                break
            whole = request.complete or request.too_large
            if self._visit is None:
                self._began = monotonic()
                self._visit = self._host.visit(request, self)
                if request.expects_continue and not whole:
                    self._wire.go_on()
            if not whole:
                break
            self._serving = True
            self._visit.serve()
        self._advancing = False
        self._waiting_since = None if self._serving else monotonic()
        many = len(self._requests) > _MOST_WAITING
        if many is not self._paused and not self._ending:
            self._paused = many
            (self._wire.transport.pause_reading if many else self._wire.transport.resume_reading)()

    def _refuse(self, request: Request) -> None:
        if self._visit is None:
            self._began = monotonic()
        else:  # its head was good
            self._visit.left()
        reply = problem(request.refused, "This is not a request of HTTP/1.1 as the mock takes it.")
        self._wire.send(reply, NO_HEADERS, "close")
        self._leave(request.refused)
        self._end(linger=True)

    def _give_up(self) -> None:
        if self._visit is not None:
            self._visit.left()
            self._leave(None)

    def _leave(self, status: int | None) -> None:
        request = self._requests.popleft()
        self._visit, self._serving = None, False
        if self._host.log is not None:
            self._host.log(request, status, monotonic() - self._began)

    def _end(self, *, linger: bool = False) -> None:
        self._ending = True
        self._waiting_since = monotonic()  # for it to read what is written
        self._wire.end(linger=linger)
