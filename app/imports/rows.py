"""All rows of an import into the tables."""

from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import text

from app.imports import held, source, upload
from app.imports.chunk import Chunk, batches
from app.imports.claim import Claim
from app.imports.dialect import Dialect
from app.imports.kinds import KINDS
from app.imports.layout import understand
from app.imports.load import Loader
from app.imports.normalise import Normaliser
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

    def batches(self, *, after: int) -> Any:
        """The rows behind the first *after* ones, by chunks; a licence line at the end is none of them."""
        pieces = upload.stored(self.claim.connection, self.claim.import_id)
        rows = source.rows(pieces, Dialect(self.job.encoding, self.job.delimiter), after=after)
        rest = islice(rows, self.job.rows_total - after)
        return batches(rest, self.settings.import_chunk_rows, self.settings.import_chunk_bytes, self.overhead)


def load_rows(claim: Claim, settings: Settings, clock: StageClock, *, sync: bool) -> None:
    """Loads what is not loaded yet, chunk by chunk; with contacts to be synced if *sync*.

    In transactions of its own, or in the one that is open. Raises FencedError, DuplicateError.
    """
    with transaction(claim.connection):
        job = claim.connection.execute(text(JOB), {"id": claim.import_id}).one()
    kind = KINDS[job.kind]
    layout = understand(job.header, kind)
    normaliser = Normaliser(kind, layout, settings.phone_default_region, settings.import_cell_max_chars)
    loader = Loader(claim, clock, kind, job.on_duplicate, sync, job.list_id, job.campaign_id, job.counts)
    if job.rows_done < job.rows_total:
        _load_read(Reading(claim, settings, job, layout.overhead), loader, normaliser)
    _load_held(loader, settings.import_chunk_rows)


def _load_read(reading: Reading, loader: Loader, normaliser: Normaliser) -> None:
    clock, job = loader.clock, reading.job
    chunks = reading.batches(after=job.rows_done)
    repeats: Repeats | None = None
    while True:
        with clock.stage("read"):
            rows: list[Row] | None = next(chunks, None)
        if rows is None:
            return
        if repeats is None and len(rows) < job.rows_total:  # else the whole file is this chunk
            with clock.stage("repeats"):
                repeats = Repeats.find(loader.claim.connection, reading.batches(after=0), normaliser)
        with clock.stage("normalise"):
            chunk = Chunk(loader.kind, loader.on_duplicate, repeats.of(rows) if repeats else frozenset())
            for outcome in normaliser.all(rows):
                chunk.add(outcome)
        loader.load(chunk)


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
            with transaction(claim.connection):
                with loader.clock.stage("merge"):
                    chunk = held.take(claim, loader.kind, loader.on_duplicate, target, things)
                if chunk is None:
                    break
                loader.load(chunk)
