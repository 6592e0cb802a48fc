"""What came of the contacts of a batch, written down for every import that waits for it."""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection, text

from app.openphone.due import Due
from app.openphone.outbox import LINK

RETRY_SECONDS, RETRY_MAX_SECONDS = 30.0, 1800.0
LOCK = "SELECT FROM imports WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE"
# Also what was given up, or cancelled, while the call was on its way: it was told.
SETTLE = """
WITH told AS (
    SELECT * FROM unnest(
        CAST(:ids AS bigint[]), CAST(:results AS text[]), CAST(:errors AS text[]), CAST(:waits AS float8[])
    ) AS told (id, result, error, wait)
), before AS (
    SELECT entry.id, import_id, state, result, told.error, wait
    FROM openphone_outbox AS entry JOIN told USING (id)
    WHERE state = 'pending' OR state = 'failed' AND result = 'done'
    ORDER BY id FOR NO KEY UPDATE OF entry
), settled AS (
    UPDATE openphone_outbox AS entry SET
        state = result, error = before.error,
        attempts = attempts + CASE result WHEN 'done' THEN 0 ELSE 1 END,
        retry_at = now() + make_interval(secs => wait),
        settled_at = CASE result WHEN 'pending' THEN NULL ELSE now() END
    FROM before WHERE before.id = entry.id
)
SELECT import_id, count(*) FILTER (WHERE result = 'done') AS synced,
    count(*) FILTER (WHERE result = 'failed') - count(*) FILTER (WHERE state = 'failed') AS failed
FROM before GROUP BY import_id
"""
# Additions without a token: whoever imports meanwhile adds to other columns. Only the seconds it overwrites with its
# own at its next checkpoint.
COUNT = """
UPDATE imports SET
    contacts_synced = contacts_synced + :synced, contacts_failed = contacts_failed + :failed,
    openphone_calls = openphone_calls + :calls, openphone_cpu_seconds = openphone_cpu_seconds + :cpu,
    stage_seconds = stage_seconds || jsonb_build_object(
        'openphone', COALESCE(CAST(stage_seconds ->> 'openphone' AS float8), 0) + :openphone,
        'limit', COALESCE(CAST(stage_seconds ->> 'limit' AS float8), 0) + :limit)
WHERE id = :id
"""
COSTS = ("calls", "cpu", "openphone", "limit")
COUNTED = ("synced", "failed", *COSTS)


@dataclass(frozen=True)
class Outcome:
    """What came of one contact. *result*: the state of its entries now; pending is tried again in *wait* seconds.

    None leaves them as they are. *calls*, *cpu*, *openphone* and *limit* are what it cost: calls, and seconds.
    """

    due: Due
    result: Literal["done", "failed", "pending"] | None
    openphone_id: str | None = None
    error: str | None = None
    wait: float | None = None
    calls: int = 0
    cpu: float = 0.0
    openphone: float = 0.0
    limit: float = 0.0


def backoff(attempts: int) -> float:
    """Seconds before a contact is tried again that failed *attempts* times: doubled each time, then drawn."""
    longest = min(RETRY_MAX_SECONDS, RETRY_SECONDS * 2.0 ** min(attempts - 1, 30))
    return longest * random.uniform(0.5, 1)  # noqa: S311


def settle(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    """Writes it down, in two short transactions.

    Nobody waits in a circle for another: a merge locks contacts, then its import; a link needs its contact, so links
    are written before and apart. Whoever counts entries locks the imports first, in the order of their ids.
    """
    told = [outcome for outcome in outcomes if outcome.openphone_id]
    if told:
        with connection.begin():
            about = {"contacts": [outcome.due.id for outcome in told], "ids": [each.openphone_id for each in told]}
            connection.execute(text(LINK), about)
    if outcomes:
        with connection.begin():
            connection.execute(text(LOCK), {"ids": list({one for each in outcomes for one in each.due.imports})})
            _count(connection, outcomes, _settle(connection, outcomes))


def _settle(connection: Connection, outcomes: Sequence[Outcome]) -> dict[UUID, tuple[int, int]]:
    """Import -> how many more of its contacts are synced, and failed."""
    entries = [(entry, outcome) for outcome in outcomes if outcome.result for entry in outcome.due.entries]
    about = {
        "ids": [entry for entry, _ in entries],
        "results": [outcome.result for _, outcome in entries],
        "errors": [outcome.error for _, outcome in entries],
        "waits": [outcome.wait for _, outcome in entries],
    }
    return {row.import_id: (row.synced, row.failed) for row in connection.execute(text(SETTLE), about)}


def _count(connection: Connection, outcomes: Sequence[Outcome], settled: Mapping[UUID, tuple[int, int]]) -> None:
    counts: dict[UUID, dict[str, float]] = defaultdict(lambda: dict.fromkeys(COUNTED, 0))
    for import_id, (synced, failed) in settled.items():
        counts[import_id] |= {"synced": synced, "failed": failed}
    for outcome in outcomes:
        for cost in COSTS:
            counts[outcome.due.payer][cost] += getattr(outcome, cost)
    connection.execute(text(COUNT), [{"id": import_id, **counted} for import_id, counted in counts.items()])
