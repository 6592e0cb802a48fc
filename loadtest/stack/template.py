"""The database that trials are copied from: the app's schema and one API key, both made by the app's own commands."""

import threading
from dataclasses import dataclass

from loadtest.stack.databases import Databases
from loadtest.stack.web import app_admin

NAME = "trial_template"


@dataclass(frozen=True)
class Made:
    """The database's name and the API key that every copy accepts."""

    database: str
    api_key: str


class Template:
    """Made when the first trial asks for it. Copying it takes 0.05 s; the app's two commands take a second each."""

    def __init__(self, db: Databases) -> None:
        self._db = db
        self._made: Made | None = None
        self._lock = threading.Lock()

    def get(self) -> Made:
        """Raises StartError. Safe to use from threads."""
        with self._lock:
            if self._made is None:
                self._db.drop_database(NAME)  # of an attempt that failed half way
                self._db.create_database(NAME)
                settings = {"DATABASE_URL": self._db.url(NAME), "OPENPHONE_SYNC": "off"}
                app_admin(settings, "migrate")
                self._made = Made(NAME, app_admin(settings, "create-key", "trial"))
            return self._made
