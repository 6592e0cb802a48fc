"""Which column of a file means what."""

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
    names = [canonical(name) for name in header]
    found = ", ".join(name or "(empty)" for name in header)
    missing = sorted(kind.required - set(names))
    if missing:
        raise Problem(
            400,
            "missing-columns",
            "Columns are missing",
            f"The file's first line must name {', '.join(missing)}; found: {found}. "
            "Add the header line or rename the columns, then upload again.",
            missing=missing,
            found=list(header),
        )
    twice = sorted({name for name in names if name in kind.fields and names.count(name) > 1})
    if twice:
        raise Problem(
            400,
            "repeated-columns",
            "Columns are there twice",
            f"The file's first line names {', '.join(twice)} more than once; found: {found}. Keep one of each.",
            repeated=twice,
            found=list(header),
        )
    return Layout(tuple(header), {field: names.index(field) for field in kind.fields if field in names})


def canonical(name: str) -> str:
    """``' First Name '`` -> ``'first_name'``."""
    return "_".join(name.strip().lower().replace("_", " ").replace("-", " ").split())
