"""A worker or a beat as a process of this machine: ``entrypoint.sh worker`` or ``entrypoint.sh beat``."""

from collections.abc import Mapping
from contextlib import suppress

import psutil

import config
from loadtest.errors import StackDied
from loadtest.stack.base import ProcessInfo, of_trial
from loadtest.stack.celery_ping import Ping
from loadtest.stack.environment import app_environment
from loadtest.stack.process import ROOT, Service
from loadtest.stack.ps import processes_below
from loadtest.stack.runs import Run

CELERY = "--app=app.tasks"  # on the command line of every process of the two
READY_SECONDS = 30
# The worker saves its chunk in it; as in docker-compose.yml.
STOP_GRACE_SECONDS = 40


class LocalBackground:
    """See base.Background. *service* is "worker" or "beat", *name* that of its web instance."""

    def __init__(self, service: str, name: str, run: Run, redis_url: str) -> None:
        self._is_worker = service == "worker"
        self._redis_url = redis_url
        self._service = Service(f"{service}{of_trial(name)}", [str(ROOT / "entrypoint.sh"), service], run, {})

    @property
    def name(self) -> str:
        """With the trial's behind it."""
        return self._service.name

    @property
    def running(self) -> Service:
        """Its main process."""
        return self._service

    def start(self, settings: Mapping[str, str]) -> None:
        """Returns when the worker answers a ping, or beat talks to PostgreSQL. Raises StartError."""
        self._service.env = app_environment(settings)
        # Longer than it waits for its database: what it says then is the better message.
        seconds = config.load_settings(settings).database_wait_seconds + READY_SECONDS
        if self._is_worker:
            ping = Ping(self._redis_url, settings["REDIS_PREFIX"])
            self._service.start(lambda: self._is_celery() and ping.answers(), seconds)
        else:
            self._service.start(self._has_begun, seconds)

    def stop(self) -> None:
        """Stops it; the worker saves and gives back what it works on."""
        self._service.stop(STOP_GRACE_SECONDS)

    def kill(self) -> None:
        """Ends it at once."""
        self._service.kill()

    def crash(self) -> None:
        """Kills all its processes, and leaves it as one that died."""
        self._service.crash()

    def ps(self) -> list[ProcessInfo]:
        """Its processes, master first."""
        with suppress(StackDied):
            return processes_below(self._service.pid, CELERY)
        return []

    def _is_celery(self) -> bool:
        # Before the exec of Celery it is the entrypoint's shell, and who answers is a worker that has not quite gone.
        with suppress(psutil.Error):
            return CELERY in psutil.Process(self._service.pid).cmdline()
        return False

    def _has_begun(self) -> bool:
        """Beat opens its first connection, and its only one, in its first round."""
        with suppress(psutil.Error):
            return self._is_celery() and bool(psutil.Process(self._service.pid).net_connections("tcp"))
        return False
