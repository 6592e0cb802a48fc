"""What stands between a connection and the APIs above it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Protocol

from loadtest.openphone.http.message import Clock
from loadtest.openphone.http.request import Request
from loadtest.openphone.reply import Reply

NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})


class Visit(Protocol):
    """A request's way through an API, from its head on."""

    def serve(self) -> None:
        """All of it has come, or too much: call one of the guest's methods, now or later."""

    def left(self) -> None:
        """The client has gone before that."""


class Guest(Protocol):
    """Whose request it is, and the ways in which that can end."""

    def send(self, reply: Reply, headers: Mapping[str, str] = NO_HEADERS) -> None:
        """The reply."""

    def truncate(self, reply: Reply, headers: Mapping[str, str]) -> None:
        """Half of it, then the end of the connection."""

    def reset(self) -> None:
        """The end of the connection by a TCP RST."""

    def drop(self) -> None:
        """The end of the connection in good order, without a byte of reply."""


class Host(Protocol):
    """What the connections of a server share. `log` gets a request, its status (None: no reply) and its seconds."""

    clock: Clock
    log: Callable[[Request, int | None, float], None] | None
    buffer: memoryview

    def visit(self, request: Request, guest: Guest) -> Visit:
        """The beginning of a visit."""
