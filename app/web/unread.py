"""What is left unread of a request that is answered early (401, 415, 429).

A proxy that still sends it when the connection is closed is told of a reset, and may miss the answer: its client gets
a 502. gunicorn itself reads 64 KiB before it closes. Behind a proxy that has the whole request, the rest takes no time.
"""

import time
from contextlib import suppress
from typing import IO

from flask import Flask, Response, request

PIECE_BYTES = 2**16
SECONDS = 1.0


def register(app: Flask) -> None:
    """Reads the rest before the answer goes, for a second at most."""

    def finish(response: Response) -> Response:
        sock = request.environ.get("gunicorn.socket")
        if sock is not None and request.content_length and response.status_code >= 400:
            before = sock.gettimeout()
            sock.settimeout(SECONDS)
            try:
                with suppress(OSError):
                    _read(request.environ["wsgi.input"], min(request.content_length, app.config["MAX_CONTENT_LENGTH"]))
            finally:
                sock.settimeout(before)
        return response

    app.after_request(finish)


def _read(source: IO[bytes], most: int) -> None:
    until = time.monotonic() + SECONDS
    while most > 0 and time.monotonic() < until and (piece := source.read(PIECE_BYTES)):
        most -= len(piece)
