"""What more than one row of a file speaks of, found before its first chunk is loaded.

What is found may be more than there is (a row that turns out to be an error, two keys of one hash), never less: so
memory is bounded, and small, whatever the file.
"""

from collections.abc import Iterable

from app.imports.budget import Budget
from app.imports.normalise import Normaliser, parts
from app.imports.source import Row

BITS = 2**27  # in each of two tables of 16 MiB: of a million keys, one in 130 is taken for one that is repeated


class Repeats:
    """The repeated keys of one file."""

    def __init__(self) -> None:
        # What is never written to takes no memory.
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

    def add(self, keys: Iterable[str]) -> None:
        """Takes in the *keys* of rows, each as often as there is a row that has it."""
        seen, again = self._seen, self._again
        for key in keys:
            place = hash(key) & (BITS - 1)
            at, bit = place >> 3, 1 << (place & 7)
            if seen[at] & bit:
                again[at] |= bit
            else:
                seen[at] |= bit

    def has(self, key: str) -> bool:
        """Whether more than one row speaks of *key*, or may."""
        place = hash(key) & (BITS - 1)
        return bool(self._again[place >> 3] & 1 << (place & 7))

    def __contains__(self, key: object) -> bool:
        # A phone is never a property's key: the one begins with "+", the other with "apn:" or "address:".
        return isinstance(key, tuple) and self.has(key[1])
