"""db, redis and openphone as processes of this machine."""

import tempfile
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from loadtest.stack.backends import Backends
from loadtest.stack.base import BACKGROUND, ProcessInfo
from loadtest.stack.local_background import LocalBackground
from loadtest.stack.local_front import LocalFront
from loadtest.stack.openphone import OpenPhone
from loadtest.stack.ports import free_port
from loadtest.stack.postgres import Postgres
from loadtest.stack.process import Service
from loadtest.stack.ps import processes_below
from loadtest.stack.runs import Run
from loadtest.stack.server import Server
from loadtest.stack.threads import side_by_side
from loadtest.stack.valkey import Valkey


class LocalBackends(Backends):
    """See backends.Backends. db keeps its data over a restart; redis and openphone forget theirs."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.db: Postgres = Postgres(run)
        self._redis = Valkey(run)
        self._openphone = OpenPhone(run)

    @property
    def redis_url(self) -> str:
        """On loopback."""
        return self._redis.url

    @property
    def openphone_url(self) -> str:
        """On loopback."""
        return self._openphone.url

    @property
    def services(self) -> Mapping[str, Service]:
        """Their processes."""
        return {name: server.service for name, server in self._servers.items()}

    def front(self, name: str, port: int | None) -> LocalFront:
        """On loopback: nginx on the port, web on one of its own."""
        return LocalFront(name, self.run, port or free_port(), self._deaths)

    def background(self, name: str) -> Mapping[str, LocalBackground]:
        """As processes of this machine."""
        return {service: LocalBackground(service, name, self.run, self.redis_url) for service in BACKGROUND}

    def start(self) -> None:
        """Starts them side by side. When one fails, what the others have started is ended. Raises StartError."""
        side_by_side([server.start for server in self._servers.values()], self.run.end_processes)

    def restart(self, service: str, env: Mapping[str, str]) -> None:
        """At the same port."""
        self._servers[service].restart(env)

    def ps(self, service: str) -> list[ProcessInfo]:
        """Its processes, master first."""
        return processes_below(self.services[service].pid)

    def stop(self) -> None:
        """Stops them side by side, then whatever is left of the run."""
        try:
            side_by_side([server.stop for server in self._servers.values()])
        finally:
            self.run.end_all()

    @cached_property
    def _deaths(self) -> Path:
        # Not in the run directory, whose path may hold a space, which the setting may not.
        return self.run.make_scratch(Path(tempfile.gettempdir()))

    @property
    def _servers(self) -> dict[str, Server]:
        return {server.name: server for server in (self.db, self._redis, self._openphone)}
