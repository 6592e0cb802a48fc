"""errors.csv corrected as a person would: by what it says of each row, and by nothing else."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.imports.layout import ERROR_COLUMNS

LEAD = len(ERROR_COLUMNS)


@dataclass(frozen=True)
class Wrong:
    """A rejected row as a person sees it: what errors.csv says, and the cells."""

    column: str
    value: str
    reason: str
    fix: str
    cells: list[str]


Cell = Callable[[str, Wrong, Iterator[str]], str]
# Words of the reason, and what to make of the cell; the numbers are from whoever knows these people.
CELLS: dict[str, Cell] = {
    "known by the phone number": lambda _, __, phones: next(phones),
    "not a phone number": lambda _, __, phones: next(phones),
    "no such phone number": lambda _, __, phones: next(phones),
    "area code is missing": lambda _, __, phones: next(phones),
    "rounded the number": lambda _, __, phones: next(phones),
    "neither an APN nor an address": lambda _, __, phones: f"{next(phones).removeprefix('+1')} Main St",
    "not one email address": lambda *_: "",
    "not a number": lambda *_: "",
    "a number of more than": lambda *_: "",
    "not a date and time": lambda _, wrong, __: re.search(r"[0-9]{4}-\S+Z", wrong.fix)[0],
    "not a date of the calendar": lambda *_: "2026-05-04",
    "neither yes nor no": lambda *_: "yes",
    "no such status": lambda _, wrong, __: "sent" if "sent" in wrong.fix else "",
    "address with city and ZIP": lambda cell, *_: cell[:300],
    "characters, more than": lambda cell, wrong, _: cell[: int(wrong.reason.split()[-1])],
    "NUL": lambda cell, *_: cell.replace("\u2400", ""),
}


def table(text: str) -> tuple[str, list[list[str]]]:
    """The delimiter and the records, as a spreadsheet opens the file: apostrophes and all."""
    delimiter = text.removeprefix("\ufeff").removeprefix(ERROR_COLUMNS[0])[0]
    return delimiter, list(
        csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter, strict=True)
    )


def fixed(errors_csv: bytes, phones: Iterator[str]) -> tuple[bytes, int]:
    """The whole file with its rows corrected, and how many are left."""
    delimiter, (header, *records) = table(errors_csv.decode())
    names = header[LEAD:]
    kept = [record for record in (_corrected(record, names, phones) for record in records) if record]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([header, *kept])
    return text.getvalue().encode("utf-8-sig"), len(kept)


def _corrected(record: list[str], names: list[str], phones: Iterator[str]) -> list[str] | None:
    """The record; None where a person would delete it."""
    said, cells = record[:LEAD], record[LEAD:]
    wrong = Wrong(*said[1:], cells)
    if "repeats the header line" in wrong.reason:
        return None
    if "where the header has" in wrong.reason:
        if len(cells) == 1 and " " in cells[0]:
            return None  # a sentence, not a row
        return [*said, *(cells + [""] * len(names))[: len(names)]]
    correct = next(correct for words, correct in CELLS.items() if words in wrong.reason)
    place = _place(wrong, names)
    return [*said, *cells[:place], correct(cells[place], wrong, phones), *cells[place + 1 :]]


def _place(wrong: Wrong, names: list[str]) -> int:
    """Of columns of the same name, the one with the value."""
    return next(
        place
        for place, (name, cell) in enumerate(zip(names, wrong.cells, strict=True))
        if name == wrong.column and cell.startswith(wrong.value)
    )
