"""Which column of a file means what."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import takewhile

from app.imports.kinds import KINDS
from app.imports.kinds.kind import Kind
from app.problem import Problem

# In front of the original columns in errors.csv; a file that begins with them is one that was fixed.
ERROR_COLUMNS = ("error_row", "error_column", "error_value", "error_reason", "error_fix")
COLUMNS_MAX = 16_384  # as many as a spreadsheet can have
NAME_MAX_CHARS = 1000
NAMES_SHOWN = 50


@dataclass(frozen=True)
class Layout:
    """A file's own columns, the place of each field among them, and the columns that no one knows by their names.

    *lead*: cells of a row in front of the first column, to be passed over.
    """

    header: tuple[str, ...]
    position: Mapping[str, int]
    unknown: Mapping[str, int]
    lead: int
    as_read: tuple[str, ...]

    @property
    def width(self) -> int:
        """Cells of a row behind the lead."""
        return len(self.header)

    @property
    def overhead(self) -> int:
        """Characters that a row may take beside its cells: the names of what no one knows."""
        return sum(map(len, self.unknown))


def match(header: Sequence[str], kind: Kind) -> Layout:
    """Finds *kind*'s fields in *header*, whatever their case, spacing and order.

    Raises Problem (400) that names what is missing, what is there twice, and what was found.
    """
    columns = header[lead_of(header) :]
    if len(columns) > COLUMNS_MAX or any(len(name) > NAME_MAX_CHARS for name in columns):
        raise Problem(
            400,
            "bad-header",
            "The first line is no header",
            f"The first line has {len(header):,} cells, the longest with {max(map(len, header)):,} characters; at most "
            f"{COLUMNS_MAX:,} columns with names of {NAME_MAX_CHARS:,} characters can be read. "
            "Is a closing quote missing?",
            found=names_shown(header),
        )
    layout = understand(header, kind)
    header, position = layout.header, layout.position
    names = [canonical(name) for name in header]
    found = ", ".join(name.strip() or "(empty)" for name in names_shown(header))
    missing = sorted(kind.fields[name][0] for name in kind.required if name not in position)
    if missing:
        raise Problem(
            400,
            "missing-columns",
            "Columns are missing",
            f"The file's first line must name {', '.join(missing)}; found: {found}. "
            "Add the header line or rename the columns, then upload again. "
            f"Is it a file of kind {kind.name} (there are: {', '.join(KINDS)})?",
            missing=missing,
            found=names_shown(header),
        )
    times = Counter(names)
    twice = sorted(names[place] for place in position.values() if times[names[place]] > 1)
    if twice:
        raise Problem(
            400,
            "repeated-columns",
            "Columns are there twice",
            f"The file's first line names {', '.join(twice)} more than once; found: {found}. Keep one of each.",
            repeated=twice,
            found=names_shown(header),
        )
    return layout


def understand(header: Sequence[str], kind: Kind) -> Layout:
    """The layout of a first line that `match` has checked."""
    lead = lead_of(header)
    columns = tuple(own(header, lead))
    position = _position([canonical(name) for name in columns], kind)
    return Layout(columns, position, _unknown(columns, set(position.values())), lead, tuple(header))


def recognised(header: Sequence[str], kind: Kind) -> int:
    """How many of *header*'s columns *kind* knows."""
    return len(_position([canonical(name) for name in header], kind))


def lead_of(header: Sequence[str]) -> int:
    """How many columns at the front of *header* are those of errors.csv.

    Someone may have deleted some of them; one alone may be a column of the file's own.
    """
    names = (canonical(name).replace(" ", "_") for name in header)
    found = sum(1 for _ in takewhile(ERROR_COLUMNS.__contains__, names))
    return found if found > 1 else 0


def own(cells: Sequence[str], lead: int) -> Sequence[str]:
    """The cells behind the *lead*, without the apostrophes that errors.csv puts before what a spreadsheet would run."""
    return [cell.removeprefix("'") for cell in cells[lead:]] if lead else cells


def _position(names: Sequence[str], kind: Kind) -> dict[str, int]:
    place = {name: at for at, name in reversed(list(enumerate(names)))}
    position = {}
    for field, spellings in _spellings(kind.name).items():
        at = next((place[spelling] for spelling in spellings if spelling in place), None)
        if at is not None:
            position[field] = at
    for field, others in kind.unless.items():
        if any(other in position for other in others):
            position.pop(field, None)
    return position


@cache
def _spellings(kind_name: str) -> Mapping[str, tuple[str, ...]]:
    return {field: tuple(map(canonical, names)) for field, names in KINDS[kind_name].fields.items()}


def _unknown(header: Sequence[str], known: set[int]) -> dict[str, int]:
    """Names as in the file; a name that is there again gets a number, one that is empty the column's place."""
    found: dict[str, int] = {}
    times: Counter[str] = Counter()
    for at, name in enumerate(header):
        if at in known:
            continue
        plain = " ".join(name.replace("\0", "").split()) or f"column {at + 1}"
        unique = plain
        while unique in found:
            times[plain] += 1
            unique = f"{plain} ({times[plain] + 1})"
        found[unique] = at
    return found


def names_shown(header: Sequence[str]) -> list[str]:
    """The first names of *header*, as many and as much of each as an answer should repeat."""
    return [name[:100] for name in header[:NAMES_SHOWN]]


def canonical(name: str) -> str:
    """``' First_Name '`` -> ``'first name'``."""
    return " ".join(name.strip().lower().replace("_", " ").replace("-", " ").split())
