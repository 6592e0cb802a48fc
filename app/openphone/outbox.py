"""An import's outbox, drained in small batches."""

from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.imports.budget import MARKING, Budget
from app.imports.claim import Claim
from app.openphone.caller import Answer, Caller
from app.openphone.errors import CallFailedError, OpenPhoneDownError, RejectedError
from app.stages import StageClock

PENDING = """
SELECT contact_id FROM openphone_outbox
WHERE import_id = :import_id AND state = 'pending' AND contact_id <> ALL(CAST(:aside AS uuid[]))
ORDER BY id LIMIT :batch
"""
# Whoever syncs a contact holds its lock from before reading it until after the call, so that of two imports that
# changed it the later change is also the later call. Only tried, never waited for: the other import may hold it for as
# long as its retries take, and a wait inside PostgreSQL would end in SIGKILL. Session locks end with the connection.
TRY = "SELECT id, pg_try_advisory_lock(hashtextextended(id::text, 0)) AS mine FROM unnest(CAST(:ids AS uuid[])) AS id"
UNLOCK = "SELECT pg_advisory_unlock(hashtextextended(id::text, 0)) FROM unnest(CAST(:ids AS uuid[])) AS id"
CONTACTS = """
SELECT contacts.*, openphone_id FROM openphone_outbox JOIN contacts ON contacts.id = contact_id
LEFT JOIN openphone_links USING (contact_id)
WHERE import_id = :import_id AND contact_id = ANY(:ids) AND openphone_outbox.state = 'pending'
ORDER BY openphone_outbox.id
"""
LINK = """
INSERT INTO openphone_links (contact_id, openphone_id)
SELECT * FROM unnest(CAST(:contacts AS uuid[]), CAST(:ids AS text[]))
ON CONFLICT (contact_id) DO UPDATE SET openphone_id = EXCLUDED.openphone_id, synced_at = now()
"""
# What another import failed to tell of this contact has been told now, too.
DONE = """
WITH told AS (
    SELECT id FROM openphone_outbox
    WHERE contact_id = ANY(:contacts) AND state <> 'done' AND (import_id = :import_id OR state = 'failed')
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE openphone_outbox AS entry SET state = 'done', error = NULL, settled_at = now()
FROM told WHERE told.id = entry.id
"""
FAILED = """
UPDATE openphone_outbox SET state = 'failed', error = :error, settled_at = now()
WHERE import_id = :import_id AND contact_id = :contact_id
"""
COUNT = """
    contacts_synced = contacts_synced + :synced, contacts_failed = contacts_failed + :failed,
    openphone_calls = openphone_calls + :calls, openphone_cpu_seconds = openphone_cpu_seconds + :cpu,
    stage_seconds = CAST(:stages AS jsonb)
"""
LOCKED_ELSEWHERE_SECONDS = 0.05
FAILING_IN_A_ROW = 3  # so many contacts in a row that draw server errors, and it is not the contacts


class Outbox:
    """What one import has yet to tell OpenPhone."""

    def __init__(self, claim: Claim, clock: StageClock, caller: Caller, batch: int) -> None:
        self._claim = claim
        self._clock = clock
        self._caller = caller
        self._batch = batch
        self._aside: dict[UUID, str] = {}  # contacts that draw server errors, and what was said
        self._failing: set[int] = set()  # their places among all that were told
        self._told = 0

    def drain(self, budget: Budget) -> None:
        """Syncs batch after batch until nothing is pending. Raises OpenPhoneDownError, FencedError, HandOffError.

        A kill in the middle of a batch leaves the whole batch pending; repeating it doubles nothing. A contact that
        draws server errors does not hold up those behind it; it stays pending.
        """
        with self._clock.stage("openphone"), self._caller.within(budget, self._clock):
            while ids := self._pending():
                budget.check()
                if mine := self._lock(ids):
                    self._sync(mine, budget)
                else:
                    budget.sleep(LOCKED_ELSEWHERE_SECONDS)
        if self._aside:
            first = next(iter(self._aside.values()))
            raise OpenPhoneDownError(
                f"{len(self._aside)} contacts drew server errors and are still to be synced: {first}"
            )

    def _pending(self) -> list[UUID]:
        with self._claim.connection.begin():
            found = self._claim.connection.execute(
                text(PENDING),
                {"import_id": self._claim.import_id, "aside": list(self._aside), "batch": self._batch},
            )
            return list(found.scalars())

    def _lock(self, ids: list[UUID]) -> list[UUID]:
        with self._claim.connection.begin():
            return [row.id for row in self._claim.connection.execute(text(TRY), {"ids": ids}) if row.mine]

    def _sync(self, ids: list[UUID], budget: Budget) -> None:
        connection = self._claim.connection
        # No "finally: unlock": whatever goes wrong, the claim's connection goes back to the pool, without its locks.
        with connection.begin():
            found = connection.execute(text(CONTACTS), {"import_id": self._claim.import_id, "ids": ids})
            contacts = [dict(row) for row in found.mappings()]
        self._push(contacts, budget)
        with connection.begin():
            connection.execute(text(UNLOCK), {"ids": ids})

    def _push(self, contacts: list[dict[str, Any]], budget: Budget) -> None:
        """Calls for each contact, then marks those that were answered, also when a later call gives up or is killed."""
        done: dict[UUID, str] = {}
        failed: dict[UUID, str] = {}
        calls, cpu, first = self._caller.calls, self._caller.cpu, self._told
        self._told += len(contacts)

        def ready() -> None:
            # Before each call: a session that is lost has lost its locks, and must not write to OpenPhone either.
            self._claim.check()
            budget.check()

        def note(number: int, answer: Answer) -> None:
            contact_id = contacts[number]["id"]
            if isinstance(answer, RejectedError):
                failed[contact_id] = str(answer)
            elif isinstance(answer, CallFailedError):
                self._set_aside(contact_id, first + number, str(answer))
            else:
                done[contact_id] = answer

        try:
            self._caller.tell(contacts, ready, note)
        finally:
            with budget.closing(MARKING):
                self._mark(done, failed, self._caller.calls - calls, self._caller.cpu - cpu)

    def _set_aside(self, contact_id: UUID, place: int, said: str) -> None:
        """In a row are those that were begun one after another, whichever was answered first."""
        self._aside[contact_id] = said
        self._failing.add(place)
        before = next(number for number in count() if place - number - 1 not in self._failing)
        behind = next(number for number in count() if place + number + 1 not in self._failing)
        if before + 1 + behind >= FAILING_IN_A_ROW:
            raise OpenPhoneDownError(said)

    def _mark(self, done: dict[UUID, str], failed: dict[UUID, str], calls: int, cpu: float) -> None:
        connection, mine = self._claim.connection, {"import_id": self._claim.import_id}
        with connection.begin():
            self._claim.write(
                COUNT, synced=len(done), failed=len(failed), calls=calls, cpu=cpu, stages=self._clock.as_json()
            )
            if done:
                connection.execute(text(LINK), {"contacts": list(done), "ids": list(done.values())})
                connection.execute(text(DONE), {"contacts": list(done), **mine})
            if failed:
                marks = [{"contact_id": contact_id, "error": error, **mine} for contact_id, error in failed.items()]
                connection.execute(text(FAILED), marks)
