"""One file of the table: the bytes that go in, what must come out, and what the database must hold."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PHONES = 20
SPARE = 10  # {0} to {9} are for the file, the others for whoever corrects it: {10} for the first row that needs one

SPELLINGS = {
    None: lambda digits: f"+1{digits}",
    "digits": str,
    "dashes": lambda digits: f"{digits[:3]}-{digits[3:6]}-{digits[6:]}",
    "parens": lambda digits: f"({digits[:3]}) {digits[3:6]}-{digits[6:]}",
    "dots": lambda digits: f"{digits[:3]}.{digits[3:6]}.{digits[6:]}",
    "float": lambda digits: f"{digits}.0",
    "scientific": lambda digits: f"{digits[0]}.{digits[1:]}E+09",
    "rounded": lambda digits: f"{int(digits):.5E}",
    "local": lambda digits: f"{digits[3:6]}-{digits[6:]}",
}
PLACE = re.compile(r"\{([0-9]+)(?:\.([a-z]+))?\}")

Facts = Mapping[str, Any]
Counted = tuple[int, int, int]  # created, updated, unchanged
TARGETS = {
    "contacts": ("contacts",),
    "propertyradar": ("contacts", "properties", "links"),
    "campaign": ("contacts", "members"),
}


@dataclass(frozen=True)
class Stored:
    """All that the database holds of one file's phones, and of each thing the fields that matter.

    A contact and a member are named by the phone's place, a property by its key, a link by both.
    """

    contacts: Mapping[int, Facts] = field(default_factory=dict)
    properties: Mapping[str, Facts] = field(default_factory=dict)
    links: Mapping[tuple[str, int], str] = field(default_factory=dict)
    members: Mapping[int, Facts] = field(default_factory=dict)


@dataclass(frozen=True)
class File:
    """*data* with a place ``{0}``, ``{1.parens}`` ... for each phone number; *before* is uploaded first.

    *rows* are counted by hand. *errors*: row, column, code of every rejected row. *refused*: the status and type of a
    4xx that leaves nothing behind, with what it *says*. *fixed*: what the database holds once errors.csv is corrected,
    in so many *rounds*, and uploaded.
    """

    name: str
    data: bytes
    rows: int = 0
    kind: str = "contacts"
    form: Mapping[str, str] = field(default_factory=dict)
    before: bytes | None = None
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    duplicate: int = 0
    errors: tuple[tuple[int, str, str], ...] = ()
    counts: Mapping[str, Counted] | None = None
    encoding: str = "utf-8"
    delimiter: str = "comma"
    unknown: tuple[str, ...] = ()
    trailer: str | None = None
    duplicate_at: int | None = None
    refused: tuple[int, str] | None = None
    says: str = ""
    stored: Stored = field(default_factory=Stored)
    fixed: Stored | None = None
    rounds: int = 1

    @property
    def status(self) -> str:
        """The import's, in the end."""
        if self.duplicate_at or len(self.errors) == self.rows:
            return "failed"
        return "completed_with_errors" if self.errors else "completed"

    @property
    def counted(self) -> dict[str, dict[str, int]]:
        """The report's counts, with those that are zero."""
        counts = self.counts or {"contacts": (self.created, self.updated, self.unchanged)}
        names = ("created", "updated", "unchanged")
        return {target: dict(zip(names, counts.get(target, (0, 0, 0)), strict=True)) for target in TARGETS[self.kind]}


def filled(data: bytes, phones: list[str]) -> bytes:
    """*data* with *phones* at their places."""
    if b"{" not in data:
        return data
    codec = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(data[:2], "latin-1")
    return written(data.decode(codec), phones).encode(codec)


def written(text: str, phones: list[str]) -> str:
    """*text* with *phones* at their places."""
    return PLACE.sub(lambda place: SPELLINGS[place[2]](phones[int(place[1])].removeprefix("+1")), text)
