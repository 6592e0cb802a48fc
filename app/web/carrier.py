"""Who carries an import out, this request or the worker, and how long this request may."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from sys import maxsize
from typing import IO, Literal, Self

from flask import current_app, g
from psycopg2.errorcodes import QUERY_CANCELED
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from app.imports.budget import Budget, HandOffError, RequestBudget, Unbounded
from app.imports.intake import Upload, inspect
from app.imports.options import Options
from app.imports.preview import Preview, preview
from app.problem import Problem
from app.web.capacity import Slots
from config import Settings

RETRY_SECONDS = 10


class Slot:
    """A request's right to import by itself, if it has got one; without it the worker does."""

    def __init__(self, settings: Settings, *, free: bool) -> None:
        self._settings = settings
        self.owner: Literal["web", "worker"] = "web" if free else "worker"

    @property
    def _has_worker(self) -> bool:
        return self._settings.import_worker == "on"

    def rows_max(self, mode: str) -> int:
        """How many rows a file may have that this request imports by itself."""
        return self._settings.import_async_rows if mode == "auto" and self._has_worker else maxsize

    def decide(self, mode: str, rows: int) -> None:
        """By the size of a file whose client leaves it open. Raises Problem (429) where there is no worker."""
        if rows > self.rows_max(mode):
            self.owner = "worker"
        if self.owner == "worker" and not self._has_worker:
            raise Problem(
                429,
                "too-many-imports",
                "Too many imports at once",
                "Nothing was accepted: as many imports run as this instance carries out side by side, and there is no "
                f"worker to take one more (IMPORT_WORKER=off). Try again in {RETRY_SECONDS} seconds.",
            ).with_headers(Retry_After=str(RETRY_SECONDS))


@dataclass(frozen=True)
class Carrier:
    """What a request imports with."""

    settings: Settings
    engine: Engine
    budget: Budget
    slots: Slots

    @classmethod
    def of_request(cls) -> Self:
        """Of the one that is being answered."""
        settings: Settings = current_app.extensions["settings"]
        budget = (
            RequestBudget(g.began, settings.gunicorn_timeout, settings.import_handoff_fraction)
            if settings.hands_off
            else Unbounded()
        )
        return cls(settings, current_app.extensions["engine"], budget, current_app.extensions["slots"])

    @contextmanager
    def slot(self, mode: str = "sync") -> Iterator[Slot]:
        """A slot until the block ends. Raises Problem (400) for a mode that needs the worker where there is none."""
        if mode == "async":
            if self.settings.import_worker == "off":
                raise Problem(
                    400,
                    "bad-option",
                    "An option can't be used",
                    "The option mode is 'async', and there is no worker here (IMPORT_WORKER=off); "
                    "there are: auto, sync.",
                    option="mode",
                    allowed=["auto", "sync"],
                )
            yield Slot(self.settings, free=False)
            return
        with self.slots.one() as free:
            yield Slot(self.settings, free=free)

    @contextmanager
    def preview(self, options: Options, slot: Slot) -> Iterator[Preview]:
        """One of a file of several chunks that this request is to import by itself."""
        last = slot.rows_max(options.mode) if slot.owner == "web" else 0
        with preview(self.settings, options.on_duplicate, range(self.settings.import_chunk_rows + 1, last + 1)) as one:
            yield one

    def inspect(self, stream: IO[bytes], filename: str, options: Options, preview: Preview) -> Upload:
        """The upload, checked. Raises Problem (400, 413, 422), HandOffError."""
        return inspect(
            stream, filename, options.kind, self.settings.import_max_bytes, budget=self.budget, preview=preview
        )

    @contextmanager
    def in_time(self, otherwise: str) -> Iterator[None]:
        """The block under the budget. Raises Problem (503), which says *otherwise*, when it takes longer."""
        try:
            with self.budget.applied():
                yield
        except HandOffError as error:
            raise self._too_slow(otherwise) from error
        except OperationalError as error:
            if getattr(error.orig, "pgcode", None) != QUERY_CANCELED or not self.budget.is_over():
                raise
            raise self._too_slow(otherwise) from error

    def _too_slow(self, otherwise: str) -> Problem:
        return Problem(
            503,
            "not-in-time",
            "There was not enough time",
            f"This took longer than a request may (GUNICORN_TIMEOUT={self.settings.gunicorn_timeout}). {otherwise}",
        ).with_headers(Retry_After=str(RETRY_SECONDS))
