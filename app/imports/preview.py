"""What is found out of a file, and made ready of it, before it is accepted."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from uuid import uuid4

import structlog

from app.imports.budget import Budget
from app.imports.excerpt import File
from app.imports.normalise import Normaliser
from app.imports.reader import ReaderLostError, Readers
from app.imports.reader_work import Seen
from app.imports.source import Rows
from app.imports.survey import Survey
from config import Settings

log = structlog.get_logger()


class Preview:
    """Of a file that seems to have one of so many *rows*; nothing of another. To be ended.

    *import_id*: that of the import to be made of it.
    """

    def __init__(self, settings: Settings, on_duplicate: str, rows: range) -> None:
        self.import_id = uuid4()
        self.survey: Survey | None = None
        self.readers: Readers | None = None
        self._file: File | None = None
        self._settings = settings
        self._on_duplicate = on_duplicate
        self._rows = rows

    def wants(self, lines: int) -> bool:
        """Whether a file of so many *lines* is for it. Where its rows have several, it may be for nothing."""
        return lines in self._rows

    def begin(self, stream: IO[bytes], file: File) -> None:
        """Begins with what seems to be a *file* by its first bytes."""
        self._file = file
        if self._on_duplicate == "update":
            try:
                self.readers = Readers(stream, file, self._normaliser(file), self._settings)
            except OSError as error:
                log.warning("no process for a reader", error=str(error))

    def seen(self, stream: IO[bytes], file: File, budget: Budget) -> Seen | None:
        """What its readers have found, if they could read it; whoever reads it without them gets to know why not.

        *file*: as it is by all its bytes; where it seemed to be another, they begin once more. Raises HandOffError.
        """
        if not self.wants(file.lines):
            return None
        if file != self._file:
            self.end()
            self.begin(stream, file)
        if not self.readers:
            self.survey = Survey.begun(file.lines)
            return None
        try:
            seen = self.readers.seen(self.import_id, budget)
        except ReaderLostError as error:
            log.warning("reader lost before the upload was accepted", error=str(error))
            seen = None
        if seen:
            self.survey = Survey(seen.repeats)
        else:
            self.end()
            self.survey = Survey.begun(file.lines)
        return seen

    def _normaliser(self, file: File) -> Normaliser:
        settings = self._settings
        return Normaliser(file.kind, file.layout, settings.phone_default_region, settings.import_cell_max_chars)

    def add(self, rows: Rows) -> None:
        """Takes in the next *rows*, of a file that is read without readers."""
        if self.survey and self._file:
            self.survey.add(rows, self._normaliser(self._file))

    def end(self) -> None:
        """Nobody wants its readers any more."""
        if self.readers:
            self.readers.end()
            self.readers = None


@contextmanager
def preview(settings: Settings, on_duplicate: str, rows: range) -> Iterator[Preview]:
    """One until the end of the block."""
    begun = Preview(settings, on_duplicate, rows)
    try:
        yield begun
    finally:
        begun.end()
