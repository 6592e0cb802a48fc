"""Rows made ready to be merged: understood, put together in a chunk, written out for COPY."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import NamedTuple
from uuid import UUID

from app.imports.budget import Budget
from app.imports.chunk import Chunk, Lines
from app.imports.copy import rows as rows_of
from app.imports.normalise import Normaliser, RowProblem
from app.imports.parsed import Parsed
from app.imports.phones import Phones
from app.imports.repeats import Repeats
from app.imports.source import Rows
from app.imports.targets import TARGETS
from app.imports.written import Written, write


class Ready(NamedTuple):
    """A chunk, *written* where it does not depend on the database, and the seconds it took by stage."""

    chunk: Chunk
    written: Written | None
    seconds: Mapping[str, float]

    @property
    def is_after_all(self) -> bool:
        """Whether it refers to what chunks before it put in, and can't be merged beside them."""
        settles = self.chunk.settles
        return bool(settles and TARGETS[settles].joined)


class Part(NamedTuple):
    """Some *rows*: what they say by target, but for those, by place, that were looked at one by one."""

    rows: Rows
    lines: Mapping[str, Sequence[Lines]]
    apart: Mapping[int, Parsed | RowProblem]


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
        return Part(rows, lines, {at: self.normaliser.one(rows[at]) for at in odd})

    def parts(self, rows: Rows, phones: Phones) -> list[Part]:
        """All *rows*; none where the first row of each thing counts: they are asked for one by one."""
        if self.on_duplicate != "update":
            return []
        return [self.part(some, phones.of(some)) for some in self.budget.checked(rows.parts(), every=1)]

    def chunk(self, rows: Rows, parts: Sequence[Part], repeats: Repeats, *, is_whole: bool = False) -> Chunk:
        """That of *rows*, which were understood in *parts*. *is_whole*: the file has no others."""
        chunk = Chunk(self.normaliser.kind, self.on_duplicate, frozenset() if is_whole else repeats)
        for part in self.budget.checked(parts, every=1):
            self._take(chunk, part, repeats)
        for row in self.budget.checked(() if parts else rows):
            chunk.add(self.normaliser.one(row))
        return chunk

    def _take(self, chunk: Chunk, part: Part, repeats: Repeats) -> None:
        """By their lines those good rows that have nothing in common with any other, the others one by one."""
        odd = set(part.apart)
        for target in ("contacts", "properties"):
            for some in part.lines.get(target, ()):
                odd.update(compress(some.rows, repeats.among(some.keys)))
        chunk.take(part.lines, [at not in odd for at in range(len(part.rows))])
        for at in sorted(odd):
            chunk.add(part.apart.get(at) or self.normaliser.one(part.rows[at]))

    def written(self, chunk: Chunk, import_id: UUID) -> Written | None:
        """*chunk*, which lets go of it, as COPY reads it; None where that depends on the database."""
        if chunk.identities:
            return None
        written = write(chunk, import_id, self.budget)
        chunk.forget()
        return written
