"""All rows of an import into the tables."""

import time
from functools import partial

from sqlalchemy import text

from app.imports import held, interpreter, lanes
from app.imports.ahead import Ahead
from app.imports.budget import Budget
from app.imports.claim import Claim
from app.imports.deadlock import outlast
from app.imports.kinds import KINDS
from app.imports.layout import understand
from app.imports.load import Loader
from app.imports.normalise import Normaliser
from app.imports.preview import Preview
from app.imports.reading import Reading
from app.imports.staging import prepare
from app.stages import StageClock
from app.storage.engine import transaction
from config import Settings

JOB = """
SELECT id, kind, on_duplicate, header, encoding, delimiter, list_id, campaign_id, rows_done, rows_total, counts
FROM imports WHERE id = :id
"""
HELD_THINGS = 5000  # merged at a time: each takes several times the memory of a row that comes by column


def load_rows(
    claim: Claim, settings: Settings, clock: StageClock, budget: Budget, preview: Preview | None = None
) -> None:
    """Loads what is not loaded yet, chunk by chunk; with contacts to be synced unless OPENPHONE_SYNC=off.

    In transactions of its own, or in the one that is open. *preview*: of the file, where there is one. Raises
    FencedError, DuplicateError, and HandOffError where the next chunk will not fit into *budget*.
    """
    with transaction(claim.connection):
        job = claim.connection.execute(text(JOB), {"id": claim.import_id}).one()
    kind = KINDS[job.kind]
    layout = understand(job.header, kind)
    normaliser = Normaliser(kind, layout, settings.phone_default_region, settings.import_cell_max_chars)
    sync = settings.openphone_sync != "off"
    loader = Loader(claim, clock, clock, kind, job.on_duplicate, sync, job.list_id, job.campaign_id, budget, job.counts)
    prepare(claim.connection, kind)
    if job.rows_done < job.rows_total:
        ahead = Ahead(budget)
        reading = Reading(claim.connection.engine, settings, job, normaliser, clock, ahead, preview)
        several = job.rows_total - job.rows_done > settings.import_chunk_rows
        _load_read(reading, ahead, loader, settings.import_concurrency if several else 1)
    _load_held(loader, min(HELD_THINGS, settings.import_chunk_rows))


def _load_read(reading: Reading, ahead: Ahead, loader: Loader, concurrency: int) -> None:
    """Chunk after chunk, each while the next is made ready, and the one before it may still be under way."""
    with interpreter.tuned(), ahead.items(reading.chunks) as chunks, lanes.opened(loader, concurrency) as opened:
        while True:
            opened.room()
            asked = time.perf_counter()
            ready = next(chunks, None)
            if ready is None:
                break
            loader.clock.waited(time.perf_counter() - asked, ready.seconds)
            opened.load(ready)
            del ready  # before there is another
        opened.finish()


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
        while outlast(partial(_load_next, loader, target, things), claim.connection):
            pass


def _load_next(loader: Loader, target: str, things: int) -> bool:
    """Whether there was anything left of *target*."""
    loader.budget.check()
    with transaction(loader.claim.connection):
        with loader.clock.stage("merge"):
            chunk = held.take(loader.claim, loader.kind, loader.on_duplicate, target, things)
        if chunk:
            loader.load(chunk)
    return chunk is not None
