"""A file's first reading: what the second, which loads it, has to know of all its rows beforehand."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.imports.budget import Budget
from app.imports.normalise import Normaliser
from app.imports.phones import Phones
from app.imports.repeats import Repeats
from app.imports.source import Rows

# Of a file of more, nothing is kept that takes memory for each row.
SHORT_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Survey:
    """What more than one row speaks of, and the phones as far as they are kept."""

    repeats: Repeats = field(default_factory=Repeats)
    phones: Phones = field(default_factory=Phones)

    @classmethod
    def begun(cls, rows: int) -> "Survey":
        """One of a file of about so many *rows*, of which none is read yet."""
        return cls() if rows <= SHORT_ROWS else cls(Repeats(0), Phones(0))

    def read(self, batches: Iterable[Rows], normaliser: Normaliser, budget: Budget) -> "Survey":
        """Takes in all *batches*. Raises HandOffError where *budget* is used up."""
        for batch in batches:
            for part in budget.checked(batch.parts(), every=1):
                self.add(part, normaliser)
        return self

    def add(self, rows: Rows, normaliser: Normaliser) -> None:
        """Takes in *rows*."""
        keys, phones = normaliser.shared(rows)
        self.repeats.add(keys)
        self.phones.keep(rows, phones)
