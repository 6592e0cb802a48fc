"""The chunks of an import: read, understood, ready to be staged."""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

import structlog
from sqlalchemy import Engine

from app.imports import source, upload
from app.imports.budget import Budget
from app.imports.chunk import Chunk
from app.imports.dialect import Dialect
from app.imports.gathered import Gathered
from app.imports.making import Maker, Ready
from app.imports.normalise import Normaliser
from app.imports.preview import Preview
from app.imports.reader import ReaderLostError
from app.imports.source import Progress, Rows
from app.imports.survey import SHORT_ROWS, Survey
from app.stages import StageClock
from config import Settings

log = structlog.get_logger()
Bytes = Callable[[], Iterator[bytes]]  # a file's, each time from its start


@dataclass(frozen=True)
class Reading:
    """Where the chunks of one import come from. *job* is its row, *clock* that of the thread which wants them.

    *preview*: of its file, where there is one.
    """

    engine: Engine
    settings: Settings
    job: Any
    normaliser: Normaliser
    clock: StageClock
    budget: Budget
    preview: Preview | None = None

    def chunks(self) -> Generator[Ready]:
        """Those that are not loaded yet; then what they held, where all of it was read by one process.

        Raises HandOffError, DuplicateError, SQLAlchemyError.
        """
        after = self.job.rows_done
        preview = self.preview
        if preview and preview.readers and preview.import_id == self.job.id:
            made = preview.readers.chunks(self.clock, self.budget)
            try:
                for ready in made:
                    after += ready.chunk.rows
                    yield ready
            except ReaderLostError as error:
                log.warning(
                    "reader lost, read on without it", import_id=str(self.job.id), after=after, error=str(error)
                )
                preview.end()  # or the others would keep what they have until the request is answered
            else:
                return
        with self.engine.connect() as connection:
            # By a connection of its own: another thread may be at work on the import's.
            yield from self._stored(partial(upload.stored, connection, self.job.id), after)

    def _stored(self, pieces: Bytes, after: int) -> Iterator[Ready]:
        """The chunks behind the first *after* rows, made ready here."""
        clock = self.clock.beside("reading")
        maker = Maker(self.normaliser, self.job.on_duplicate, self.budget)
        survey: Survey | None = None
        gathered = Gathered(self.normaliser.kind, wanted=not after and self._gathers)
        found = self._batches(pieces, after=after)
        while True:
            with clock.stage("read"):
                rows: Rows | None = next(found, None)
            if rows is None:
                break
            if survey is None:
                with clock.stage("repeats"):
                    survey = self._survey(pieces, rows)
            with clock.stage("normalise"):
                parts = maker.parts(rows, survey.phones)
                alone = () if parts else rows
                chunk = maker.chunk(parts, survey.repeats, alone, is_whole=self._is_whole(rows))
            del rows, alone, parts  # memory is that of one chunk here, and of one that is being merged
            gathered.add(chunk.held)
            yield self._ready(maker, chunk, clock)
            del chunk
            clock = self.clock.beside("reading")
        for chunk in gathered.chunks():
            yield self._ready(maker, chunk, clock)
            clock = self.clock.beside("reading")

    @property
    def _gathers(self) -> bool:
        return bool(self.job.on_duplicate == "update" and self.job.rows_total <= SHORT_ROWS)

    def _batches(self, pieces: Bytes, *, after: int) -> Iterator[Rows]:
        """The rows behind the first *after* ones, by chunks; a licence line at the end is none of them."""
        job, settings = self.job, self.settings
        progress = Progress()
        dialect = Dialect(job.encoding, job.delimiter)
        records = source.records(pieces(), dialect, progress)
        deque(islice(records, 1 + after), maxlen=0)  # the header, and what is done
        count, most = job.rows_total - after, settings.import_chunk_rows
        yield from source.batches(
            self.budget.checked(islice(records, count)),
            progress,
            source.sizes(count, most, settings.import_concurrency),
            settings.import_chunk_bytes,
            first=1 + after,
            overhead=self.normaliser.layout.overhead,
        )

    def _survey(self, pieces: Bytes, first: Rows) -> Survey:
        """Of the whole file; nothing where nobody asks."""
        survey = Survey.begun(self.job.rows_total)
        if self._is_whole(first):
            return survey.read([first] if self.job.on_duplicate == "update" else [], self.normaliser, self.budget)
        found = self.preview.survey if self.preview else None
        return found or survey.read(self._batches(pieces, after=0), self.normaliser, self.budget)

    def _ready(self, maker: Maker, chunk: Chunk, clock: StageClock) -> Ready:
        with clock.stage("copy"):
            written = maker.written(chunk, self.job.id)
        return Ready(chunk, written, clock.seconds)

    def _is_whole(self, rows: Rows) -> bool:
        return bool(len(rows) == self.job.rows_total)
