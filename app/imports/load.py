"""One chunk into the tables, as one transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text

from app.imports import held, ids, problems
from app.imports.budget import Budget
from app.imports.chunk import Chunk
from app.imports.claim import Claim
from app.imports.copy import as_json
from app.imports.kinds.kind import Kind
from app.imports.merge import merge, walks
from app.imports.staging import Staged, stage
from app.imports.targets import EXISTING, TARGETS
from app.imports.turns import side_by_side
from app.imports.written import Written, write
from app.stages import StageClock
from app.storage.engine import transaction

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
    """Merges the chunks of one import. *counts*: what became of each target's things so far, as in the report.

    *clock*: that of the thread which merges; *whole*: the import's, which the checkpoint keeps.
    """

    claim: Claim
    clock: StageClock
    whole: StageClock
    kind: Kind
    on_duplicate: str
    sync: bool
    list_id: UUID | None
    campaign_id: UUID | None
    budget: Budget
    counts: dict[str, dict[str, int]] = field(default_factory=dict)

    def load(self, chunk: Chunk, written: Written | None = None, turn: Callable[[], None] | None = None) -> None:
        """Merges *chunk*, with its row errors, outbox entries and checkpoint, or writes nothing.

        *written*: as COPY reads it, where that does not depend on what is in the database; *turn* waits until it may be
        counted in. Raises FencedError for a late worker, DuplicateError where that is the policy, what *turn* raises.
        """
        with self.clock.stage("merge"), transaction(self.claim.connection):
            side_by_side(self.claim.connection)
            if chunk.identities:
                chunk.settle(self._existing(chunk.identities))
            if written is None:
                with self.clock.stage("copy"):
                    written = write(chunk, self.claim.import_id, self.budget)
            outcomes = {target: self._merge(target, about) for target, about in written.said.items()}
            held.keep(self.claim.connection, written.held)
            problems.record(self.claim.connection, written.problems)
            if turn is not None:
                turn()
            if chunk.settles:
                held.drop(self.claim, chunk.settles)
            self.checkpoint(chunk, outcomes)

    def checkpoint(self, chunk: Chunk, outcomes: Mapping[str, Outcome]) -> None:
        """Counts *chunk* in, in the open transaction. Raises FencedError."""
        counts = dict(self.counts)
        for target, outcome in outcomes.items():
            so_far = counts.get(target, {"created": 0, "updated": 0, "unchanged": 0})
            counts[target] = {name: count + getattr(outcome, name) for name, count in so_far.items()}
        rows = outcomes.get(self.kind.about, Outcome())
        self.claim.write(
            CHECKPOINT,
            rows=chunk.rows,
            rejected=chunk.rejected,
            duplicates=chunk.duplicates,
            skipped=chunk.skipped,
            created=rows.created,
            updated=rows.updated,
            unchanged=rows.unchanged,
            to_sync=outcomes.get("contacts", Outcome()).to_sync,
            counts=as_json(counts),
            stages=self.whole.as_json(),
        )
        self.counts.update(counts)

    def _existing(self, identities: list[str]) -> set[str]:
        query = text(EXISTING[self.kind.about])
        about = {"keys": identities} | ({"campaign_id": self.campaign_id} if self.kind.about == "members" else {})
        return set(self.claim.connection.execute(query, about).scalars())

    def _merge(self, name: str, said: Staged) -> Outcome:
        connection, target = self.claim.connection, TARGETS[name]
        about = {"number": self.claim.number, "import_id": self.claim.import_id, "list_id": self.list_id}
        about["campaign_id"] = self.campaign_id
        with self.clock.stage("copy"):
            stage(connection, target, said, self.budget)
        contacts = name == "contacts"
        tells = any(name in TARGETS[other].others for other in self.kind.targets)
        statement = merge(
            target,
            update=self.on_duplicate != "skip",
            clears=said.clears,
            queue=contacts and self.sync,
            into_list=contacts and self.list_id is not None,
            tells_ids=tells,
            by_array=walks(connection),
        )
        outcome, conflicts = Outcome(), True
        while conflicts:
            if tells:
                connection.execute(text(f"DELETE FROM {target.ids}"))  # noqa: S608 - our own name
            merged = connection.execute(text(statement), about | ids.fresh()).one()
            outcome.created += merged.added
            outcome.updated += merged.changed
            outcome.to_sync += merged.queued
            conflicts = merged.conflicts > 0
        outcome.unchanged = said.things - outcome.created - outcome.updated
        return outcome
