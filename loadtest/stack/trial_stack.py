"""What a stack is, whichever way its services are run: backends that all share, and web instances beside them."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from loadtest.errors import HarnessError, StackDied, StartError, UsageError
from loadtest.stack import ports
from loadtest.stack.backends import Backends
from loadtest.stack.base import BACKGROUND, ProcessInfo, Profile, Rows, Running, ServiceStats
from loadtest.stack.environment import OWN_SETTINGS, PLACEHOLDERS, WITHOUT_WORKER, check, has_worker
from loadtest.stack.leftovers import prune, sweep
from loadtest.stack.runs import Run, Started
from loadtest.stack.trial import WebTrial
from loadtest.stack.trials import WEB, Trials


class TrialStack(ABC):
    """See base.Stack. *home* holds the run directories; *env* app settings for web and every trial.

    *port* is that of the nginx in front of web (None: a free one). Where db, redis and openphone are, *env* cannot say.
    """

    def __init__(self, home: Path, *, env: Mapping[str, str] | None = None, port: int | None = None) -> None:
        self.swept: list[Started] = []
        self._home = home.absolute()
        self._env = {name: value for name, value in (env or {}).items() if name not in OWN_SETTINGS}
        self._port = port
        self._parts: tuple[Backends, Trials] | None = None

    @abstractmethod
    def _make_backends(self, run: Run) -> Backends: ...

    @property
    def run(self) -> Run:
        """The run directory. Raises StackDied before start() and after stop()."""
        return self._backends.run

    @property
    def web(self) -> WebTrial:
        """The web instance that start() started. Raises HarnessError when there is none."""
        web = self._trials.web
        if web is None:
            raise HarnessError("this stack has no web of its own, it runs trials only")
        return web

    def start(self, *, web: bool = True) -> None:
        """Ends leftovers of a killed harness (`swept`), starts db, redis and openphone, then the services of web."""
        check({**PLACEHOLDERS, **({} if has_worker(self._env) else WITHOUT_WORKER), **self._env})
        try:
            self.swept = sweep(self._home)
            if web and self._port is not None:
                ports.require_free(self._port, "stop it, or choose another port with --port")
            prune(self._home)
            backends = self._make_backends(Run.create(self._home))
            self._parts = backends, Trials(backends)
            backends.start()
            if web:
                self._trials.start_web(self._env, self._port)
        except OSError as error:
            self.stop()
            raise StartError(f"the stack could not be started: {error}") from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops trials and web, then the services. Ctrl-C does not cut it short; it takes a few seconds at most."""
        if self._parts is None:
            return
        stopping = threading.Thread(target=_stop, args=self._parts)
        stopping.start()
        while stopping.is_alive():
            with suppress(KeyboardInterrupt):
                stopping.join()
        self._parts = None

    def detach(self) -> None:
        """Leaves the services running for good; stop() does nothing any more."""
        self.run.detach()
        self._parts = None

    def restart(self, service: str, env: Mapping[str, str]) -> None:
        """Stops the service and starts it at the same port; db keeps its data, redis and openphone forget theirs."""
        if service == WEB:
            self.web.restart(env)
        elif service in BACKGROUND:
            self.web.restart_service(service, env)
        else:
            self._backend(service)
            self._backends.restart(service, env)

    def ps(self, service: str) -> list[ProcessInfo]:
        """The service's processes, master first; of web only gunicorn's, of worker and beat only Celery's."""
        if service in (WEB, *BACKGROUND):
            return self.web.ps(service)
        self._backend(service)
        return self._backends.ps(service)

    def logs(self, service: str) -> str:
        """The service's whole log."""
        return self._service(service).log()

    def sql(self, query: str, params: Sequence[Any] | Mapping[str, Any] = (), *, database: str | None = None) -> Rows:
        """The rows of one statement; by default on web's database, on ``postgres`` where there is no web."""
        return self._backends.db.sql(query, params, database or self._database())

    def url(self, service: str) -> str:
        """Where the service answers; db with web's database."""
        if service in (WEB, "nginx"):
            return self.web.url  # web is reached through nginx alone
        self._backend(service)
        backends = self._backends
        urls = {"db": backends.db.url(self._database()), "redis": backends.redis_url}
        return urls.get(service, backends.openphone_url)

    def stats(self) -> dict[str, ServiceStats]:
        """Service -> CPU seconds, resident bytes and number of its processes."""
        return {name: service.stats() for name, service in self._services().items()}

    def trial(
        self,
        name: str,
        env: Mapping[str, str] | None = None,
        profile: Profile | None = None,
        *,
        worker: bool = False,
    ) -> WebTrial:
        """A trial that is ready for requests, *worker*: with worker and beat. Raises StartError, UsageError."""
        # Whether it has a worker is said here, not by the stack's own settings.
        settings = {key: value for key, value in self._env.items() if key != "IMPORT_WORKER"}
        return self._trials.start(name, {**settings, **(env or {})}, profile or {}, worker=worker)

    def database(self, name: str) -> AbstractContextManager[str]:
        """The URL of a database of its own with the app's schema, until the block ends. Raises StartError."""
        return self._trials.database(name)

    def alive(self) -> list[str]:
        """Names of the services that have ended though nobody stopped them; trials as ``web:NAME`` ..."""
        return [name for name, service in self._services().items() if service.died()]

    def check(self) -> None:
        """Raises StackDied, with the end of the log, when a service has ended half way."""
        for name, service in self._services().items():
            if service.died():
                raise StackDied(f"{name} ended half way; {service.last_lines()}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _backends(self) -> Backends:
        if self._parts is None:
            raise StackDied("the stack is not running")
        return self._parts[0]

    @property
    def _trials(self) -> Trials:
        if self._parts is None:
            raise StackDied("the stack is not running")
        return self._parts[1]

    def _database(self) -> str:
        web = self._trials.web
        return web.ident if web else "postgres"

    def _services(self) -> dict[str, Running]:
        return {**self._backends.services, **self._trials.services()}

    def _service(self, name: str) -> Running:
        services = self._services()
        if name not in services:
            raise UsageError(f"no service {name!r}; there are: {', '.join(services)}")
        return services[name]

    def _backend(self, name: str) -> None:
        if name not in self._backends.services:
            raise UsageError(f"no service {name!r} of this kind; there are: {', '.join(self._backends.services)}")


def _stop(backends: Backends, trials: Trials) -> None:
    backends.run.close()
    try:
        trials.kill_all()
    finally:
        backends.stop()
