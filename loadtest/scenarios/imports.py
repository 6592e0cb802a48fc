"""A person who uploads a CSV and waits for the answer."""

import logging
from itertools import count

from locust import HttpUser, task
from locust.exception import StopUser

from config import load_harness_settings
from fixtures.cache import fixture
from loadtest.scenarios.form import fields

SETTINGS = load_harness_settings()
CONNECT_SECONDS = 10
SEED = 1
UNAUTHORIZED = 401
PAUSE_SECONDS = 1.0
TITLE = f"import {SETTINGS.rows} {'' if SETTINGS.kind == 'contacts' else f'{SETTINGS.kind} '}rows"
# Shared by all users of this process, so that no two uploads have a phone in common.
areas = count(SETTINGS.area)
finished = count(1)


class ImportUser(HttpUser):
    """Uploads a fixture of TIMEOUTLAB_KIND and TIMEOUTLAB_ROWS rows, a fresh one each time.

    It ends when TIMEOUTLAB_UPLOADS are done.
    """

    host = SETTINGS.host
    pause = 0.0

    def wait_time(self) -> float:
        """Seconds until the next upload: none, but a moment after one that got no answer (nobody listens, say)."""
        return self.pause

    @task
    def upload(self) -> None:
        """One upload, timed from the first byte sent to the whole answer."""
        area = next(areas)
        if SETTINGS.uploads and area >= SETTINGS.area + SETTINGS.uploads:
            raise StopUser  # the others are still at theirs
        try:
            self._upload(area)
        finally:
            if SETTINGS.uploads and next(finished) >= SETTINGS.uploads:
                self._quit()

    def _upload(self, area: int) -> None:
        try:
            path, _ = fixture(SETTINGS.kind, SETTINGS.rows, SEED, area, cache_dir=SETTINGS.home / "fixtures")
        except (OSError, ValueError) as error:
            logging.error("no file to upload: %s", error)  # noqa: TRY400 - one line for a person
            self._give_up()
            raise StopUser from error
        with (
            path.open("rb") as file,
            self.client.post(
                "/api/imports",
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
        self.pause = 0.0 if answer.status_code else PAUSE_SECONDS
        if answer.status_code == UNAUTHORIZED:
            self._give_up()

    def _give_up(self) -> None:
        """Stops the load, as the next upload would go no better; a web page stays, to say why."""
        self.environment.process_exit_code = 1
        runner = self.environment.runner
        if runner is not None and self.environment.web_ui is not None:
            runner.stop()
        else:
            self._quit()

    def _quit(self) -> None:
        runner = self.environment.runner
        if runner is not None:
            runner.quit()
