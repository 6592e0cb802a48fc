"""Which column of a file means what."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.problem import Problem

CONTACT_FIELDS = (
    "phone",
    "first_name",
    "last_name",
    "email",
    "company",
    "title",
    "address",
    "city",
    "state",
    "zip",
    "notes",
)

COLUMNS_MAX = 16_384  # as many as a spreadsheet can have
NAME_MAX_CHARS = 1000
NAMES_SHOWN = 50


@dataclass(frozen=True)
class Kind:
    """A kind of CSV: its fields, and those without which a row means nothing."""

    name: str
    fields: tuple[str, ...]
    required: frozenset[str]


KINDS: Mapping[str, Kind] = {"contacts": Kind("contacts", CONTACT_FIELDS, frozenset({"phone"}))}


@dataclass(frozen=True)
class Layout:
    """A file's own columns, and the place of each field among them."""

    header: tuple[str, ...]
    position: Mapping[str, int]

    @property
    def width(self) -> int:
        """Cells in a row of this file."""
        return len(self.header)


def match(header: Sequence[str], kind: Kind) -> Layout:
    """Finds *kind*'s fields in *header*, whatever their case, spacing and order.

    Raises Problem (400) that names what is missing, what is there twice, and what was found.
    """
    if len(header) > COLUMNS_MAX or any(len(name) > NAME_MAX_CHARS for name in header):
        raise Problem(
            400,
            "bad-header",
            "The first line is no header",
            f"The first line has {len(header):,} cells, the longest with {max(map(len, header)):,} characters; at most "
            f"{COLUMNS_MAX:,} columns with names of {NAME_MAX_CHARS:,} characters can be read. "
            "Is a closing quote missing?",
            found=names_shown(header),
        )
    names = [canonical(name) for name in header]
    found = ", ".join(name.strip() or "(empty)" for name in names_shown(header))
    missing = sorted(kind.required - set(names))
    if missing:
        raise Problem(
            400,
            "missing-columns",
            "Columns are missing",
            f"The file's first line must name {', '.join(missing)}; found: {found}. "
            "Add the header line or rename the columns, then upload again.",
            missing=missing,
            found=names_shown(header),
        )
    twice = sorted(name for name, times in Counter(names).items() if times > 1 and name in kind.fields)
    if twice:
        raise Problem(
            400,
            "repeated-columns",
            "Columns are there twice",
            f"The file's first line names {', '.join(twice)} more than once; found: {found}. Keep one of each.",
            repeated=twice,
            found=names_shown(header),
        )
    return Layout(tuple(header), {field: names.index(field) for field in kind.fields if field in names})


def names_shown(header: Sequence[str]) -> list[str]:
    """The first names of *header*, as many and as much of each as an answer should repeat."""
    return [name[:100] for name in header[:NAMES_SHOWN]]


def canonical(name: str) -> str:
    """``' First Name '`` -> ``'first_name'``."""
    return "_".join(name.strip().lower().replace("_", " ").replace("-", " ").split())
