"""The mock as a running server: one process, one event loop, gone within a second of SIGTERM."""

import asyncio
import contextlib
import gc
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from loadtest.errors import StartError
from loadtest.openphone import api
from loadtest.openphone.account import Accounts, Bounds
from loadtest.openphone.admin import AdminVisit
from loadtest.openphone.http.connection import Connection
from loadtest.openphone.http.message import Clock
from loadtest.openphone.http.request import Request
from loadtest.openphone.http.visit import Guest, Visit
from loadtest.openphone.loop import new_event_loop
from loadtest.openphone.profile import Profile

_READ_BYTES: Final = 65_536
_SWEEP_SECONDS: Final = 10.0
_STOP_SECONDS: Final = 0.3


@dataclass(frozen=True)
class Options:
    """How to serve; port 0 takes any free one. `idle_seconds`: how long a client may be silent, in a request or not."""

    host: str = "127.0.0.1"
    port: int = 8091
    known_keys_only: bool = False
    access_log: bool = False
    idle_seconds: float = 3600.0
    bounds: Bounds = field(default_factory=Bounds)
    profile: Profile = field(default_factory=Profile)


class Server:
    """What all connections share: where their requests go, and the sums."""

    def __init__(self, accounts: Accounts, access_log: bool) -> None:
        self.clock = Clock()
        self.connections: set[Connection] = set()
        self.log: Callable[[Request, int | None, float], None] | None = _log if access_log else None
        self.buffer = memoryview(bytearray(_READ_BYTES))
        self._accounts = accounts

    def visit(self, request: Request, guest: Guest) -> Visit:
        """The API or the admin API, by the path."""
        path = request.path
        if path.startswith("/v1/"):
            return api.visit(self._accounts, request, path, guest)
        return AdminVisit(self._accounts, request, guest)

    async def stop(self) -> None:
        """End every connection: an idle one now, the others when they are answered, at most 0.3 s later."""
        for connection in tuple(self.connections):
            connection.stop()
        give_up = monotonic() + _STOP_SECONDS
        while self.connections and monotonic() < give_up:
            await asyncio.sleep(0.01)
        for connection in tuple(self.connections):
            connection.abandon()
        await asyncio.sleep(0)  # the transports close in the next turn of the loop


def _log(request: Request, status: int | None, seconds: float) -> None:
    """A line per request, without headers and without the key that an admin path holds."""
    parts = request.raw_path.split("/")
    if parts[1:3] == ["_mock", "accounts"] and len(parts) > 3:
        parts[3] = "***"
    print(f"{request.method} {'/'.join(parts)} {status or 'no reply'} {seconds * 1000:.1f} ms", flush=True)


async def serve(options: Options, ready: Callable[[str], None]) -> int:
    """Serve until SIGTERM or SIGINT, then stop; answers the exit code (0, or 130 after SIGINT).

    `ready` is called with the server's URL once it listens. Raises StartError if it cannot.
    """
    accounts = Accounts(options.bounds, options.profile, options.known_keys_only)
    server = Server(accounts, options.access_log)
    pause = min(_SWEEP_SECONDS, options.idle_seconds)
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    received: list[int] = []

    def stop(number: int) -> None:
        received.append(number)
        stopped.set()

    try:
        listener = await loop.create_server(
            lambda: Connection(server, server.connections), options.host, options.port, backlog=1024
        )
    except OSError as error:
        where = f"{options.host}:{options.port}"
        raise StartError(
            f"the OpenPhone mock cannot listen on {where} ({error.strerror}); give another --port, or 0"
        ) from None
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop, number)
        gc.collect()
        gc.freeze()  # what was loaded so far stays: unfrozen, a full collection held replies up by 24 ms
        host, port = listener.sockets[0].getsockname()[:2]
        ready(f"http://{f'[{host}]' if ':' in host else host}:{port}")
        while not stopped.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), pause)
            accounts.sweep(monotonic())
            for connection in tuple(server.connections):
                connection.expire(options.idle_seconds)
    finally:
        listener.close()
        await server.stop()
    return 130 if received[0] == signal.SIGINT else 0


def run(options: Options, ready: Callable[[str], None]) -> int:
    """`serve` on a loop of its own."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(serve(options, ready))
