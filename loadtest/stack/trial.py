"""A trial: a web instance with a database, a mock account and a Redis prefix of its own."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg2
import redis

from loadtest.errors import HarnessError, UsageError
from loadtest.stack import openphone
from loadtest.stack.backends import Backends
from loadtest.stack.base import Background, Front, ProcessInfo, Profile, Rows, Running
from loadtest.stack.environment import check
from loadtest.stack.redis_keys import delete_keys
from loadtest.stack.template import Template
from loadtest.stack.threads import side_by_side
from loadtest.stack.web import app_admin


class WebTrial:
    """See base.Trial. *ident* ([a-z0-9_]) names its database, account and prefix; *name* its logs and services.

    *background*: its worker and beat by their plain names, if it has any.
    """

    def __init__(
        self,
        backends: Backends,
        name: str,
        ident: str,
        front: Front,
        background: Mapping[str, Background],
        *,
        on_stop: Callable[["WebTrial"], None],
    ) -> None:
        self.name = name
        self.ident = ident
        self.openphone_key = f"{ident}-{secrets.token_hex(8)}"
        self.api_key = ""
        self._front = front
        self._background = background
        self.env: dict[str, str] = {}
        self._backends = backends
        self._on_stop = on_stop

    @property
    def url(self) -> str:
        """Where nginx answers for it."""
        return self._front.url

    @property
    def log_path(self) -> Path:
        """Web's log."""
        return self._front.log_path

    @property
    def services(self) -> dict[str, Running]:
        """All that was started for it, by name: ``web:NAME``, ``nginx:NAME`` ..."""
        return {**self._front.services, **{each.name: each.running for each in self._background.values()}}

    def start(self, env: Mapping[str, str], profile: Profile, template: Template | None) -> None:
        """Makes everything the trial needs; removes it again if that fails. Raises StartError, UsageError.

        Its database is a copy of the template; without one, it is empty and web migrates it.
        """
        own = {
            **self._backends.addresses(self.ident),
            "REDIS_PREFIX": f"{self.ident}:",
            "OPENPHONE_API_KEY": self.openphone_key,
            **self._front.own_settings,
        }
        self.env = {**own, **env}
        try:
            check(self.env)
            openphone.put_account(self._backends.openphone_url, self.openphone_key, profile)
            if template is None:
                self._backends.db.create_database(self.ident)
                self._start_all()
                # Run here, where the database has another address than for web in a container.
                here = {**self.env, "DATABASE_URL": self._backends.db.url(self.ident)}
                self.api_key = app_admin(here, "create-key", self.name)
            else:
                made = template.get()
                self._backends.db.create_database(self.ident, made.database)
                self.api_key = made.api_key
                self._start_all()
        except BaseException:
            self.stop()
            raise

    def ps(self, service: str = "web") -> list[ProcessInfo]:
        """Its gunicorn processes, or those of ``worker`` or ``beat``, master first. Raises UsageError."""
        return self._front.ps() if service == "web" else self._part(service).ps()

    def logs(self, service: str = "web") -> str:
        """The whole log of web, nginx, worker or beat. Raises UsageError."""
        if service == "web":
            return self._front.log()
        found = {name.partition(":")[0]: running for name, running in self.services.items()}
        if service not in found:
            raise UsageError(f"no service {service!r} of {self.name}; there are: {', '.join(found)}")
        return found[service].log()

    def sql(self, query: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> Rows:
        """The rows of one statement on the trial's own database; committed at once. Raises psycopg2.Error."""
        return self._backends.db.sql(query, params, self.ident)

    def restart(self, env: Mapping[str, str]) -> None:
        """Starts web and nginx anew, at the same address, with *env* over what was set. Raises StartError."""
        merged = {**self.env, **env}
        check(merged)
        self._front.stop()
        self._front.start(merged)
        self.env = merged

    def restart_service(self, service: str, env: Mapping[str, str] | None = None) -> None:
        """Starts worker or beat anew, with *env* over what was set. Raises StartError, UsageError."""
        part = self._part(service)
        merged = {**self.env, **(env or {})}
        check(merged)
        part.stop()
        part.start(merged)
        self.env = merged

    def stop_service(self, service: str) -> None:
        """Asks worker or beat to stop and waits for it. Raises UsageError."""
        self._part(service).stop()

    def kill_service(self, service: str) -> None:
        """Kills all processes of worker or beat; nothing starts it again. Raises UsageError."""
        self._part(service).crash()

    def kill(self) -> None:
        """Ends all its services at once."""
        side_by_side([self._front.kill, *(part.kill for part in self._background.values())])

    def stop(self) -> None:
        """Ends its services and removes database, account and Redis keys. A second call does nothing."""
        self._on_stop(self)
        self.kill()
        # Where one of the services has ended, what it held is gone with it.
        with suppress(psycopg2.OperationalError):
            self._backends.db.drop_database(self.ident)
        with suppress(redis.ConnectionError):
            delete_keys(self._backends.redis_url, f"{self.ident}:")
        with suppress(HarnessError):
            openphone.delete_account(self._backends.openphone_url, self.openphone_key)

    def _start_all(self) -> None:
        starts = [self._front.start, *(part.start for part in self._background.values())]
        side_by_side([partial(start, self.env) for start in starts], on_failure=self.kill)

    def _part(self, service: str) -> Background:
        if service not in self._background:
            there = ", ".join(self._background) or "none, it was asked for without a worker"
            raise UsageError(f"no background service {service!r} of {self.name}; there are: {there}")
        return self._background[service]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
