"""The mock as a running server: one process, one event loop, gone within a second of SIGTERM."""

import asyncio
import contextlib
import gc
import importlib
import importlib.util
import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from loadtest.errors import StartError
from loadtest.openphone.account import Accounts, Bounds
from loadtest.openphone.admin import Admin
from loadtest.openphone.api import Api
from loadtest.openphone.profile import Profile

MOST_BODY_BYTES: Final = 262_144
_SWEEP_SECONDS: Final = 10.0
_STOP_SECONDS: Final = 0.3


@dataclass(frozen=True)
class Options:
    """How to serve; port 0 takes any free one."""

    host: str = "127.0.0.1"
    port: int = 8091
    known_keys_only: bool = False
    access_log: bool = False
    bounds: Bounds = field(default_factory=Bounds)
    profile: Profile = field(default_factory=Profile)


class AccessLog(AbstractAccessLogger):
    """A line per request, without headers and without the key that an admin path holds."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Print the line; `time` is in seconds."""
        parts = request.path.split("/")
        if request.path.startswith("/_mock/accounts/"):
            parts[3] = "***"
        status = response.status if response.prepared else "no reply"
        print(f"{request.method} {'/'.join(parts)} {status} {time * 1000:.1f} ms", flush=True)


def application(accounts: Accounts) -> web.Application:
    """The v1 and admin APIs over `accounts`."""
    app = web.Application(client_max_size=MOST_BODY_BYTES)
    Admin(accounts).add_to(app)
    app.router.add_route("*", "/v1/{tail:.*}", Api(accounts))
    return app


async def serve(options: Options, ready: Callable[[str], None]) -> int:
    """Serve until SIGTERM or SIGINT, then stop; answers the exit code (0, or 130 after SIGINT).

    `ready` is called with the server's URL once it listens. Raises StartError if it cannot.
    """
    accounts = Accounts(options.bounds, options.profile, options.known_keys_only)
    runner = web.AppRunner(
        application(accounts),
        access_log_class=AccessLog,
        access_log=logging.getLogger(__name__) if options.access_log else None,
        shutdown_timeout=_STOP_SECONDS,
    )
    await runner.setup()
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    received: list[int] = []

    def stop(number: int) -> None:
        received.append(number)
        stopped.set()

    try:
        try:
            await web.TCPSite(runner, options.host, options.port, backlog=1024).start()
        except OSError as error:
            where = f"{options.host}:{options.port}"
            raise StartError(
                f"the OpenPhone mock cannot listen on {where} ({error.strerror}); give another --port, or 0"
            ) from None
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop, number)
        gc.collect()
        gc.freeze()  # what was loaded so far stays: unfrozen, a full collection held replies up by 24 ms
        host, port = runner.addresses[0][:2]
        ready(f"http://{f'[{host}]' if ':' in host else host}:{port}")
        while not stopped.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), _SWEEP_SECONDS)
            accounts.sweep(monotonic())
    finally:
        await runner.cleanup()
    return 130 if received[0] == signal.SIGINT else 0


def run(options: Options, ready: Callable[[str], None]) -> int:
    """`serve` on a loop of its own, on uvloop where that is installed."""
    factory = None
    if importlib.util.find_spec("uvloop"):
        factory = importlib.import_module("uvloop").new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(serve(options, ready))
