"""An import's outbox, drained in small batches."""

import json
from time import thread_time
from typing import Any

from sqlalchemy import text

from app.imports.claim import Claim
from app.imports.stages import StageClock
from app.openphone.client import Client
from app.openphone.contacts import push
from app.openphone.errors import RejectedError

PENDING = """
SELECT contact_id FROM openphone_outbox WHERE import_id = :import_id AND state = 'pending' ORDER BY id LIMIT :batch
"""
# Whoever syncs a contact holds its lock from before reading it until after the call, so that of two imports that
# changed it the later change is also the later call. In key order: no deadlock. Session locks end with the connection.
KEYS = (
    "SELECT DISTINCT hashtextextended(id::text, 0) AS key FROM unnest(CAST(:ids AS uuid[])) AS id ORDER BY key OFFSET 0"
)
LOCK = f"SELECT pg_advisory_lock(key) FROM ({KEYS}) AS keys"  # noqa: S608
UNLOCK = f"SELECT pg_advisory_unlock(key) FROM ({KEYS}) AS keys"  # noqa: S608
CONTACTS = """
SELECT contacts.*, openphone_id FROM openphone_outbox JOIN contacts ON contacts.id = contact_id
LEFT JOIN openphone_links USING (contact_id)
WHERE import_id = :import_id AND contact_id = ANY(:ids) ORDER BY openphone_outbox.id
"""
LINK = """
INSERT INTO openphone_links (contact_id, openphone_id) VALUES (:contact_id, :openphone_id)
ON CONFLICT (contact_id) DO UPDATE SET openphone_id = EXCLUDED.openphone_id, synced_at = now()
"""
MARK = """
UPDATE openphone_outbox SET state = :state, error = :error
WHERE import_id = :import_id AND contact_id = :contact_id
"""
COUNT = """
    contacts_synced = contacts_synced + :synced, contacts_failed = contacts_failed + :failed,
    openphone_calls = openphone_calls + :calls, openphone_cpu_seconds = openphone_cpu_seconds + :cpu,
    stage_seconds = CAST(:stages AS jsonb)
"""


class Outbox:
    """What one import has yet to tell OpenPhone."""

    def __init__(self, claim: Claim, clock: StageClock, client: Client, batch: int) -> None:
        self._claim = claim
        self._clock = clock
        self._client = client
        self._batch = batch

    def drain(self) -> None:
        """Syncs batch after batch until nothing is pending. Raises OpenPhoneDownError, FencedError.

        A kill in the middle of a batch leaves the whole batch pending; repeating it doubles nothing.
        """
        with self._clock.stage("openphone"):
            while ids := self._pending():
                self._locked(ids)

    def _pending(self) -> list[Any]:
        with self._claim.connection.begin():
            found = self._claim.connection.execute(
                text(PENDING), {"import_id": self._claim.import_id, "batch": self._batch}
            )
            return list(found.scalars())

    def _locked(self, ids: list[Any]) -> None:
        connection = self._claim.connection
        with connection.begin():
            connection.execute(text(LOCK), {"ids": ids})
        # Not "finally": whatever goes wrong, the claim's connection is closed and its locks go with it.
        with connection.begin():
            found = connection.execute(text(CONTACTS), {"import_id": self._claim.import_id, "ids": ids})
            contacts = [dict(row) for row in found.mappings()]
        self._push(contacts)
        with connection.begin():
            connection.execute(text(UNLOCK), {"ids": ids})

    def _push(self, contacts: list[dict[str, Any]]) -> None:
        """Calls for each contact, then marks those that were answered, also when a later call gives up or is killed."""
        links: list[dict[str, Any]] = []
        marks: list[dict[str, Any]] = []
        calls, cpu = self._client.calls, thread_time()
        try:
            for contact in contacts:
                openphone_id = contact.pop("openphone_id")
                mark = {"import_id": self._claim.import_id, "contact_id": contact["id"], "state": "done", "error": None}
                try:
                    new_id = push(self._client, self._clock, contact, openphone_id)
                except RejectedError as error:
                    mark |= {"state": "failed", "error": str(error)}
                else:
                    links.append({"contact_id": contact["id"], "openphone_id": new_id})
                marks.append(mark)
        finally:
            self._mark(links, marks, self._client.calls - calls, thread_time() - cpu)

    def _mark(self, links: list[dict[str, Any]], marks: list[dict[str, Any]], calls: int, cpu: float) -> None:
        connection = self._claim.connection
        with connection.begin():
            self._claim.write(
                COUNT,
                synced=len(links),
                failed=len(marks) - len(links),
                calls=calls,
                cpu=cpu,
                stages=json.dumps(self._clock.rounded()),
            )
            if links:
                connection.execute(text(LINK), links)
            if marks:
                connection.execute(text(MARK), marks)
