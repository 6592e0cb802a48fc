"""One client's connection: requests in the order they came, one at a time, and the faults below HTTP."""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable, Mapping
from time import monotonic, time
from types import MappingProxyType
from typing import Final, Protocol, cast

from loadtest.openphone.http import message
from loadtest.openphone.http.parser import Parser
from loadtest.openphone.http.request import Request
from loadtest.openphone.reply import Reply, problem

NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})

_NO_LINGER: Final = struct.pack("ii", 1, 0)
_MOST_WAITING: Final = 32  # pipelined behind the one that is being answered
_LINGER_SECONDS: Final = 2.0


class Visit(Protocol):
    """A request's way through an API, from its head on."""

    def serve(self) -> None:
        """All of it has come, or too much. Calls one of the connection's send, truncate, reset and drop, now or later."""

    def left(self) -> None:
        """The client has gone before that."""


class Host(Protocol):
    """What the connections of a server share. `log` gets a request, its status (None: no reply) and its seconds."""

    clock: message.Clock
    connections: set["Connection"]
    visit: Callable[[Request, "Connection"], Visit]
    log: Callable[[Request, int | None, float], None] | None
    buffer: memoryview


class Connection(asyncio.BufferedProtocol):
    """Reads requests and hands them to the host's `visit`, the next one when the last is answered.

    A client that closes its side has left, be it only for sending: what is not answered by then will not be.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._requests: deque[Request] = deque()
        self._parser = Parser(self._requests)
        self._transport: asyncio.Transport
        self._visit: Visit | None = None
        self._began = 0.0
        self._waiting_since: float | None = monotonic()
        self._serving = self._advancing = self._ending = self._congested = self._paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come."""
        self._transport = cast("asyncio.Transport", transport)
        self._host.connections.add(self)

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
        self._host.connections.discard(self)
        if self._visit is not None:
            self._visit.left()
            self._leave(None)

    def send(self, reply: Reply, headers: Mapping[str, str] = NO_HEADERS) -> None:
        """The reply; then the next request, or the end."""
        if self._visit is None:  # left
            return
        request = self._requests[0]
        keep = request.keep_alive and request.complete and not self._ending
        word = "close" if not keep else "keep-alive" if request.old else ""
        data = message.head(reply, headers, self._host.clock.date(time()), word)
        self._transport.write(data if request.method == "HEAD" else data + reply.body)
        self._leave(reply.status)
        if not keep:
            self._end(linger=not request.complete)
        elif not self._advancing:
            self._advance()

    def truncate(self, reply: Reply, headers: Mapping[str, str]) -> None:
        """Half of the body under the Content-Length of the whole, then the end.

        A reply without a body is cut inside its status line, where every client notices.
        """
        head = message.head(reply, headers, self._host.clock.date(time()))
        self._transport.write(head + reply.body[: len(reply.body) // 2] if reply.body else head[:10])
        self._leave(reply.status)
        self._end()

    def reset(self) -> None:
        """The end by a TCP RST: the client gets ECONNRESET."""
        # Without lingering the kernel sends RST where it would send FIN.
        peer = self._transport.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self._leave(None)
        self._transport.abort()

    def drop(self) -> None:
        """The end in good order, without a byte of reply."""
        self._leave(None)
        self._end()

    def stop(self) -> None:
        """No request after the one that is being answered."""
        if self._visit is None:
            self._end()
        self._ending = True

    def expire(self, idle_seconds: float) -> None:
        """The end, if the client has been waited for that long: for a request, the rest of one, or to read."""
        if self._waiting_since is not None and monotonic() - self._waiting_since > idle_seconds:
            self._transport.abort()

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
                    self._transport.write(message.CONTINUE)
            if not whole:
                break
            self._serving = True
            self._visit.serve()
        self._advancing = False
        self._waiting_since = None if self._serving else monotonic()
        many = len(self._requests) > _MOST_WAITING
        if many is not self._paused and not self._ending:
            self._paused = many
            (self._transport.pause_reading if many else self._transport.resume_reading)()

    def _refuse(self, request: Request) -> None:
        if self._visit is None:
            self._began = monotonic()
        else:  # its head was good
            self._visit.left()
        reply = problem(request.refused, "This is not a request of HTTP/1.1 as the mock takes it.")
        self._transport.write(message.head(reply, {}, self._host.clock.date(time()), "close") + reply.body)
        self._leave(request.refused)
        self._end(linger=True)

    def _leave(self, status: int | None) -> None:
        request = self._requests.popleft()
        self._visit, self._serving = None, False
        if self._host.log is not None:
            self._host.log(request, status, monotonic() - self._began)

    def _end(self, linger: bool = False) -> None:
        """Close when all is written. A client that still sends would lose the reply to a reset, so it is heard out."""
        self._ending = True
        if linger:
            self._transport.write_eof()
            asyncio.get_running_loop().call_later(_LINGER_SECONDS, self._transport.abort)
        else:
            self._transport.close()
