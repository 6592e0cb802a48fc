"""The chunks of an import, from its stored upload: read, understood, ready to be staged."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, compress, islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine

from app.imports import source, upload
from app.imports.budget import Budget
from app.imports.chunk import Chunk, batches
from app.imports.dialect import Dialect
from app.imports.normalise import Normaliser, parts
from app.imports.repeats import Repeats
from app.imports.source import Row
from app.imports.staging import Staged, staged
from app.stages import StageClock
from config import Settings

# Of a file in several chunks: until the first one is there PostgreSQL has nothing to do.
FIRST_ROWS = 2000


class Ready(NamedTuple):
    """A chunk, what it *said* where that does not depend on the database, and the seconds it took by stage."""

    chunk: Chunk
    said: Mapping[str, Staged] | None
    seconds: Mapping[str, float]


@dataclass(frozen=True)
class Reading:
    """Where the chunks of one import come from. *job* is its row, *clock* that of the thread which wants them.

    *repeats*: what more than one row speaks of, where that is known.
    """

    engine: Engine
    settings: Settings
    job: Any
    normaliser: Normaliser
    clock: StageClock
    budget: Budget
    repeats: Repeats | None = None

    def chunks(self) -> Generator[Ready]:
        """Those that are not loaded yet. Raises HandOffError, DuplicateError, SQLAlchemyError.

        By a connection of its own: another thread may be at work on the import's.
        """
        clock = self.clock.beside("reading")
        repeats: Repeats | None = None
        with self.engine.connect() as connection:
            found = self._batches(connection, after=self.job.rows_done)
            while True:
                with clock.stage("read"):
                    rows: list[Row] | None = next(found, None)
                if rows is None:
                    return
                if repeats is None:
                    with clock.stage("repeats"):
                        repeats = self._repeats(connection, rows)
                with clock.stage("normalise"):
                    chunk = self._chunk(rows, repeats)
                del rows  # memory is that of one chunk here, and of one that is being merged
                said = None
                if not chunk.identities:
                    with clock.stage("copy"):
                        said = staged(chunk, self.budget)
                    chunk.forget()
                yield Ready(chunk, said, clock.seconds)
                del chunk, said
                clock = self.clock.beside("reading")

    def _batches(self, connection: Connection, *, after: int) -> Iterator[list[Row]]:
        """The rows behind the first *after* ones, by chunks; a licence line at the end is none of them."""
        job, settings = self.job, self.settings
        pieces = upload.stored(connection, job.id)
        rows = source.rows(pieces, Dialect(job.encoding, job.delimiter), after=after)
        count = job.rows_total - after
        most, overhead = settings.import_chunk_rows, self.normaliser.layout.overhead
        rest = self.budget.checked(islice(rows, count))
        first = min(FIRST_ROWS, most) if count > most else most
        return chain(
            batches(islice(rest, first), most, settings.import_chunk_bytes, overhead),
            batches(rest, most, settings.import_chunk_bytes, overhead),
        )

    def _repeats(self, connection: Connection, first: list[Row]) -> Repeats:
        """Of the whole file; nothing where nobody asks."""
        if self._is_whole(first):
            return Repeats.find([first] if self.job.on_duplicate == "update" else [], self.normaliser, self.budget)
        return self.repeats or Repeats.find(self._batches(connection, after=0), self.normaliser, self.budget)

    def _is_whole(self, rows: list[Row]) -> bool:
        return bool(len(rows) == self.job.rows_total)

    def _chunk(self, rows: list[Row], repeats: Repeats) -> Chunk:
        policy, normaliser = self.job.on_duplicate, self.normaliser
        chunk = Chunk(normaliser.kind, policy, frozenset() if self._is_whole(rows) else repeats)
        rest = take_alone(chunk, rows, normaliser, repeats, self.budget) if policy == "update" else rows
        for row in self.budget.checked(rest):
            chunk.add(normaliser.one(row))
        return chunk


def take_alone(
    chunk: Chunk, rows: Sequence[Row], normaliser: Normaliser, repeats: Repeats, budget: Budget
) -> list[Row]:
    """Takes those good *rows* into *chunk* that have nothing in common with any other; what is left of *rows*.

    Raises HandOffError where *budget* is used up.
    """
    rest: list[Row] = []
    for some in budget.checked(parts(rows), every=1):
        blocks, apart = normaliser.blocks(some)
        for target in ("contacts", "properties"):
            for block in blocks.get(target, ()):
                apart.update(compress(block.rows, map(repeats.has, block.keys)))
        chunk.take(blocks, [at not in apart for at in range(len(some))])
        rest += [some[at] for at in sorted(apart)]
    return rest
