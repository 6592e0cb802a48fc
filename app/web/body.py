"""A form, read in large pieces: for each smaller one gunicorn would copy the rest of what it has received at once."""

import io
from typing import IO, Any

from flask import Flask, Request
from werkzeug.formparser import FormDataParser

BUFFER_BYTES = 2**20  # of which gunicorn receives as much at most


class _Parser(FormDataParser):
    def parse(self, stream: IO[bytes], *about: Any, **more: Any) -> Any:
        """The form, as of *stream* itself."""
        whole = io.BufferedReader(stream, BUFFER_BYTES) if isinstance(stream, io.RawIOBase) else stream
        return super().parse(whole, *about, **more)


class _Request(Request):
    form_data_parser_class = _Parser


def register(app: Flask) -> None:
    """Has forms read so."""
    app.request_class = _Request
