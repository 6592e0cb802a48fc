"""The web instances of a stack: one to play with, and any number of trials."""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from loadtest.stack.backends import Backends
from loadtest.stack.base import Profile, Running
from loadtest.stack.environment import WITH_WORKER, WITHOUT_WORKER, has_worker
from loadtest.stack.template import Template
from loadtest.stack.threads import side_by_side
from loadtest.stack.trial import WebTrial

WEB = "web"


class Trials:
    """The trials that run, by name. Safe to use from threads."""

    def __init__(self, backends: Backends) -> None:
        self._backends = backends
        self._template = Template(backends.db)
        self._running: dict[str, WebTrial] = {}
        self._names = {WEB}
        self._lock = threading.Lock()

    @property
    def web(self) -> WebTrial | None:
        """The instance to play with, if there is one."""
        return self._running.get(WEB)

    def start_web(self, env: Mapping[str, str], port: int | None) -> None:
        """Starts the instance to play with, with a worker if IMPORT_WORKER is on. Raises StartError, UsageError."""
        # Kept for a week, not the hour that is enough for a trial, and without a limit where the app keeps none.
        profile: dict[str, Any] = {"ttl_seconds": 7 * 86_400}
        if env.get("OPENPHONE_RATE_PER_SECOND") == "0":
            profile["limit"] = {"per_second": 0}
        worker = has_worker(env)
        self._make(WEB, "app", port, worker=worker).start(_told(env, worker=worker), profile, None)

    def start(self, name: str, env: Mapping[str, str], profile: Profile, *, worker: bool) -> WebTrial:
        """A trial that is ready; its name gets a number if it is taken. Raises StartError, UsageError."""
        with self._lock:
            name = _unique(re.sub(r"[^A-Za-z0-9_.-]+", "-", name) or "trial", self._names)
            ident = f"trial_{len(self._names)}_{re.sub(r'[^a-z0-9]+', '_', name.lower())[:30]}"
        trial = self._make(name, ident, None, worker=worker)
        trial.start(_told(env, worker=worker), profile, self._template)
        return trial

    @contextmanager
    def database(self, name: str) -> Iterator[str]:
        """The URL of a database of its own with the app's schema, until the block ends. Raises StartError."""
        with self._lock:
            name = _unique(name, self._names)
        ident = f"only_{re.sub(r'[^a-z0-9]+', '_', name.lower())[:50]}"
        self._backends.db.create_database(ident, self._template.get().database)
        try:
            yield self._backends.db.url(ident)
        finally:
            self._backends.db.drop_database(ident)

    def services(self) -> dict[str, Running]:
        """Their services by name: ``web``, ``nginx``, ``web:NAME``, ``nginx:NAME`` ..."""
        with self._lock:
            trials = list(self._running.values())
        return {name: service for trial in trials for name, service in trial.services.items()}

    def kill_all(self) -> None:
        """Ends them at once; their data goes with the stack's."""
        with self._lock:
            trials = list(self._running.values())
            self._running.clear()
        side_by_side(trial.kill for trial in trials)

    def _make(self, name: str, ident: str, port: int | None, *, worker: bool) -> WebTrial:
        background = self._backends.background(name) if worker else {}
        front = self._backends.front(name, port)
        trial = WebTrial(self._backends, name, ident, front, background, on_stop=self._forget)
        with self._lock:
            self._running[name] = trial
        return trial

    def _forget(self, trial: WebTrial) -> None:
        with self._lock:
            self._running.pop(trial.name, None)


def _told(env: Mapping[str, str], *, worker: bool) -> dict[str, str]:
    return {**(WITH_WORKER if worker else WITHOUT_WORKER), **env}


def _unique(name: str, taken: set[str]) -> str:
    number, result = 1, name
    while result in taken:
        number += 1
        result = f"{name}-{number}"
    taken.add(result)
    return result
