"""What more than one row of a file speaks of, found before its first chunk is loaded.

What is found may be more than there is (a row that turns out to be an error, two keys of one hash), never less: so
memory is bounded, and small, whatever the file.
"""

from collections.abc import Iterable

from app.imports.normalise import Normaliser
from app.imports.source import Row

# Bits per row: of keys that are in the file once, one in 500 or fewer is taken for one that is repeated.
SPARE = 512
MAX_BITS = 2**27  # 16 MiB for each of the two tables; of a million contacts, one in 130 is


class Repeats:
    """The repeated keys of one file of so many *rows*."""

    def __init__(self, rows: int) -> None:
        bits = min(1 << (rows * SPARE).bit_length(), MAX_BITS)
        self._mask = bits - 1
        # Of pages that are never written, a new bytearray takes no memory.
        self._seen = bytearray(bits // 8 + 1)
        self._again = bytearray(bits // 8 + 1)

    @classmethod
    def find(cls, rows: int, batches: Iterable[list[Row]], normaliser: Normaliser) -> "Repeats":
        """Reads all *batches* of the file."""
        found = cls(rows)
        for batch in batches:
            found.add(normaliser.shared(batch))
        return found

    def add(self, keys: Iterable[str]) -> None:
        """Takes in the *keys* of rows, each as often as there is a row that has it."""
        mask, seen, again = self._mask, self._seen, self._again
        for key in keys:
            place = hash(key) & mask
            at, bit = place >> 3, 1 << (place & 7)
            if seen[at] & bit:
                again[at] |= bit
            else:
                seen[at] |= bit

    def has(self, key: str) -> bool:
        """Whether more than one row speaks of *key*, or may."""
        place = hash(key) & self._mask
        return bool(self._again[place >> 3] & 1 << (place & 7))

    def __contains__(self, key: object) -> bool:
        # A phone is never a property's key: the one begins with "+", the other with "apn:" or "address:".
        return isinstance(key, tuple) and self.has(key[1])
