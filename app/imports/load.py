"""One chunk into the tables, as one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text

from app.imports import held, problems
from app.imports.budget import Budget
from app.imports.chunk import Chunk
from app.imports.claim import Claim
from app.imports.copy import as_json
from app.imports.kinds.kind import Kind
from app.imports.staging import stage
from app.imports.targets import EXISTING, TARGETS, clear, lock, merge
from app.imports.turns import side_by_side
from app.stages import StageClock
from app.storage.engine import transaction

COUNT = """
SELECT count(*) FILTER (WHERE is_new) AS created,
    count(*) FILTER (WHERE NOT is_new) + (SELECT count(*) FROM unnest(CAST(:cleared AS uuid[])) AS emptied
        WHERE emptied NOT IN (SELECT id FROM merged)) AS updated
"""
# Queued for OpenPhone is what changed, and what OpenPhone was never told or would not take.
QUEUE = """, unsynced AS (
    SELECT c.id, phone FROM staging_contacts JOIN contacts AS c USING (phone)
    LEFT JOIN openphone_links ON contact_id = c.id
    WHERE :sync AND (c.id = ANY(CAST(:cleared AS uuid[])) OR openphone_id IS NULL OR EXISTS (
        SELECT FROM openphone_outbox AS earlier WHERE earlier.contact_id = c.id AND earlier.state <> 'done'))
), queued AS (
    INSERT INTO openphone_outbox (import_id, contact_id)
    SELECT :import_id, id FROM (SELECT id, phone FROM merged WHERE :sync UNION SELECT id, phone FROM unsynced) AS untold
    ORDER BY phone
    ON CONFLICT (import_id, contact_id) DO NOTHING RETURNING 1
)"""
MEMBERS = """
INSERT INTO list_members (list_id, contact_id)
SELECT :list_id, contacts.id FROM staging_contacts JOIN contacts USING (phone) ORDER BY phone
ON CONFLICT DO NOTHING
"""
CHECKPOINT = """
    rows_done = rows_done + :rows, rows_rejected = rows_rejected + :rejected,
    rows_duplicate = rows_duplicate + :duplicates, skipped = skipped + :skipped,
    created = created + :created, updated = updated + :updated, unchanged = unchanged + :unchanged,
    contacts_to_sync = contacts_to_sync + :to_sync, counts = CAST(:counts AS jsonb),
    stage_seconds = CAST(:stages AS jsonb), failures = 0
"""


@dataclass
class Outcome:
    """What became of a target's things, in numbers."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    to_sync: int = 0


@dataclass(frozen=True)
class Loader:
    """Merges the chunks of one import. *counts*: what became of each target's things so far, as in the report."""

    claim: Claim
    clock: StageClock
    kind: Kind
    on_duplicate: str
    sync: bool
    list_id: UUID | None
    campaign_id: UUID | None
    budget: Budget
    counts: dict[str, dict[str, int]] = field(default_factory=dict)

    def load(self, chunk: Chunk) -> None:
        """Merges *chunk*, with its row errors, outbox entries and checkpoint, or writes nothing.

        Raises FencedError for a late worker, DuplicateError where that is the policy.
        """
        with self.clock.stage("merge"), transaction(self.claim.connection):
            side_by_side(self.claim.connection)
            if chunk.identities:
                chunk.settle(self._existing(chunk.identities))
            outcomes = {target: self._merge(target, chunk) for target in self.kind.targets if chunk.count(target)}
            held.keep(self.claim, self.budget.checked(chunk.held))
            problems.record(self.claim, chunk.problems)
            self.checkpoint(chunk, outcomes)

    def checkpoint(self, chunk: Chunk, outcomes: Mapping[str, Outcome]) -> None:
        """Counts *chunk* in, in the open transaction. Raises FencedError."""
        for target, outcome in outcomes.items():
            so_far = self.counts.setdefault(target, {"created": 0, "updated": 0, "unchanged": 0})
            for name in so_far:
                so_far[name] += getattr(outcome, name)
        rows = outcomes.get(self.kind.about, Outcome())
        self.claim.write(
            CHECKPOINT,
            rows=chunk.rows,
            rejected=len(chunk.problems),
            duplicates=chunk.duplicates,
            skipped=chunk.skipped,
            created=rows.created,
            updated=rows.updated,
            unchanged=rows.unchanged,
            to_sync=outcomes.get("contacts", Outcome()).to_sync,
            counts=as_json(self.counts),
            stages=self.clock.as_json(),
        )

    def _existing(self, identities: list[str]) -> set[str]:
        query = text(EXISTING[self.kind.about])
        about = {"keys": identities} | ({"campaign_id": self.campaign_id} if self.kind.about == "members" else {})
        return set(self.claim.connection.execute(query, about).scalars())

    def _merge(self, name: str, chunk: Chunk) -> Outcome:
        connection, target = self.claim.connection, TARGETS[name]
        about: dict[str, object] = {"number": self.claim.number, "cleared": []}
        if name == "members":
            about["campaign_id"] = self.campaign_id
        with self.clock.stage("copy"):
            clears = stage(connection, target, chunk, self.budget)
        if clears and self.on_duplicate != "skip":
            # All that the merge will lock, before the few that are cleared: or two imports could lock each other out.
            connection.execute(text(lock(target)), about)
            found = connection.execute(text(clear(target)), about)
            about["cleared"] = [row.id for row in found]
        statement = f"WITH merged AS ({merge(target, self.on_duplicate)})"
        if name == "contacts":
            statement += f"{QUEUE} {COUNT}, (SELECT count(*) FROM queued) AS to_sync FROM merged"  # noqa: S608 - constants
            about |= {"import_id": self.claim.import_id, "sync": self.sync}
        else:
            statement += f"{COUNT}, 0 AS to_sync FROM merged"
        merged = connection.execute(text(statement), about).one()
        if name == "contacts" and self.list_id:
            connection.execute(text(MEMBERS), {"list_id": self.list_id})
        unchanged = chunk.count(name) - merged.created - merged.updated
        return Outcome(merged.created, merged.updated, unchanged, merged.to_sync)
