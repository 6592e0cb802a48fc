"""The chunks of an import, from its upload: read, understood, ready to be staged."""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, compress, islice, repeat
from typing import Any, NamedTuple

from sqlalchemy import Engine

from app.imports import source, upload
from app.imports.budget import Budget
from app.imports.chunk import Chunk
from app.imports.dialect import Dialect
from app.imports.gathered import Gathered
from app.imports.normalise import Normaliser
from app.imports.source import Progress, Row, Rows
from app.imports.staging import Staged, staged
from app.imports.survey import SHORT_ROWS, Survey
from app.imports.targets import TARGETS
from app.stages import StageClock
from config import Settings

# Of a file in several chunks: until the first one is there PostgreSQL has nothing to do.
FIRST_ROWS = 2000


class Ready(NamedTuple):
    """A chunk, what it *said* where that does not depend on the database, and the seconds it took by stage."""

    chunk: Chunk
    said: Mapping[str, Staged] | None
    seconds: Mapping[str, float]

    @property
    def is_after_all(self) -> bool:
        """Whether it refers to what chunks before it put in, and can't be merged beside them."""
        settles = self.chunk.settles
        return bool(settles and TARGETS[settles].joined)


Bytes = Callable[[], Iterator[bytes]]  # a file's, each time from its start


@dataclass(frozen=True)
class Reading:
    """Where the chunks of one import come from. *job* is its row, *clock* that of the thread which wants them.

    *survey*: of its file, where there is one.
    """

    engine: Engine
    settings: Settings
    job: Any
    normaliser: Normaliser
    clock: StageClock
    budget: Budget
    survey: Survey | None = None

    def chunks(self) -> Generator[Ready]:
        """Those that are not loaded yet; then what they held, where all of it was read here.

        Raises HandOffError, DuplicateError, SQLAlchemyError.
        """
        clock = self.clock.beside("reading")
        survey: Survey | None = None
        gathered = Gathered(self.normaliser.kind, wanted=self._gathers)
        with self._opened() as pieces:
            found = self._batches(pieces, after=self.job.rows_done)
            while True:
                with clock.stage("read"):
                    rows: Rows | None = next(found, None)
                if rows is None:
                    break
                if survey is None:
                    with clock.stage("repeats"):
                        survey = self._survey(pieces, rows)
                with clock.stage("normalise"):
                    chunk = self._chunk(rows, survey)
                del rows  # memory is that of one chunk here, and of one that is being merged
                gathered.add(chunk.held)
                yield self._ready(chunk, clock)
                del chunk
                clock = self.clock.beside("reading")
        for chunk in gathered.chunks():
            yield self._ready(chunk, clock)
            clock = self.clock.beside("reading")

    @property
    def _gathers(self) -> bool:
        return self.job.on_duplicate == "update" and not self.job.rows_done and self.job.rows_total <= SHORT_ROWS

    def _ready(self, chunk: Chunk, clock: StageClock) -> Ready:
        said = None
        if not chunk.identities:
            with clock.stage("copy"):
                said = staged(chunk, self.budget)
            chunk.forget()
        return Ready(chunk, said, clock.seconds)

    @contextmanager
    def _opened(self) -> Iterator[Bytes]:
        """The file: that of the request, or as it is stored.

        By a connection of its own: another thread may be at work on the import's.
        """
        if self.survey and self.survey.pieces:
            yield self.survey.pieces
        else:
            with self.engine.connect() as connection:
                yield lambda: upload.stored(connection, self.job.id)

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
            chain([min(FIRST_ROWS, most) if count > most else most], repeat(most)),
            settings.import_chunk_bytes,
            first=1 + after,
            overhead=self.normaliser.layout.overhead,
        )

    def _survey(self, pieces: Bytes, first: Rows) -> Survey:
        """Of the whole file; nothing where nobody asks."""
        survey = Survey.begun(self.job.rows_total)
        if self._is_whole(first):
            return survey.read([first] if self.job.on_duplicate == "update" else [], self.normaliser, self.budget)
        return self.survey or survey.read(self._batches(pieces, after=0), self.normaliser, self.budget)

    def _is_whole(self, rows: Rows) -> bool:
        return bool(len(rows) == self.job.rows_total)

    def _chunk(self, rows: Rows, survey: Survey) -> Chunk:
        policy, normaliser = self.job.on_duplicate, self.normaliser
        chunk = Chunk(normaliser.kind, policy, frozenset() if self._is_whole(rows) else survey.repeats)
        rest = take_alone(chunk, rows, normaliser, survey, self.budget) if policy == "update" else rows
        for row in self.budget.checked(rest):
            chunk.add(normaliser.one(row))
        return chunk


def take_alone(chunk: Chunk, rows: Rows, normaliser: Normaliser, survey: Survey, budget: Budget) -> list[Row]:
    """Takes those good *rows* into *chunk* that have nothing in common with any other; what is left of *rows*.

    Raises HandOffError where *budget* is used up.
    """
    rest: list[Row] = []
    for some in budget.checked(rows.parts(), every=1):
        blocks, apart = normaliser.blocks(some, survey.phones.of(some))
        for target in ("contacts", "properties"):
            for block in blocks.get(target, ()):
                apart.update(compress(block.rows, survey.repeats.among(block.keys)))
        chunk.take(blocks, [at not in apart for at in range(len(some))])
        rest += [some[at] for at in sorted(apart)]
    return rest
