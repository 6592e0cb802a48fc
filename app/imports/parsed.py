"""What a row says, once it is understood."""

from dataclasses import dataclass
from typing import Any

# A cell that says so empties its field; an empty cell says nothing.
CLEAR = "[clear]"

Values = dict[str, Any]  # field -> text as COPY takes it, None (not said), CLEAR; "extra" -> {column: text}


@dataclass(frozen=True, slots=True)
class Parsed:
    """One good row: *values* by target (contacts, properties, links, members) and key; *identity* is what it is about.

    The keys: a contact's and a member's is the phone (E.164), a property's its own, a link's both with a line end
    between.
    """

    number: int
    identity: str
    values: dict[str, dict[str, Values]]


def fold(known: Values, later: Values) -> None:
    """Makes *known* say what *later* says, too; where both say something, the later."""
    extra = {**known.get("extra", {}), **later.get("extra", {})}
    known |= {name: value for name, value in later.items() if value is not None}
    if extra:
        known["extra"] = extra
