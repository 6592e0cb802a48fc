"""A worker or a beat as a container, a run of its service in docker-compose.yml."""

import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import config
from loadtest.errors import HarnessError, StackDied, StartError
from loadtest.stack.base import ProcessInfo, of_trial
from loadtest.stack.celery_ping import Ping
from loadtest.stack.compose_front import end_of_name
from loadtest.stack.compose_project import ComposeProject
from loadtest.stack.container import Container
from loadtest.stack.environment import OF_NGINX

CELERY = "--app=app.tasks"  # on the command line of every process of the two
READY_SECONDS = 60
POLL_SECONDS = 0.1
# As in docker-compose.yml.
STOP_GRACE_SECONDS = 40


class ComposeBackground:
    """See base.Background. *service* is "worker" or "beat", *name* that of its web instance.

    *redis_url* as this machine reaches it.
    """

    def __init__(self, service: str, name: str, project: ComposeProject, logs: Path, redis_url: str) -> None:
        self.name = f"{service}{of_trial(name)}"
        self._service = service
        self._project = project
        self._redis_url = redis_url
        # A name in DNS: at most 63 characters.
        container = f"{project.name}-{service}{end_of_name(name)}"[:63]
        self._container = Container(container, logs / f"{self.name.replace(':', '-')}.log")

    @property
    def running(self) -> Container:
        """Its container."""
        return self._container

    def start(self, settings: Mapping[str, str]) -> None:
        """Returns when the worker answers a ping, or beat runs and is not waiting for PostgreSQL. Raises StartError."""
        waits = config.load_settings(settings).database_wait_seconds
        told = [word for key, value in settings.items() if key not in OF_NGINX for word in ("-e", f"{key}={value}")]
        try:
            self._project.call("run", "--detach", "--no-deps", "--name", self._container.name, *told, self._service)
            self._wait(Ping(self._redis_url, settings["REDIS_PREFIX"]), waits + READY_SECONDS)
        except BaseException:
            self.kill()
            raise
        self._container.ready()

    def stop(self) -> None:
        """Stops it; the worker saves and gives back what it works on."""
        self._container.stop(STOP_GRACE_SECONDS)

    def kill(self) -> None:
        """Ends it at once."""
        self._container.remove()

    def crash(self) -> None:
        """Kills all its processes, and leaves its container as one that died."""
        self._container.crash()

    def ps(self) -> list[ProcessInfo]:
        """Its processes, master first, as `docker exec` shows them."""
        with suppress(StackDied):
            return self._container.program(CELERY)
        return []

    def _wait(self, ping: Ping, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not (self._has_begun() and (self._service == "beat" or ping.answers())):
            if self._container.status() != "running":
                raise StartError(f"{self.name} ended before it was ready; {self._container.last_lines()}")
            if time.monotonic() > deadline:
                raise StartError(f"{self.name} was not ready after {seconds:g} s; {self._container.last_lines()}")
            time.sleep(POLL_SECONDS)

    def _has_begun(self) -> bool:
        with suppress(HarnessError):
            return bool(self.ps())
        return False
