"""Rows that go in together."""

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import NamedTuple

from app.imports.errors import DuplicateError
from app.imports.kinds.kind import Key, Kind
from app.imports.normalise import RowProblem
from app.imports.parsed import Parsed, Values, fold


@dataclass(frozen=True, slots=True)
class Held:
    """What a row says of something that rows of other chunks speak of, too."""

    target: str
    key: str
    row_number: int
    values: Values


class Lines(NamedTuple):
    """What rows say of things of one target: the key of each, its row, and its line for COPY.

    Rows are counted from 0, ascend, and have one thing each at most.
    """

    keys: Sequence[str]
    rows: Sequence[int]
    lines: Sequence[str]

    def chosen(self, kept: Sequence[bool]) -> Iterable[bool]:
        """Of each whether its row is *kept*."""
        return kept if len(self.rows) == len(kept) else map(kept.__getitem__, self.rows)


@dataclass
class Chunk:
    """What rows come to: values by target and key, what is held for the end, problems, and how many rows of each sort.

    *repeated*: what more than one row of the file speaks of, or may. *lines*: what rows say, by target, that have
    nothing in common with any other. *settles*: the target of which it says all that the chunks before it have held.
    """

    kind: Kind
    on_duplicate: str = "update"
    repeated: Container[Key] = frozenset()
    settles: str | None = None
    rows: int = 0
    rejected: int = 0
    duplicates: int = 0
    skipped: int = 0
    values: dict[str, dict[str, Values]] = field(default_factory=dict)
    lines: dict[str, list[str]] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    _waiting: dict[str, Parsed] = field(default_factory=dict)

    def take(self, lines: Mapping[str, Sequence[Lines]], kept: Sequence[bool]) -> None:
        """Takes in the rows that are *kept*: good ones, each alone in the file with what it speaks of."""
        for target, said in lines.items():
            for some in said:
                self.lines.setdefault(target, []).extend(compress(some.lines, some.chosen(kept)))
        self.rows += sum(kept)

    def count(self, target: str) -> int:
        """How many things of *target* it speaks of, apart from what is held."""
        return len(self.values.get(target, ())) + len(self.lines.get(target, ()))

    def forget(self) -> None:
        """Lets go of what the rows say, once it is written out, and of what is known of others."""
        self.values, self.lines, self.held, self.problems, self.repeated = {}, {}, [], [], frozenset()

    def add(self, outcome: Parsed | RowProblem) -> None:
        """Takes in one row. Raises DuplicateError where that is the policy."""
        self.rows += 1
        if isinstance(outcome, RowProblem):
            self.problems.append(outcome)
            self.rejected += 1
        elif self.on_duplicate == "update":
            self._update(outcome)
        else:
            self._first_wins(outcome)

    def _update(self, row: Parsed) -> None:
        """A later row fills in and overrides what an earlier one says."""
        for target, key, values in _flat(row):
            if self._is_repeated(target, key, values):
                self.held.append(Held(target, key, row.number, values))
            else:
                self.fold(target, key, values)

    def _first_wins(self, row: Parsed) -> None:
        if any(self._is_repeated(*found) for found in _flat(row)):
            self.held += [Held(target, key, row.number, values) for target, key, values in _flat(row)]
        elif row.identity not in self._waiting:
            self._waiting[row.identity] = row
        elif self.on_duplicate == "fail":
            first = self._waiting[row.identity].number
            raise DuplicateError(row.number, row.identity, f"row {first} of the file has it already")
        else:
            self.duplicates += 1

    def _is_repeated(self, target: str, key: str, values: Values) -> bool:
        if not self.repeated:
            return False
        if target == "links":
            return ("properties", values["property"]) in self.repeated or ("contacts", values["phone"]) in self.repeated
        return ("contacts" if target == "members" else target, key) in self.repeated

    def put(self, target: str, key: str, values: Values) -> bool:
        """Folds *values* in, or passes over them where the first row counts; whether the key was there."""
        of_target = self.values.setdefault(target, {})
        known = of_target.get(key)
        if known is None:
            of_target[key] = values
            return False
        if self.on_duplicate != "skip":
            fold(known, values)
        return True

    def fold(self, target: str, key: str, values: Values) -> None:
        """Takes in what a row says of a thing; one more row about what a row was about is a duplicate."""
        if self.put(target, key, values) and target == self.kind.about:
            self.duplicates += 1

    @property
    def identities(self) -> list[str]:
        """What the rows are about that have yet to be settled: it depends on what is in the database."""
        return list(self._waiting)

    def settle(self, existing: Collection[str]) -> None:
        """Passes over the rows about what exists already. Raises DuplicateError where that is the policy."""
        for identity, row in self._waiting.items():
            if identity not in existing:
                for found in _flat(row):
                    self.put(*found)
            elif self.on_duplicate == "fail":
                raise DuplicateError(row.number, identity, "it is in the database already")
            else:
                self.skipped += 1
        self._waiting.clear()


def _flat(row: Parsed) -> Iterator[tuple[str, str, Values]]:
    """Target, key and values of all that the row speaks of."""
    for target, by_key in row.values.items():
        for key, values in by_key.items():
            yield target, key, values
