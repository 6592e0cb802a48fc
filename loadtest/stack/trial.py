"""A trial: a web instance with a database, a mock account and a Redis prefix of its own."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg2
import redis

from loadtest.errors import HarnessError
from loadtest.stack import openphone
from loadtest.stack.backends import Backends
from loadtest.stack.base import Front, ProcessInfo, Profile, Rows
from loadtest.stack.environment import check
from loadtest.stack.redis_keys import delete_keys
from loadtest.stack.template import Template
from loadtest.stack.web import app_admin


class WebTrial:
    """See base.Trial. *ident* ([a-z0-9_]) names its database, account and prefix; *name* its logs and services."""

    def __init__(
        self, backends: Backends, name: str, ident: str, front: Front, *, on_stop: Callable[["WebTrial"], None]
    ) -> None:
        self.name = name
        self.ident = ident
        self.openphone_key = f"{ident}-{secrets.token_hex(8)}"
        self.api_key = ""
        self.front = front
        self.env: dict[str, str] = {}
        self._backends = backends
        self._on_stop = on_stop

    @property
    def url(self) -> str:
        """Where nginx answers for it."""
        return self.front.url

    @property
    def log_path(self) -> Path:
        """Web's log."""
        return self.front.log_path

    def start(self, env: Mapping[str, str], profile: Profile, template: Template | None) -> None:
        """Makes everything the trial needs; removes it again if that fails. Raises StartError, UsageError.

        Its database is a copy of the template; without one, it is empty and web migrates it.
        """
        own = {
            **self._backends.addresses(self.ident),
            "REDIS_PREFIX": f"{self.ident}:",
            "OPENPHONE_API_KEY": self.openphone_key,
            **self.front.own_settings,
        }
        self.env = {**own, **env}
        try:
            check(self.env)
            openphone.put_account(self._backends.openphone_url, self.openphone_key, profile)
            if template is None:
                self._backends.db.create_database(self.ident)
                self.front.start(self.env)
                # Run here, where the database has another address than for web in a container.
                here = {**self.env, "DATABASE_URL": self._backends.db.url(self.ident)}
                self.api_key = app_admin(here, "create-key", self.name)
            else:
                made = template.get()
                self._backends.db.create_database(self.ident, made.database)
                self.api_key = made.api_key
                self.front.start(self.env)
        except BaseException:
            self.stop()
            raise

    def ps(self) -> list[ProcessInfo]:
        """Its gunicorn processes, master first."""
        return self.front.ps()

    def logs(self) -> str:
        """The whole web log."""
        return self.front.log()

    def sql(self, query: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> Rows:
        """The rows of one statement on the trial's own database; committed at once. Raises psycopg2.Error."""
        return self._backends.db.sql(query, params, self.ident)

    def restart(self, env: Mapping[str, str]) -> None:
        """Starts web and nginx anew, at the same address, with *env* over what was set. Raises StartError."""
        merged = {**self.env, **env}
        check(merged)
        self.front.stop()
        self.front.start(merged)
        self.env = merged

    def stop(self) -> None:
        """Stops web and nginx and removes database, account and Redis keys. A second call does nothing."""
        self._on_stop(self)
        self.front.kill()
        # Where one of the services has ended, what it held is gone with it.
        with suppress(psycopg2.OperationalError):
            self._backends.db.drop_database(self.ident)
        with suppress(redis.ConnectionError):
            delete_keys(self._backends.redis_url, f"{self.ident}:")
        with suppress(HarnessError):
            openphone.delete_account(self._backends.openphone_url, self.openphone_key)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
