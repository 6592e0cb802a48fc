"""What is found out of a file, and made ready of it, while intake looks through it anyway."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import structlog

from app.imports.layout import Layout
from app.imports.normalise import Normaliser
from app.imports.reader import Reader
from app.imports.reader_work import File
from app.imports.source import Rows
from app.imports.survey import Survey
from config import Settings

log = structlog.get_logger()


class Preview:
    """Of a file that seems to have one of so many *rows*; nothing of another. To be ended."""

    def __init__(self, settings: Settings, on_duplicate: str, rows: range) -> None:
        self.survey: Survey | None = None
        self.reader: Reader | None = None
        self._settings = settings
        self._on_duplicate = on_duplicate
        self._rows = rows

    def begin(self, stream: IO[bytes], file: File) -> None:
        """Begins with a *file*. Where its rows have several lines it may be for nothing."""
        if file.lines in self._rows:
            self._kind = file.kind
            self.survey = Survey.begun(file.lines)
            if self._on_duplicate == "update":
                try:
                    self.reader = Reader(stream, file, self._settings)
                except OSError as error:
                    log.warning("no process for a reader", error=str(error))

    def add(self, layout: Layout, rows: Rows) -> None:
        """Takes in the next *rows*."""
        if self.survey:
            settings = self._settings
            normaliser = Normaliser(self._kind, layout, settings.phone_default_region, settings.import_cell_max_chars)
            self.survey.add(rows, normaliser)

    def end(self) -> None:
        """Nobody wants it any more."""
        if self.reader:
            self.reader.end()
            self.reader = None


@contextmanager
def preview(settings: Settings, on_duplicate: str, rows: range) -> Iterator[Preview]:
    """One until the end of the block."""
    begun = Preview(settings, on_duplicate, rows)
    try:
        yield begun
    finally:
        begun.end()
