"""A person who uploads a CSV and waits for the answer."""

import logging
import time
from pathlib import Path

from gevent import GreenletExit  # type: ignore[import-untyped]
from gevent.threadpool import ThreadPool  # type: ignore[import-untyped]
from locust import HttpUser, task
from locust.exception import StopUser

from config import load_harness_settings
from fixtures.cache import fixture
from fixtures.manifest import Manifest
from loadtest.scenarios.answer import Cut
from loadtest.scenarios.desk import Desk
from loadtest.scenarios.form import fields

SETTINGS = load_harness_settings()
CONNECT_SECONDS = 10
SEED = 1
UNAUTHORIZED = 401
PAUSE_SECONDS = 1.0
PATH = "/api/imports"
TITLE = f"import {SETTINGS.rows} {'' if SETTINGS.kind == 'contacts' else f'{SETTINGS.kind} '}rows"
# Files are made beside the event loop: 50,000 rows on it would hold up the clocks of all other uploads for a second.
makers = ThreadPool(1)


def _make(area: int) -> Path | Exception:
    """The file, or why there is none: gevent prints a traceback of what a thread raises."""
    try:
        return fixture(SETTINGS.kind, SETTINGS.rows, SEED, area, cache_dir=SETTINGS.home / "fixtures")[0]
    except (OSError, ValueError) as error:
        return error


class ImportUser(HttpUser):
    """Uploads a fixture of TIMEOUTLAB_KIND and TIMEOUTLAB_ROWS rows, a fresh one each time, while *desk* has any."""

    host = SETTINGS.host
    desk: Desk
    pause = 0.0

    def wait_time(self) -> float:
        """Seconds until the next upload: none, but a moment after one that got no answer (nobody listens, say)."""
        return self.pause

    @task
    def upload(self) -> None:
        """One upload, timed from the first byte sent to the whole answer."""
        with self.desk.upload() as area:
            if area is None:
                raise StopUser  # the others may still be at theirs
            path = self._file(area)
            try:
                self._upload(path)
            finally:
                if not self.desk.keeps_files:
                    path.unlink(missing_ok=True)
                    Manifest.path_for(path).unlink(missing_ok=True)

    def _file(self, area: int) -> Path:
        made: Path | Exception = makers.apply(_make, (area,))
        if isinstance(made, Exception):
            logging.error("no file to upload: %s", made)
            self.desk.give_up()
            raise StopUser
        return made

    def _upload(self, path: Path) -> None:
        began, clock = time.time(), time.perf_counter()
        try:
            status = self._post(path)
        except GreenletExit:
            # Locust says nothing about a request that it cuts; the server may well have got it.
            self.environment.events.request.fire(
                request_type="POST",
                name=TITLE,
                start_time=began,
                response_time=(time.perf_counter() - clock) * 1000,
                response_length=0,
                response=None,
                context={},
                exception=Cut("the load was stopped before the answer"),
            )
            raise
        self.pause = 0.0 if status else PAUSE_SECONDS
        if status == UNAUTHORIZED:
            self.desk.give_up()

    def _post(self, path: Path) -> int:
        """The answer's status; 0: there was no answer."""
        with (
            path.open("rb") as file,
            self.client.post(
                PATH,
                headers={"Authorization": f"Bearer {SETTINGS.api_key or ''}"},
                data=fields(SETTINGS.kind, f"locust {path.stem}"),
                files={"file": (path.name, file, "text/csv")},
                timeout=(CONNECT_SECONDS, SETTINGS.client_timeout),
                name=TITLE,
                catch_response=True,
            ) as answer,
        ):
            if answer.status_code == UNAUTHORIZED:
                answer.failure(f"401: TIMEOUTLAB_API_KEY is no key of {self.host}; `make up` prints one")
        return int(answer.status_code or 0)
