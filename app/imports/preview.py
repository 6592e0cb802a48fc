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
        self._settings = settings
        self._on_duplicate = on_duplicate
        self._rows = rows

    def begin(self, stream: IO[bytes], file: File) -> None:
        """Begins with a *file*. Where its rows have several lines it may be for nothing."""
        if file.lines in self._rows:
            settings = self._settings
            self.survey = Survey.begun(file.lines)
            self._normaliser = Normaliser(
                file.kind, file.layout, settings.phone_default_region, settings.import_cell_max_chars
            )
            if self._on_duplicate == "update":
                try:
                    self.readers = Readers(stream, file, self._normaliser, settings)
                except OSError as error:
                    log.warning("no process for a reader", error=str(error))

    def seen(self, budget: Budget) -> Seen | None:
        """What its readers have found, if they could read it; whoever reads it without them gets to know why not.

        Raises HandOffError.
        """
        if not self.readers:
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
        return seen

    def add(self, rows: Rows) -> None:
        """Takes in the next *rows*, of a file that is read without readers."""
        if self.survey:
            self.survey.add(rows, self._normaliser)

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
