"""A clean CSV's rows, as most peers take them."""

import csv
from collections.abc import Iterator
from pathlib import Path


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Column -> cell."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
