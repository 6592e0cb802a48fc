"""Replies as bytes."""

from collections.abc import Mapping
from email.utils import formatdate
from functools import cache
from http import HTTPStatus

from loadtest.openphone.reply import Reply


class Clock:
    """The Date header, made anew once a second."""

    def __init__(self) -> None:
        self._second = -1
        self._text = ""

    def date(self, now: float) -> str:
        """Of `now`, in epoch seconds."""
        second = int(now)
        if second != self._second:
            self._second, self._text = second, formatdate(second, usegmt=True)
        return self._text


@cache
def status_line(status: int) -> str:
    """With its line end; a status that nobody knows has no phrase."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return f"HTTP/1.1 {status} {phrase}\r\n"


def head(reply: Reply, headers: Mapping[str, str], date: str, connection: str = "") -> bytes:
    """All before the body. `connection` is the header of that name, "" for none."""
    text = status_line(reply.status)
    if reply.status != 204:
        text += f"Content-Length: {len(reply.body)}\r\n"
    if reply.body:
        text += f"Content-Type: {reply.content_type}\r\n"
    text += f"Date: {date}\r\n"
    if connection:
        text += f"Connection: {connection}\r\n"
    for fields in (headers, reply.headers):
        for name, value in fields.items():
            text += f"{name}: {value}\r\n"
    return f"{text}\r\n".encode()
