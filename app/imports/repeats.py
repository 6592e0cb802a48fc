"""What more than one row of a file speaks of, found before its first chunk is loaded.

What is found may be more than there is (a row that turns out to be an error, two keys of one hash), never less: so
memory is bounded, and small, whatever the file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from app.imports.budget import Budget
from app.imports.kinds.kind import Kind
from app.imports.layout import Layout
from app.imports.normalise import PART_ROWS, Normaliser, parts
from app.imports.source import Row

# In each of two tables, 4 MiB. A key has two places in a table, and is in it if both are set: of a million keys one in
# 900 is taken for one that is repeated, of 100,000 hardly any.
BITS = 2**25
PLACE = BITS - 1


@dataclass(frozen=True, slots=True)
class Seek:
    """How repeats are to be found while a file is read anyway, if it seems to have one of so many *rows*."""

    rows: range
    region: str
    cell_max_chars: int

    def normaliser(self, kind: Kind, layout: Layout) -> Normaliser:
        """That of the file."""
        return Normaliser(kind, layout, self.region, self.cell_max_chars)


class Repeats:
    """The repeated keys of one file."""

    def __init__(self) -> None:
        self._seen = bytearray(BITS // 8)
        self._again = bytearray(BITS // 8)

    @classmethod
    def find(cls, batches: Iterable[list[Row]], normaliser: Normaliser, budget: Budget) -> "Repeats":
        """Reads all *batches* of the file. Raises HandOffError where *budget* is used up."""
        found = cls()
        for batch in batches:
            for some in budget.checked(parts(batch), every=1):
                found.add(normaliser.shared(some))
        return found

    def passing(self, records: Iterator[list[str]], normaliser: Normaliser) -> Iterator[list[str]]:
        """*records*, taken in on their way."""
        while part := list(islice(records, PART_ROWS)):
            self.add(normaliser.shared([Row(0, cells) for cells in part]))
            yield from part

    def add(self, keys: Iterable[str]) -> None:
        """Takes in the *keys* of rows, each as often as there is a row that has it."""
        seen, again = self._seen, self._again
        for key in keys:
            hashed = hash(key)
            one, other = hashed & PLACE, hashed >> 32 & PLACE
            at, bit, also_at, also_bit = one >> 3, 1 << (one & 7), other >> 3, 1 << (other & 7)
            table = again if seen[at] & bit and seen[also_at] & also_bit else seen
            table[at] |= bit
            table[also_at] |= also_bit

    def has(self, key: str) -> bool:
        """Whether more than one row speaks of *key*, or may."""
        hashed, again = hash(key), self._again
        one, other = hashed & PLACE, hashed >> 32 & PLACE
        return bool(again[one >> 3] & 1 << (one & 7) and again[other >> 3] & 1 << (other & 7))

    def __contains__(self, key: object) -> bool:
        # A phone is never a property's key: the one begins with "+", the other with "apn:" or "address:".
        return isinstance(key, tuple) and self.has(key[1])
