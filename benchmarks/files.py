"""What is imported: a file of the fixtures, and the version of it with 10% changed rows that is imported after it."""

from dataclasses import dataclass
from pathlib import Path

from fixtures.cache import fixture
from fixtures.changed import Shares, changed
from fixtures.difference import Difference
from fixtures.manifest import Manifest

SEED = 1
# A contact list has nothing to update but its people.
CHANGED = {"contacts": Shares(10, 0, 0, 0), "propertyradar": Shares(5, 5, 0, 0)}
KINDS = tuple(CHANGED)


@dataclass(frozen=True)
class Files:
    """Both, with what must come of them."""

    first: Path
    manifest: Manifest
    again: Path
    difference: Difference

    @property
    def kind(self) -> str:
        """As the fixtures call it."""
        return self.manifest.kind

    @property
    def rows(self) -> int:
        """Of either."""
        return self.manifest.rows


def make(kind: str, rows: int, home: Path, scratch: Path) -> Files:
    """The first from the fixtures' cache in *home*, the second made in *scratch*. Raises what the fixtures raise."""
    first, manifest = fixture(kind, rows, SEED, cache_dir=home / "fixtures")
    again = scratch / f"{kind}-{rows}-changed.csv"
    return Files(first, manifest, again, changed(first, again, shares=CHANGED[kind]))
