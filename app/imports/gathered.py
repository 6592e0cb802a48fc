"""What rows of different chunks say of the same things, gathered while they are read.

The database keeps it as well (app/imports/held.py), for whoever goes on after a kill; while this process lives, nobody
has to read it from there.
"""

from collections.abc import Iterator, Sequence

from app.imports.chunk import Chunk, Held
from app.imports.kinds.kind import Kind

MOST = 20_000  # of one or two kilobytes each: of a file that is not full of repeats


class Gathered:
    """That of one import, where it is *wanted*; from the first row on, as it is nothing without the rest."""

    def __init__(self, kind: Kind, *, wanted: bool) -> None:
        self._kind = kind
        self._held: list[Held] | None = [] if wanted else None

    def add(self, held: Sequence[Held]) -> None:
        """Takes in what a chunk holds; all is left to the database once it is more than MOST."""
        if self._held is not None:
            self._held = [*self._held, *held] if len(self._held) + len(held) <= MOST else None

    def then(self, later: "Gathered") -> "Gathered":
        """This one, and what the rows behind its own hold."""
        if later._held is None:
            self._held = None
        else:
            self.add(later._held)
        return self

    def chunks(self) -> Iterator[Chunk]:
        """A chunk for each target of which something is said, in the order in which one needs the other."""
        for target in self._kind.targets:
            chunk = Chunk(self._kind, settles=target)
            for one in self._held or ():
                if one.target == target:
                    chunk.fold(target, one.key, dict(one.values))  # a lane may yet have to keep it
            if chunk.count(target):
                yield chunk
