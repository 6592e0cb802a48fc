"""What a client sees on the socket: replies, and the ends that no HTTP library offers."""

import asyncio
import socket
import struct
from collections.abc import Mapping
from time import time
from typing import Final

from loadtest.openphone.http import message
from loadtest.openphone.reply import Reply

_NO_LINGER: Final = struct.pack("ii", 1, 0)
_LINGER_SECONDS: Final = 2.0


class Wire:
    """The sending side of a connection."""

    def __init__(self, transport: asyncio.Transport, clock: message.Clock) -> None:
        self.transport = transport
        self._clock = clock

    def send(self, reply: Reply, headers: Mapping[str, str], connection: str, *, body: bool = True) -> None:
        """A reply. `connection` is the header of that name, "" for none; without its `body` as HEAD wants it."""
        head = message.head(reply, headers, self._clock.date(time()), connection)
        self.transport.write(head + reply.body if body else head)

    def go_on(self) -> None:
        """What a client waits for that has sent Expect: 100-continue."""
        self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def truncate(self, reply: Reply, headers: Mapping[str, str]) -> None:
        """Half of the body under the Content-Length of the whole.

        A reply without a body is cut inside its status line, where every client notices.
        """
        head = message.head(reply, headers, self._clock.date(time()))
        self.transport.write(head + reply.body[: len(reply.body) // 2] if reply.body else head[:10])

    def reset(self) -> None:
        """The end by a TCP RST: the client gets ECONNRESET."""
        # Without lingering the kernel sends RST where it would send FIN.
        peer = self.transport.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.transport.abort()

    def end(self, *, linger: bool) -> None:
        """Close when all is written; `linger` reads on: a client that still sends would lose the reply to a reset."""
        if linger:
            self.transport.write_eof()
            asyncio.get_running_loop().call_later(_LINGER_SECONDS, self.transport.abort)
        else:
            self.transport.close()
