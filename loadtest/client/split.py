"""A file's parts as files."""

import hashlib
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from fixtures.files import replacing
from loadtest.client.cut import Slice, cut, slices
from loadtest.client.records import Record
from loadtest.client.table import Table
from loadtest.errors import UsageError


@dataclass(frozen=True)
class Written:
    """A part that was written: *bytes* long, rows from *first_row* on."""

    path: Path
    first_row: int
    rows: int
    bytes: int
    sha256: str


def part_name(path: Path, number: int) -> str:
    """``list.csv`` -> ``list-0001.csv``."""
    return f"{path.stem}-{number:04}{path.suffix}"


def split(
    table: Table, rows: int, directory: Path, *, force: bool = False, progress: Callable[[int], None] = lambda _: None
) -> list[Written]:
    """Writes the parts, of *rows* rows each, into *directory*, all of them or none.

    In memory is a record. Raises UsageError for what the file, the directory or a part that is there already stand in
    the way with; *force* replaces parts. *progress* is told the rows done.
    """
    plan = slices(table, rows)
    targets = [directory / part_name(table.path, piece.number) for piece in plan]
    there = next((path for path in targets if path.exists()), None)
    if there and not force:
        raise UsageError(f"{there}: is there already; --force replaces it, -o names another directory")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        # Under its own name a part appears when all of them are complete.
        with ExitStack() as stack:
            written = []
            for piece, target, (_, records) in zip(plan, targets, cut(table, rows), strict=True):
                part = stack.enter_context(replacing(target))
                written.append(_write(table, piece, records, part, target))
                progress(piece.first_row - 1 + piece.rows)
    except OSError as error:
        raise UsageError(f"{directory}: cannot be written to: {error.strerror or error}") from error
    return written


def others(path: Path, directory: Path, written: Iterable[Written]) -> list[Path]:
    """Files of *directory* that are named like parts of *path* and are none of *written*: of an earlier split, say."""
    known = {part.path for part in written}
    alike = f"{path.stem}-", path.suffix
    found = (file for file in directory.iterdir() if file.name.startswith(alike[0]) and file.suffix == alike[1])
    return sorted(file for file in found if file not in known and _number(file, alike[0]).isdecimal())


def _number(file: Path, start: str) -> str:
    digits = file.stem.removeprefix(start)
    return digits if len(digits) >= 4 else ""


def _write(table: Table, piece: Slice, records: Iterable[Record], part: Path, target: Path) -> Written:
    digest = hashlib.sha256(table.preamble)
    size = len(table.preamble)
    with part.open("wb") as file:
        file.write(table.preamble)
        for record in records:
            data = table.encode(record.text)
            file.write(data)
            digest.update(data)
            size += len(data)
    return Written(target, piece.first_row, piece.rows, size, digest.hexdigest())
