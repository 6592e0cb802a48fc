"""What more than one row of a file speaks of, found before its first chunk is loaded.

What is found may be more than there is (a row that turns out to be an error, two keys of one hash), never less: so
memory is bounded, and small, whatever the file. Python's hash of a key stands for it: the same in a process and in its
forks, and nowhere else.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

# So many hashes are kept as they are, which takes some 70 bytes each, and a tenth of the time.
EXACT_KEYS = 2**17
HASH = "q"  # eight bytes
# Of more in each of two tables, 4 MiB. A key has two places in a table, and is in it if both are set: of a million keys
# one in 900 is taken for one that is repeated, of 200,000 hardly any.
BITS = 2**25
PLACE = BITS - 1


class Repeats:
    """The repeated keys of one file; the hashes of *exact_keys* are kept as they are."""

    def __init__(self, exact_keys: int = EXACT_KEYS) -> None:
        self._seen: set[int] = set()
        self._again: set[int] = set()
        self._exact_keys = exact_keys
        self._tables: _Tables | None = None

    def add(self, keys: Collection[str]) -> None:
        """Takes in the *keys* of rows, each as often as there is a row that has it."""
        hashes = list(map(hash, keys))
        if self._tables:
            self._tables.add(hashes)
            return
        own = set(hashes)
        self._again |= own & self._seen
        if len(own) < len(hashes):
            self._again.update(each for each, times in Counter(hashes).items() if times > 1)
        self._seen |= own
        if len(self._seen) > self._exact_keys:
            self._tables = self._as_tables()

    @classmethod
    def of(cls, parts: Iterable["Repeats"]) -> "Repeats":
        """Those of a file, by those of its *parts*."""
        whole, *others = parts
        for other in others:
            whole._join(other)
        return whole

    def _join(self, other: "Repeats") -> None:
        if self._tables or other._tables:
            self._tables, others = self._as_tables(), other._as_tables()
            self._tables.join(others)
        else:
            self._again |= other._again | self._seen & other._seen
            self._seen |= other._seen

    def end(self) -> "Repeats":
        """Itself, without what was seen once: no more keys will come."""
        self._seen.clear()
        if self._tables:
            self._tables.end()
        return self

    def among(self, keys: Iterable[str]) -> Iterator[bool]:
        """Of each of *keys* whether more than one row speaks of it, or may."""
        return map(self._tables.has if self._tables else self._again.__contains__, map(hash, keys))

    def _as_tables(self) -> "_Tables":
        tables = self._tables or _Tables()
        for known in (self._seen, self._again):
            tables.add(known)
            known.clear()
        return tables

    def __getstate__(self) -> tuple[Any, ...]:
        """For another process: half of what pickle makes of sets."""
        return self._exact_keys, array(HASH, [*self._seen]), array(HASH, [*self._again]), self._tables

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._exact_keys, seen, again, self._tables = state
        self._seen, self._again = set(seen), set(again)

    def __contains__(self, key: object) -> bool:
        # A phone is never a property's key: the one begins with "+", the other with "apn:" or "address:".
        return isinstance(key, tuple) and next(self.among(key[1:]))


class _Tables:
    """Of many hashes, those that were seen once, and those that were again."""

    def __init__(self) -> None:
        self._seen = bytearray(BITS // 8)
        self._again = bytearray(BITS // 8)

    def add(self, hashes: Iterable[int]) -> None:
        seen, again = self._seen, self._again
        for hashed in hashes:
            one, other = hashed & PLACE, hashed >> 32 & PLACE
            at, bit, also_at, also_bit = one >> 3, 1 << (one & 7), other >> 3, 1 << (other & 7)
            table = again if seen[at] & bit and seen[also_at] & also_bit else seen
            table[at] |= bit
            table[also_at] |= also_bit

    def join(self, other: "_Tables") -> None:
        """Takes in those of *other*."""
        in_both = _merged(int.__and__, self._seen, other._seen)
        self._again = _merged(int.__or__, _merged(int.__or__, self._again, other._again), in_both)
        self._seen = _merged(int.__or__, self._seen, other._seen)

    def end(self) -> None:
        """Lets go of what was seen once."""
        self._seen = bytearray()

    def has(self, hashed: int) -> bool:
        again = self._again
        one, other = hashed & PLACE, hashed >> 32 & PLACE
        return bool(again[one >> 3] & 1 << (one & 7) and again[other >> 3] & 1 << (other & 7))


def _merged(how: Callable[[int, int], int], one: bytearray, other: bytearray) -> bytearray:
    """Bit by bit."""
    return bytearray(how(int.from_bytes(one), int.from_bytes(other)).to_bytes(len(one)))
