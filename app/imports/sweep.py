"""Imports that nobody works on: said to be interrupted, and given to the worker where that is its business."""

import time
from collections.abc import Callable, Iterable
from uuid import UUID

import structlog
from sqlalchemy import Engine, text

from app import audit
from app.imports.cancel import tidy
from app.imports.claim import IS_INTERRUPTED, LOCK_IS_FREE, Claim, take
from app.imports.deaths import Death
from app.imports.errors import BusyError, FencedError, FinishedError
from app.imports.status import Status

log = structlog.get_logger()
AT_ONCE = 50  # messages of one sweep; the rest waits for one of the next
# A message that is on its way is given this long before another follows it.
AGAIN_SECONDS = 10
REASON_SECONDS = 1.0  # so long a note of the worker's end is waited for
DEATHS_KEPT = 1000
# Received without a lock: the lock of a request is taken before its import can be seen.
DEAD = f"""
SELECT id, process, owner FROM imports
WHERE finished_at IS NULL AND {IS_INTERRUPTED}
ORDER BY number LIMIT {AT_ONCE}
"""  # noqa: S608 - constants
ADOPT = """
UPDATE imports SET owner = 'worker' WHERE finished_at IS NULL AND status = 'interrupted' AND owner = 'web'
"""
WAITING = f"""
UPDATE imports SET woken_at = clock_timestamp() WHERE id IN (
    SELECT id FROM imports
    WHERE finished_at IS NULL AND owner = 'worker' AND {LOCK_IS_FREE}
      AND (retry_at IS NULL OR retry_at <= clock_timestamp())
      AND (woken_at IS NULL OR woken_at <= clock_timestamp() - make_interval(secs => {AGAIN_SECONDS}))
    ORDER BY number LIMIT {AT_ONCE})
RETURNING id
"""  # noqa: S608


class Sweep:
    """Goes round again and again. *adopt*: whether the worker takes up what dead requests have left, too."""

    def __init__(self, engine: Engine, *, adopt: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._adopt = adopt
        self._clock = clock
        self._deaths: dict[str, Death] = {}
        self._seen: dict[UUID, float] = {}

    def __call__(self, deaths: Iterable[Death]) -> list[UUID]:
        """Marks what is dead as interrupted; returns the imports that a worker is to be woken for.

        *deaths*: those since the last round.
        """
        self._deaths |= {death.process: death for death in deaths}
        with self._engine.begin() as connection:
            dead = connection.execute(text(DEAD)).all()
        self._seen = {row.id: self._seen.get(row.id, self._clock()) for row in dead}
        for row in dead:
            death = self._deaths.pop(row.process or "", None)
            # A worker that is being killed lets go of its lock a moment before it has ended.
            if death or row.owner == "worker" or self._clock() - self._seen[row.id] >= REASON_SECONDS:
                _interrupt(self._engine, row.id, death)
        if len(self._deaths) > DEATHS_KEPT:
            self._deaths.clear()
        with self._engine.begin() as connection:
            tidy(connection)
            if self._adopt:
                connection.execute(text(ADOPT))
            return list(connection.execute(text(WAITING)).scalars())


def _interrupt(engine: Engine, import_id: UUID, death: Death | None) -> None:
    try:
        claim = take(engine, import_id)
    except (BusyError, FinishedError, LookupError):
        return
    with claim, claim.connection.begin():
        try:
            _mark(claim, death)
        except FencedError:
            return
    log.warning("import interrupted", import_id=str(import_id), death=death and death.kind)


def _mark(claim: Claim, death: Death | None) -> None:
    # A new token: a worker that lost its session, not its life, writes nothing any more.
    marked = claim.connection.execute(
        text(
            "UPDATE imports SET status = :interrupted, error = :error, fencing_token = fencing_token + 1,"
            " woken_at = NULL WHERE id = :id AND status = ANY(:before)"
        ),
        {
            "interrupted": Status.INTERRUPTED,
            "error": _reason(death),
            "id": claim.import_id,
            "before": [Status.RECEIVED, Status.RUNNING],
        },
    )
    if marked.rowcount != 1:
        raise FencedError
    audit.record(
        claim.connection,
        "import.interrupted",
        str(claim.import_id),
        api_key_id=None,
        process=death and death.process,
        reason=death and death.kind,
    )


def _reason(death: Death | None) -> str:
    if death is None:
        return "The process that worked on it is gone."
    if death.kind == "timeout":
        return (
            f"Gunicorn ended the worker that imported it ({death.process}): the request took longer than its timeout."
        )
    return f"The worker that imported it ({death.process}) ended."
