"""A trial on this machine: a web instance with a database, a mock account and a Redis prefix of its own."""

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
from loadtest.stack.base import ProcessInfo, Profile, Rows
from loadtest.stack.environment import check
from loadtest.stack.ports import HOST
from loadtest.stack.template import Template
from loadtest.stack.web import Web, app_admin


class LocalTrial:
    """See base.Trial. *ident* ([a-z0-9_]) names its database, account and prefix; *name* its log and service."""

    # What every trial has of its own; the caller's environment has no say in it.
    OWN_SETTINGS = frozenset(
        {"DATABASE_URL", "REDIS_URL", "REDIS_PREFIX", "OPENPHONE_BASE_URL", "OPENPHONE_API_KEY", "WEB_BIND"}
    )

    def __init__(
        self, backends: Backends, name: str, ident: str, port: int, *, on_stop: Callable[["LocalTrial"], None]
    ) -> None:
        self.name = name
        self.ident = ident
        self.openphone_key = f"{ident}-{secrets.token_hex(8)}"
        self.api_key = ""
        self.web = Web("web" if name == "web" else f"web:{name}", backends.run, port)
        self.env: dict[str, str] = {}
        self._backends = backends
        self._on_stop = on_stop

    @property
    def url(self) -> str:
        """Where its web instance answers."""
        return self.web.url

    @property
    def log_path(self) -> Path:
        """The web instance's log."""
        return self.web.service.log_path

    def start(self, env: Mapping[str, str], profile: Profile, template: Template | None) -> None:
        """Makes everything the trial needs; removes it again if that fails. Raises StartError, UsageError.

        Its database is a copy of the template; without one, it is empty and web migrates it.
        """
        own = {
            "DATABASE_URL": self._backends.db.url(self.ident),
            "REDIS_URL": self._backends.redis.url,
            "REDIS_PREFIX": f"{self.ident}:",
            "OPENPHONE_BASE_URL": self._backends.openphone.url,
            "OPENPHONE_API_KEY": self.openphone_key,
            "WEB_BIND": f"{HOST}:{self.web.port}",
        }
        self.env = {**own, **env}
        try:
            check(self.env)
            openphone.put_account(self._backends.openphone.url, self.openphone_key, profile)
            if template is None:
                self._backends.db.create_database(self.ident)
                self.web.start(self.env)
                self.api_key = app_admin(self.env, "create-key", self.name)
            else:
                made = template.get()
                self._backends.db.create_database(self.ident, made.database)
                self.api_key = made.api_key
                self.web.start(self.env)
        except BaseException:
            self.stop()
            raise

    def ps(self) -> list[ProcessInfo]:
        """Its gunicorn processes, master first."""
        return self.web.ps()

    def logs(self) -> str:
        """The whole web log."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def sql(self, query: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> Rows:
        """The rows of one statement on the trial's own database; committed at once. Raises psycopg2.Error."""
        return self._backends.db.sql(query, params, self.ident)

    def restart(self, env: Mapping[str, str]) -> None:
        """Starts the web instance anew, at the same address, with *env* over what was set. Raises StartError."""
        merged = {**self.env, **env}
        check(merged)
        self.web.stop()
        self.web.start(merged)
        self.env = merged

    def stop(self) -> None:
        """Stops the web instance and removes database, account and Redis keys. A second call does nothing."""
        self._on_stop(self)
        self.web.kill()
        # Where one of the services has ended, what it held is gone with it.
        with suppress(psycopg2.OperationalError):
            self._backends.db.drop_database(self.ident)
        with suppress(redis.ConnectionError):
            self._backends.redis.delete_keys(f"{self.ident}:")
        with suppress(HarnessError):
            openphone.delete_account(self._backends.openphone.url, self.openphone_key)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
