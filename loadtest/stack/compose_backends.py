"""db, redis and openphone as containers, published on loopback for the harness alone."""

import time
from collections.abc import Mapping
from typing import Any

from loadtest.errors import StartError
from loadtest.stack import engine
from loadtest.stack.backends import Backends
from loadtest.stack.base import BACKGROUND, ProcessInfo
from loadtest.stack.compose_background import ComposeBackground
from loadtest.stack.compose_front import ComposeFront
from loadtest.stack.compose_project import ComposeProject
from loadtest.stack.container import Container
from loadtest.stack.databases import Databases
from loadtest.stack.ports import HOST, free_port
from loadtest.stack.postgres import MAX_CONNECTIONS
from loadtest.stack.runs import Run

# Service -> the port it listens on in its container.
PORTS = {"db": 5432, "redis": 6379, "openphone": 8091}
READY_SECONDS = 120
POLL_SECONDS = 0.2


class ComposeDatabases(Databases):
    """The PostgreSQL of a compose project."""

    def __init__(self, project: ComposeProject, port: int) -> None:
        self._project = project
        self._port = port

    def url(self, database: str = "postgres") -> str:
        """As this machine reaches it."""
        return self._url(database, f"{HOST}:{self._port}")

    def inner_url(self, database: str) -> str:
        """As containers of the project reach it."""
        return self._url(database, f"db:{PORTS['db']}")

    def _url(self, database: str, address: str) -> str:
        return f"postgresql://timeoutlab:{self._project.password}@{address}/{database}"


class ComposeBackends(Backends):
    """See backends.Backends. A container that ends is not started again."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.project = ComposeProject(run)
        self._ports = {service: free_port() for service in PORTS}
        self._env: dict[str, dict[str, str]] = {service: {} for service in PORTS}
        self._services: dict[str, Container] = {}
        self.db: ComposeDatabases = ComposeDatabases(self.project, self._ports["db"])

    @property
    def redis_url(self) -> str:
        """As this machine reaches it."""
        return f"redis://{HOST}:{self._ports['redis']}/0"

    @property
    def openphone_url(self) -> str:
        """As this machine reaches it."""
        return f"http://{HOST}:{self._ports['openphone']}"

    @property
    def services(self) -> Mapping[str, Container]:
        """Their containers."""
        return self._services

    def addresses(self, database: str) -> dict[str, str]:
        """As web in its container reaches them: by the services' names."""
        return {
            "DATABASE_URL": self.db.inner_url(database),
            "REDIS_URL": f"redis://redis:{PORTS['redis']}/0",
            "OPENPHONE_BASE_URL": f"http://openphone:{PORTS['openphone']}",
        }

    def front(self, name: str, port: int | None) -> ComposeFront:
        """Containers of the services web and nginx."""
        return ComposeFront(name, self.project, self.run.directory, port or free_port())

    def background(self, name: str) -> Mapping[str, ComposeBackground]:
        """Containers of the services worker and beat."""
        return {
            service: ComposeBackground(service, name, self.project, self.run.directory, self.redis_url)
            for service in BACKGROUND
        }

    def start(self) -> None:
        """Builds the images, minutes the first time, and returns when all three are healthy. Raises StartError."""
        engine.client()
        self._declare()
        self.project.build()
        self._up(*PORTS)

    def restart(self, service: str, env: Mapping[str, str]) -> None:
        """As a new container; db keeps its data, openphone forgets its own. Raises StartError."""
        self._env[service] |= env
        self._declare()
        self._services[service].remove()
        self._up(service)

    def ps(self, service: str) -> list[ProcessInfo]:
        """Its processes, master first, with the pids of the engine's machine."""
        return self._services[service].processes()

    def stop(self) -> None:
        """Keeps the logs, then removes containers, networks and volumes of the project."""
        try:
            for container in self._services.values():
                container.remove()
        finally:
            self.run.end_all()

    def _declare(self) -> None:
        extra: dict[str, dict[str, Any]] = {service: {} for service in ("web", "nginx", *BACKGROUND)}
        for service, inner in PORTS.items():
            extra[service] = {"ports": [f"{HOST}:{self._ports[service]}:{inner}"]}
            if self._env[service]:
                extra[service]["environment"] = self._env[service]
        extra["db"]["command"] = ["postgres", "-c", f"max_connections={MAX_CONNECTIONS}"]
        self.project.declare(extra)

    def _up(self, *services: str) -> None:
        self.project.call("up", "--detach", "--no-deps", *services)
        for service in services:
            [found] = engine.containers(self.project.name, service)
            self._services[service] = Container(str(found.name), self.run.directory / f"{service}.log")
        deadline = time.monotonic() + READY_SECONDS
        for service in services:
            container = self._services[service]
            while not container.healthy():
                if container.status() != "running":
                    raise StartError(f"{service} ended before it was ready; {container.last_lines()}")
                if time.monotonic() > deadline:
                    raise StartError(f"{service} was not healthy after {READY_SECONDS} s; {container.last_lines()}")
                time.sleep(POLL_SECONDS)
            container.ready()
