"""The stack on this machine: every service a process of its own, from wheels alone."""

import re
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from loadtest.errors import HarnessError, StackDied, StartError, UsageError
from loadtest.stack import ports
from loadtest.stack.backends import Backends, side_by_side
from loadtest.stack.base import ProcessInfo, Profile, Rows, ServiceStats, Stack
from loadtest.stack.environment import check
from loadtest.stack.process import Service
from loadtest.stack.ps import processes_below
from loadtest.stack.runs import Run, Started, sweep
from loadtest.stack.template import Template
from loadtest.stack.trial import LocalTrial

WEB = "web"
# What only a running service can give, for checking the rest before anything runs.
PLACEHOLDERS = {"DATABASE_URL": "postgresql://db", "OPENPHONE_API_KEY": "key"}


class LocalStack:
    """See base.Stack. *home* holds the run directories; *env* app settings for web and every trial.

    *port* is web's (None: a free one). Where db, redis and openphone are, *env* cannot say.
    """

    def __init__(self, home: Path, *, env: Mapping[str, str] | None = None, port: int | None = None) -> None:
        self.swept: list[Started] = []
        self._home = home.absolute()
        self._env = {name: value for name, value in (env or {}).items() if name not in LocalTrial.OWN_SETTINGS}
        self._port = port
        self._backends: Backends | None = None
        self._trials: dict[str, LocalTrial] = {}
        self._names = {WEB}
        self._lock = threading.Lock()

    @property
    def run(self) -> Run:
        """The run directory. Raises StackDied before start() and after stop()."""
        return self._running().run

    @property
    def web(self) -> LocalTrial:
        """The web instance that start() started. Raises HarnessError when there is none."""
        try:
            return self._trials[WEB]
        except KeyError:
            raise HarnessError("this stack has no web of its own, it runs trials only") from None

    def start(self, *, web: bool = True) -> None:
        """Ends leftovers of a killed harness (`swept`), starts db, redis and openphone side by side, then web."""
        check({**PLACEHOLDERS, **self._env})
        try:
            self.swept = sweep(self._home)
            if web and self._port is not None:
                ports.require_free(self._port, "stop it, or choose another port with --port")
            self._backends = Backends(Run.create(self._home))
            self._backends.start()
            if web:
                self._start(WEB, "app", self._port or ports.free_port(), self._env, self._web_profile(), None)
        except OSError as error:
            self.stop()
            raise StartError(f"the stack could not be started: {error}") from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops trials and web, then the services. Ctrl-C does not cut it short; it takes a few seconds at most."""
        if self._backends is None:
            return
        stopping = threading.Thread(target=self._stop, args=(self._backends,))
        stopping.start()
        while stopping.is_alive():
            with suppress(KeyboardInterrupt):
                stopping.join()
        self._backends = None

    def detach(self) -> None:
        """Leaves the services running for good; stop() does nothing any more."""
        self.run.detach()
        self._backends = None

    def restart(self, service: str, env: Mapping[str, str]) -> None:
        """Stops the service and starts it at the same port; db keeps its data, redis and openphone forget theirs."""
        if service == WEB:
            self.web.restart(env)
        else:
            self._service(service)
            self._running().servers[service].restart(env)

    def ps(self, service: str) -> list[ProcessInfo]:
        """The service's processes, master first; of web only gunicorn's."""
        return self.web.ps() if service == WEB else processes_below(self._service(service).pid)

    def logs(self, service: str) -> str:
        """The service's whole log."""
        return self._service(service).log_path.read_text(errors="replace")

    def sql(self, query: str, params: Sequence[Any] | Mapping[str, Any] = (), *, database: str | None = None) -> Rows:
        """The rows of one statement; by default on web's database, on ``postgres`` where there is no web."""
        return self._running().db.sql(query, params, database or self._database())

    def url(self, service: str) -> str:
        """Where the service answers; db with web's database."""
        backends = self._running()
        urls = {
            "db": backends.db.url(self._database()),
            "redis": backends.redis.url,
            "openphone": backends.openphone.url,
        }
        return self.web.url if service == WEB else urls[service]

    def stats(self) -> dict[str, ServiceStats]:
        """Service -> CPU seconds, resident bytes and number of its processes."""
        return {name: service.stats() for name, service in self._services().items()}

    def trial(self, name: str, env: Mapping[str, str] | None = None, profile: Profile | None = None) -> LocalTrial:
        """A trial that is ready for requests. Raises StartError, UsageError."""
        with self._lock:
            name = _unique(re.sub(r"[^A-Za-z0-9_.-]+", "-", name) or "trial", self._names)
            ident = f"trial_{len(self._names)}_{re.sub(r'[^a-z0-9]+', '_', name.lower())[:30]}"
        backends = self._running()
        return self._start(
            name, ident, ports.free_port(), {**self._env, **(env or {})}, profile or {}, backends.template
        )

    def alive(self) -> list[str]:
        """Names of the services that have ended though nobody stopped them; trials as ``web:NAME``."""
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

    def _start(  # noqa: PLR0917
        self,
        name: str,
        ident: str,
        port: int,
        env: Mapping[str, str],
        profile: Profile,
        template: Template | None,
    ) -> LocalTrial:
        trial = LocalTrial(self._running(), name, ident, port, on_stop=self._forget)
        with self._lock:
            self._trials[name] = trial
        trial.start(env, profile, template)
        return trial

    def _forget(self, trial: LocalTrial) -> None:
        with self._lock:
            self._trials.pop(trial.name, None)

    def _running(self) -> Backends:
        if self._backends is None:
            raise StackDied("the stack is not running")
        return self._backends

    def _database(self) -> str:
        return self._trials[WEB].ident if WEB in self._trials else "postgres"

    def _services(self) -> dict[str, Service]:
        services = {name: server.service for name, server in self._running().servers.items()}
        with self._lock:
            return services | {trial.web.service.name: trial.web.service for trial in self._trials.values()}

    def _service(self, name: str) -> Service:
        services = self._services()
        if name not in services:
            raise UsageError(f"no service {name!r}; there are: {', '.join(services)}")
        return services[name]

    def _web_profile(self) -> Profile:
        # To play with: kept for a week, not the hour that is enough for a trial, and no limit where the app keeps none.
        profile: dict[str, Any] = {"ttl_seconds": 7 * 86_400}
        return {**profile, "limit": {"per_second": 0}} if self._env.get("OPENPHONE_RATE_PER_SECOND") == "0" else profile

    def _stop(self, backends: Backends) -> None:
        backends.run.close()
        with self._lock:
            webs = [trial.web for trial in self._trials.values()]
            self._trials.clear()
        try:
            side_by_side(web.kill for web in webs)
            backends.stop()
        finally:
            backends.run.end_all()


def _unique(name: str, taken: set[str]) -> str:
    number, result = 1, name
    while result in taken:
        number += 1
        result = f"{name}-{number}"
    taken.add(result)
    return result


if TYPE_CHECKING:
    _kept: type[Stack] = LocalStack
