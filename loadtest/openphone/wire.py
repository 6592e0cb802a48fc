"""What a client sees on the socket: a reply, or one of the faults that no HTTP library offers."""

import asyncio
import socket
import struct
from collections.abc import Mapping
from http import HTTPStatus
from time import monotonic
from typing import Final

from aiohttp import web

from loadtest.openphone.reply import Reply

_LOOK_SECONDS: Final = 0.05
_NO_LINGER: Final = struct.pack("ii", 1, 0)


def gone(request: web.Request) -> bool:
    """Whether the client has left or been cut off."""
    return request.transport is None or request.transport.is_closing()


def send(reply: Reply, headers: Mapping[str, str]) -> web.Response:
    """The reply as aiohttp sends it."""
    response = web.Response(status=reply.status, body=reply.body or None, headers={**headers, **reply.headers})
    if reply.body:
        response.headers["Content-Type"] = reply.content_type
    return response


def nothing() -> web.Response:
    """What a handler returns when the connection is gone; aiohttp drops it."""
    return web.Response()


def reset(request: web.Request) -> None:
    """Cut the connection with a TCP RST: the client gets ECONNRESET."""
    if request.transport is not None:
        # Without lingering the kernel sends RST where it would send FIN.
        peer = request.transport.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        request.transport.abort()


def drop(request: web.Request) -> None:
    """Close the connection in good order, without a byte of reply."""
    if request.transport is not None:
        request.transport.close()


def truncate(request: web.Request, reply: Reply, headers: Mapping[str, str]) -> None:
    """Send half of the body under the Content-Length of the whole, then close.

    A reply without a body is cut inside its status line, where every client notices.
    """
    if request.transport is None:
        return
    fields = {**headers, **reply.headers, "Content-Type": reply.content_type, "Content-Length": str(len(reply.body))}
    status_line = f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}\r\n"
    head = status_line + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n"
    if reply.body:
        request.transport.write(head.encode() + reply.body[: len(reply.body) // 2])
    else:
        request.transport.write(status_line[:10].encode())
    request.transport.close()


async def hang(request: web.Request, cap_seconds: float) -> None:
    """Say nothing until the client leaves; after `cap_seconds` close the connection."""
    end = monotonic() + cap_seconds
    while not gone(request) and monotonic() < end:
        await asyncio.sleep(min(_LOOK_SECONDS, cap_seconds))
    drop(request)
