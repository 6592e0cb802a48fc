"""Bytes of a connection into requests, with a bound on everything that a client could make large."""

from collections import deque
from typing import Final

import httptools

from loadtest.openphone.http.request import MOST_BODY_BYTES, MOST_HEAD_BYTES, Request

_BAD_REQUEST: Final = 400
_HEAD_TOO_LARGE: Final = 431
_MOST_MESSAGE_BYTES: Final = 8 * MOST_BODY_BYTES  # with its chunks' sizes, be they of one byte each
_WANTED: Final = frozenset({b"authorization", b"content-length", b"expect"})


class _HeadTooLarge(Exception):
    pass


class Parser:
    """Adds requests to `requests` as their heads are complete; their bodies follow.

    The first thing that is no HTTP ends it: a request with its `refused` set is the last one.
    """

    def __init__(self, requests: deque[Request]) -> None:
        self._requests = requests
        self._parser = httptools.HttpRequestParser(self)
        self._request = Request()
        self._target = b""
        self._headers: dict[bytes, bytes] = {}
        self._head = self._size = 0
        self._in_head = self._new = self._over = False

    def feed(self, data: bytes | memoryview) -> None:
        """Take what has come."""
        if self._over:
            return
        try:
            self._parser.feed_data(data)
            self._bound(len(data))
        except httptools.HttpParserUpgrade:
            # Answered as if nothing but HTTP/1.1 had been asked for. What follows may be of another protocol.
            self._requests[-1].keep_alive = False
            self._over = True
        except (httptools.HttpParserError, _HeadTooLarge) as error:
            self._over = True
            large = isinstance(error, _HeadTooLarge) or isinstance(error.__context__, _HeadTooLarge)
            if not self._in_head and self._requests and not self._requests[-1].complete:
                self._requests[-1].refused = _BAD_REQUEST  # a chunked body that is none
            else:
                self._requests.append(Request(_HEAD_TOO_LARGE if large else _BAD_REQUEST))

    def on_message_begin(self) -> None:
        """Of httptools, as all that follows."""
        self._request = Request()
        self._in_head = self._new = True
        self._head = self._size = 0
        self._target, self._headers = b"", {}

    def on_url(self, url: bytes) -> None:
        """A part of the target."""
        self._target += url
        self._grow_head(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """A whole header."""
        self._grow_head(len(name) + len(value))
        name = name.lower()
        if name in _WANTED:
            self._headers.setdefault(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole."""
        request, headers = self._request, self._headers
        self._in_head = False
        request.method = self._parser.get_method().decode()
        request.target = self._target.decode("utf-8", "replace")
        request.old = self._parser.get_http_version() == "1.0"
        request.key = headers.get(b"authorization", b"").decode("latin-1").strip()
        request.expects_continue = headers.get(b"expect", b"").lower() == b"100-continue"
        if (length := int(headers.get(b"content-length", 0))) > MOST_BODY_BYTES:
            request.size = length  # known before the first byte of it
        self._requests.append(request)

    def on_body(self, data: bytes) -> None:
        """A part of the body."""
        self._request.add(data)

    def on_message_complete(self) -> None:
        """The body is whole."""
        self._request.keep_alive = self._parser.should_keep_alive()
        self._request.complete = True

    def _grow_head(self, size: int) -> None:
        self._head += size
        if self._head > MOST_HEAD_BYTES:
            raise _HeadTooLarge

    def _bound(self, size: int) -> None:
        """Of an unfinished header, and of what frames chunks, there is no callback that could count it."""
        if self._new:  # the read that it began in may be another message's for the most part
            self._new = False
            return
        self._size += size
        if self._size > (MOST_HEAD_BYTES if self._in_head else _MOST_MESSAGE_BYTES):
            raise _HeadTooLarge
