"""What the rest of the harness knows of a stack, whichever way its services are run."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Protocol, Self

Rows = list[tuple[Any, ...]]
Profile = Mapping[str, Any]

BACKGROUND = ("worker", "beat")
SERVICES = ("db", "redis", "openphone", "web", "nginx", *BACKGROUND)


def of_trial(name: str) -> str:
    """What the services of a trial have behind their names; nothing for the instance to play with."""
    return "" if name == "web" else f":{name}"


@dataclass(frozen=True)
class ProcessInfo:
    """A line of ``ps``: a service's main process is its master, everything below it a worker."""

    pid: int
    ppid: int
    args: str
    kind: Literal["master", "worker"]


@dataclass(frozen=True)
class ServiceStats:
    """What a service's processes have used until now."""

    cpu_seconds: float
    rss_bytes: int
    processes: int


class Running(Protocol):
    """One service, as a process or as a container."""

    def died(self) -> bool:
        """Whether it was ready once and then ended though nobody stopped it."""

    def log(self) -> str:
        """All that it has written."""

    def last_lines(self, count: int = 8) -> str:
        """The end of its log, indented, after a line that says where the rest is."""

    def stats(self) -> ServiceStats:
        """What it has used until now; zeros when it has ended."""


class Front(Protocol):
    """A web instance and the nginx in front of it, however the two are run."""

    @property
    def url(self) -> str:
        """Where nginx answers, without a slash at the end."""

    @property
    def own_settings(self) -> dict[str, str]:
        """The app settings that follow from how it is run: WEB_BIND, PROXY_HOPS, WORKER_DEATHS_FILE."""

    @property
    def log_path(self) -> Path:
        """Web's log. It outlives the instance."""

    @property
    def services(self) -> Mapping[str, Running]:
        """Both by name: ``web`` and ``nginx``, of a trial ``web:NAME`` and ``nginx:NAME``."""

    def start(self, settings: Mapping[str, str]) -> None:
        """Returns when all gunicorn workers are there, /readyz answers 200 and nginx too. Raises StartError."""

    def stop(self) -> None:
        """Stops both, with a request that is running if need be."""

    def kill(self) -> None:
        """Ends both at once."""

    def ps(self) -> list[ProcessInfo]:
        """Its gunicorn processes, master first."""

    def log(self) -> str:
        """Web's whole log."""


class Background(Protocol):
    """The worker or the beat of a web instance, however it is run. Nothing here starts one again that has ended."""

    @property
    def name(self) -> str:
        """``worker`` or ``beat``, of a trial ``worker:NAME`` or ``beat:NAME``."""

    @property
    def running(self) -> Running:
        """Its process or container."""

    def start(self, settings: Mapping[str, str]) -> None:
        """Returns when the worker answers, or beat has begun. Raises StartError."""

    def stop(self) -> None:
        """Asks it to stop and waits until it has saved what it works on."""

    def kill(self) -> None:
        """Ends it at once."""

    def crash(self) -> None:
        """Kills all its processes (SIGKILL), as a crash would: it counts as one that died."""

    def ps(self) -> list[ProcessInfo]:
        """Its processes, master first; none when it has ended."""


class Trial(Protocol):
    """A web instance of its own behind its own nginx, with its own database, mocked OpenPhone account and Redis prefix.

    With a worker and a beat of its own, if they were asked for. Without them its settings say that there are none.

    A context manager: leaving it stops the web instance and removes everything else.
    """

    @property
    def name(self) -> str:
        """What it was called when it was asked for; unique within its stack."""

    @property
    def url(self) -> str:
        """Where nginx answers for it, without a slash at the end."""

    @property
    def api_key(self) -> str:
        """A key of the import app, for ``Authorization: Bearer``."""

    @property
    def openphone_key(self) -> str:
        """The key of its account at the mocked OpenPhone."""

    @property
    def env(self) -> dict[str, str]:
        """The app settings in force, as environment variables."""

    @property
    def log_path(self) -> Path:
        """The web instance's log. It outlives the trial."""

    def ps(self, service: str = "web") -> list[ProcessInfo]:
        """Its gunicorn processes, or those of ``worker`` or ``beat``, master first."""

    def logs(self, service: str = "web") -> str:
        """The whole log of web, nginx, worker or beat."""

    def sql(self, query: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> Rows:
        """The rows of one statement on the trial's own database; committed at once."""

    def restart(self, env: Mapping[str, str]) -> None:
        """Starts web and nginx anew, at the same address, with *env* over what was set. Raises StartError."""

    def restart_service(self, service: str, env: Mapping[str, str] | None = None) -> None:
        """Stops ``worker`` or ``beat``, if it still runs, and starts it with *env* over what was set.

        Raises StartError, and UsageError for another service, or where the trial has none.
        """

    def stop_service(self, service: str) -> None:
        """Asks ``worker`` or ``beat`` to stop and waits for it. Raises UsageError."""

    def kill_service(self, service: str) -> None:
        """Kills all processes of ``worker`` or ``beat`` (SIGKILL). Raises UsageError."""

    def stop(self) -> None:
        """Stops the web instance and removes database, account and Redis keys. A second call does nothing."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Stack(Protocol):
    """The services of SERVICES. A context manager: leaving it stops everything that was started.

    What ends half way is not started again; that is for Docker, systemd or App Platform to do.
    """

    def start(self, *, web: bool = True) -> None:
        """Starts db, redis and openphone; web, nginx, worker and beat unless told otherwise. Stops all if one fails.

        Raises StartError, and UsageError for a setting that the app would refuse.
        """

    def stop(self) -> None:
        """Stops every service and every trial. A second call does nothing."""

    def restart(self, service: str, env: Mapping[str, str]) -> None:
        """Stops the service and starts it at the same address, with *env* over its environment. Raises StartError."""

    def ps(self, service: str) -> list[ProcessInfo]:
        """The service's processes, master first; of web only gunicorn's, of worker and beat only Celery's."""

    def logs(self, service: str) -> str:
        """The service's whole log."""

    def sql(self, query: str, params: Sequence[Any] | Mapping[str, Any] = (), *, database: str | None = None) -> Rows:
        """The rows of one statement, by default on the database of web; committed at once."""

    def url(self, service: str) -> str:
        """Where the service answers: ``postgresql://``, ``redis://`` or ``http://``."""

    def stats(self) -> dict[str, ServiceStats]:
        """Service -> what it has used. Trials are there as ``web:NAME``, ``nginx:NAME`` ..."""

    def trial(
        self,
        name: str,
        env: Mapping[str, str] | None = None,
        profile: Profile | None = None,
        *,
        worker: bool = False,
    ) -> Trial:
        """A trial that is ready for requests: *env* app settings, *profile* as the mock's admin API takes it.

        *worker*: with a worker and a beat. Without, IMPORT_WORKER is off and OPENPHONE_SYNC inline unless *env* says
        otherwise.

        Raises StartError, and UsageError for a setting or a profile that would be refused. May be called from threads.
        """

    def database(self, name: str) -> AbstractContextManager[str]:
        """The URL of a database with the app's schema and nobody at it, until the block ends. Raises StartError.

        May be called from threads.
        """

    def alive(self) -> list[str]:
        """Names of the services that have ended though nobody stopped them; trials as ``web:NAME`` ..."""

    def check(self) -> None:
        """Raises StackDied, with the end of the log, when a service has ended half way."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
