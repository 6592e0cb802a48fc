"""All rows of an import into the tables."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress, islice
from typing import Any

from sqlalchemy import text

from app.imports import held, source, upload
from app.imports.budget import Budget
from app.imports.chunk import Chunk, batches
from app.imports.claim import Claim
from app.imports.dialect import Dialect
from app.imports.kinds import KINDS
from app.imports.layout import understand
from app.imports.load import Loader
from app.imports.normalise import Normaliser, parts
from app.imports.repeats import Repeats
from app.imports.source import Row
from app.stages import StageClock
from app.storage.engine import transaction
from config import Settings

JOB = """
SELECT kind, on_duplicate, header, encoding, delimiter, list_id, campaign_id, rows_done, rows_total, counts
FROM imports WHERE id = :id
"""


@dataclass(frozen=True)
class Reading:
    """Where the rows of one import come from."""

    claim: Claim
    settings: Settings
    job: Any
    overhead: int  # characters beside a row's cells
    budget: Budget

    def batches(self, *, after: int) -> Any:
        """The rows behind the first *after* ones, by chunks; a licence line at the end is none of them."""
        pieces = upload.stored(self.claim.connection, self.claim.import_id)
        rows = source.rows(pieces, Dialect(self.job.encoding, self.job.delimiter), after=after)
        rest = islice(rows, self.job.rows_total - after)
        return batches(
            self.budget.checked(rest), self.settings.import_chunk_rows, self.settings.import_chunk_bytes, self.overhead
        )


class Pace:
    """How long a chunk may take, by the one before it."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._seconds_per_row = 0.0

    def seconds(self, rows: int) -> float:
        """For *rows* rows; 0 where there is nothing to go by."""
        return self._seconds_per_row * rows

    def note(self, rows: int) -> None:
        """So many more are in."""
        now = time.monotonic()
        self._seconds_per_row = (now - self._began) / rows
        self._began = now


def load_rows(claim: Claim, settings: Settings, clock: StageClock, budget: Budget) -> None:
    """Loads what is not loaded yet, chunk by chunk; with contacts to be synced unless OPENPHONE_SYNC=off.

    In transactions of its own, or in the one that is open. Raises FencedError, DuplicateError, and HandOffError where
    the next chunk will not fit into *budget*.
    """
    with transaction(claim.connection):
        job = claim.connection.execute(text(JOB), {"id": claim.import_id}).one()
    kind = KINDS[job.kind]
    layout = understand(job.header, kind)
    normaliser = Normaliser(kind, layout, settings.phone_default_region, settings.import_cell_max_chars)
    sync = settings.openphone_sync != "off"
    loader = Loader(claim, clock, kind, job.on_duplicate, sync, job.list_id, job.campaign_id, budget, job.counts)
    if job.rows_done < job.rows_total:
        _load_read(Reading(claim, settings, job, layout.overhead, budget), loader, normaliser)
    _load_held(loader, settings.import_chunk_rows)


def _load_read(reading: Reading, loader: Loader, normaliser: Normaliser) -> None:
    clock, job, budget = loader.clock, reading.job, loader.budget
    chunks = reading.batches(after=job.rows_done)
    pace = Pace()
    repeats: Repeats | None = None
    while True:
        with clock.stage("read"):
            rows: list[Row] | None = next(chunks, None)
        if rows is None:
            return
        budget.require(pace.seconds(len(rows)))
        several = len(rows) < job.rows_total
        if repeats is None and (several or loader.on_duplicate == "update"):
            with clock.stage("repeats"):
                batches = reading.batches(after=0) if several else [rows]
                repeats = Repeats.find(batches, normaliser, budget)
        with clock.stage("normalise"):
            chunk = Chunk(loader.kind, loader.on_duplicate, repeats if repeats and several else frozenset())
            alone = loader.on_duplicate == "update" and repeats
            rest = take_alone(chunk, rows, normaliser, alone, budget) if alone else rows
            for row in budget.checked(rest):
                chunk.add(normaliser.one(row))
        loader.load(chunk)
        pace.note(len(rows))


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


def _load_held(loader: Loader, things: int) -> None:
    """What rows of several chunks speak of; in the order in which one needs the other."""
    claim = loader.claim
    with transaction(claim.connection):
        if not held.are_there(claim):
            return
        if loader.on_duplicate != "update":
            with loader.clock.stage("merge"):
                sifted = held.sift(claim, loader.kind, loader.on_duplicate)
            loader.checkpoint(sifted, {})
    for target in loader.kind.targets:
        while True:
            loader.budget.check()
            with transaction(claim.connection):
                with loader.clock.stage("merge"):
                    chunk = held.take(claim, loader.kind, loader.on_duplicate, target, things)
                if chunk is None:
                    break
                loader.load(chunk)
