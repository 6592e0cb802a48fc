"""Rows made ready to be merged: understood, put together in a chunk, written out for COPY."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import NamedTuple
from uuid import UUID

from app.imports.budget import Budget
from app.imports.chunk import Chunk, Lines
from app.imports.copy import rows as rows_of
from app.imports.normalise import Normaliser, RowProblem
from app.imports.parsed import Parsed, Values
from app.imports.phones import Phones
from app.imports.repeats import Repeats
from app.imports.source import Row, Rows
from app.imports.staging import values_of
from app.imports.targets import TARGETS
from app.imports.written import Written, write

SHARED = ("contacts", "properties")  # by their own keys; what joins two of them is known by these


class Ready(NamedTuple):
    """A chunk, *written* where it does not depend on the database, and the seconds it took by stage."""

    chunk: Chunk
    written: Written | None
    seconds: Mapping[str, float]

    @property
    def is_after_all(self) -> bool:
        """Whether it refers to what chunks before it put in, and can't be merged beside them."""
        settles = self.chunk.settles
        return bool(settles and TARGETS[settles].others)


class Part(NamedTuple):
    """*size* rows from number *first* on: what they say by target, as lines for COPY.

    Not of those, by place, that were looked at one by one, and are *apart*.
    """

    first: int
    size: int
    lines: Mapping[str, Sequence[Lines]]
    apart: Mapping[int, Parsed | RowProblem]

    def behind(self, others: int) -> "Part":
        """The same with so many *others* before its rows."""
        apart = {at: replace(found, number=found.number + others) for at, found in self.apart.items()}
        return self._replace(first=self.first + others, apart=apart)

    @property
    def shared(self) -> list[str]:
        """The keys of what others may speak of, too; each as often as there is a good row that does."""
        kept = self.all_but(self.apart)
        keys: list[str] = []
        for target in SHARED:
            for some in self.lines.get(target, ()):
                keys += compress(some.keys, some.chosen(kept))
            for found in self.apart.values():
                if isinstance(found, Parsed):
                    keys += found.values.get(target, ())
        return keys

    def all_but(self, places: Iterable[int]) -> list[bool]:
        """Of each of its rows whether it is in none of these *places*."""
        kept = [True] * self.size
        for at in places:
            kept[at] = False
        return kept

    def one_by_one(self, places: Collection[int], about: str) -> dict[int, Parsed]:
        """The rows in these *places*, by what their lines say; each is one *about* a thing of that target."""
        values: dict[int, dict[str, dict[str, Values]]] = {at: {} for at in places}
        for target, of_target in self.lines.items():
            for some in of_target:
                for place in compress(range(len(some.rows)), map(values.__contains__, some.rows)):
                    said = values[some.rows[place]].setdefault(target, {})
                    said[some.keys[place]] = values_of(TARGETS[target], some.lines[place])
        return {at: Parsed(self.first + at, next(iter(said[about])), said) for at, said in values.items()}


@dataclass(frozen=True)
class Maker:
    """Makes chunks of one file. What takes long raises HandOffError where *budget* is used up."""

    normaliser: Normaliser
    on_duplicate: str
    budget: Budget

    def part(self, rows: Rows, phones: Mapping[str, Sequence[str]] | None = None) -> Part:
        """Understands some *rows*. *phones*: theirs, if they are known."""
        blocks, odd = self.normaliser.blocks(rows, phones)
        lines = {
            target: [
                Lines(block.keys, block.rows, rows_of(block.of_names(TARGETS[target].columns))) for block in of_target
            ]
            for target, of_target in blocks.items()
        }
        return Part(rows.first, len(rows), lines, {at: self.normaliser.one(rows[at]) for at in odd})

    def parts(self, rows: Rows, phones: Phones) -> list[Part]:
        """All *rows*; none where the first row of each thing counts: they are asked for one by one."""
        if self.on_duplicate != "update":
            return []
        return [self.part(some, phones.of(some)) for some in self.budget.checked(rows.parts(), every=1)]

    def chunk(
        self, parts: Sequence[Part], repeats: Repeats, rows: Iterable[Row] = (), *, is_whole: bool = False
    ) -> Chunk:
        """That of *parts*, or of *rows* that were not understood yet. *is_whole*: the file has no others."""
        chunk = Chunk(self.normaliser.kind, self.on_duplicate, frozenset() if is_whole else repeats)
        for part in self.budget.checked(parts, every=1):
            self._take(chunk, part, repeats)
        for row in self.budget.checked(rows):
            chunk.add(self.normaliser.one(row))
        return chunk

    def _take(self, chunk: Chunk, part: Part, repeats: Repeats) -> None:
        """By their lines those good rows that have nothing in common with any other, the others one by one."""
        again: set[int] = set()
        for target in SHARED:
            for some in part.lines.get(target, ()):
                again.update(compress(some.rows, repeats.among(some.keys)))
        again.difference_update(part.apart)
        found = {**part.apart, **part.one_by_one(again, self.normaliser.kind.about)}
        chunk.take(part.lines, part.all_but(found))
        for at in sorted(found):
            chunk.add(found[at])

    def written(self, chunk: Chunk, import_id: UUID) -> Written | None:
        """*chunk*, which lets go of it, as COPY reads it; None where that depends on the database."""
        if chunk.identities:
            return None
        written = write(chunk, import_id, self.budget)
        chunk.forget()
        return written
