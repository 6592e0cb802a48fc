"""Bytes of a connection into requests, with a bound on everything that a client could make large."""

from collections import deque
from typing import Final

import httptools

from loadtest.openphone.http.request import MOST_BODY_BYTES, MOST_HEAD_BYTES, Request

_BAD_REQUEST: Final = 400
_HEAD_TOO_LARGE: Final = 431


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
        self._length = 0
        self._head = 0
        self._in_head = self._over = False

    def feed(self, data: bytes | memoryview) -> None:
        """Take what has come."""
        if self._over:
            return
        try:
            self._parser.feed_data(data)
            if self._in_head:  # what there is of an unfinished header has no callback yet
                self._head += len(data)
                self._check_head()
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
        self._in_head, self._head, self._length, self._target = True, 0, 0, b""

    def on_url(self, url: bytes) -> None:
        """A part of the target."""
        self._target += url
        self._head += len(url)
        self._check_head()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A whole header."""
        self._head += len(name) + len(value) + 4
        self._check_head()
        name = name.lower()
        if name == b"authorization":
            self._request.key = self._request.key or value.decode("latin-1").strip()
        elif name == b"content-length":
            self._length = int(value)
        elif name == b"expect":
            self._request.expects_continue = value.lower() == b"100-continue"

    def on_headers_complete(self) -> None:
        """The head is whole."""
        request = self._request
        self._in_head = False
        request.method = self._parser.get_method().decode()
        request.old = self._parser.get_http_version() == "1.0"
        request.target = self._target.decode("utf-8", "replace")
        if self._length > MOST_BODY_BYTES:
            request.size = self._length  # known before the first byte of it
        self._requests.append(request)

    def on_body(self, data: bytes) -> None:
        """A part of the body."""
        self._request.add(data)

    def on_message_complete(self) -> None:
        """The body is whole."""
        self._request.keep_alive = self._parser.should_keep_alive()
        self._request.complete = True

    def _check_head(self) -> None:
        if self._head > MOST_HEAD_BYTES:
            raise _HeadTooLarge
