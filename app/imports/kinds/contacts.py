"""Contact lists: one contact a row, known by the phone."""

from collections.abc import Iterator, Mapping, Sequence

from app.imports import cells as read
from app.imports.columns import Block, Column, Columns
from app.imports.kinds.kind import Cells, Key, Kind
from app.imports.parsed import CLEAR, Parsed, Values

# The header names of three real shapes (a CRM's list, OpenPhone's own export, a list of agents), and close relatives.
PHONE = (
    *("phone", "phone number", "mobile", "mobile phone", "mobile number", "cell", "cell phone", "cell number"),
    *("telephone", "tel", "phone 1", "phone1", "primary phone"),
)
NAME = ("name", "full name", "contact name")
FIELDS = {
    "phone": PHONE,
    "name": NAME,
    "first_name": ("first name", "firstname", "given name", "first"),
    "last_name": ("last name", "lastname", "surname", "family name", "last"),
    "email": ("email", "e mail", "email address", "e mail address", "mail"),
    "company": ("company", "company name", "organization", "organisation"),
    "title": ("title", "role", "job title", "position"),
    "address": ("address", "street", "street address", "address 1", "address line 1"),
    "city": ("city", "town"),
    "state": ("state", "province", "region"),
    "zip": ("zip", "zip code", "zipcode", "postal code", "postcode"),
    "notes": ("notes", "note", "comment", "comments"),
}
PLAIN = ("first_name", "last_name", "company", "title", "address", "city", "state", "zip", "notes")


def parse(cells: Cells) -> Parsed:
    """The row's contact. Raises FieldError."""
    phone = cells.phone("phone")
    values: Values = {"phone": phone, "email": cells.read("email", read.email)}
    for name in PLAIN:
        values[name] = cells.text(name)
    values |= named(cells.text("name"))
    values["extra"] = cells.unknown()
    return Parsed(cells.number, phone, {"contacts": {phone: values}})


def blocks(columns: Columns) -> Mapping[str, Sequence[Block]]:
    """The rows' contacts, as `parse` has them."""
    said = {
        "phone": columns.phone("phone"),
        "email": columns.read("email", read.email),
        **{name: columns.text(name) for name in PLAIN},
        **names(columns, "name"),
        "extra": columns.unknown(),
    }
    return {"contacts": [Block(said["phone"], range(columns.count), said)]}


def names(columns: Columns, field: str) -> Mapping[str, Column]:
    """First and last names of whole ones; nothing where the file has no such column."""
    whole = columns.text(field)
    if whole is columns.nothing:
        return {}
    first, last = read.full_names(whole)
    return {"first_name": first, "last_name": last}


def shared(columns: Columns) -> list[Column]:
    """The phones."""
    return [columns.phone_or_none("phone")]


def named(whole: str | None) -> Values:
    """First and last name of a *whole* one; nothing for None."""
    if whole is None:
        return {}
    first, last = (CLEAR, CLEAR) if whole is CLEAR else read.full_name(whole)
    if whole is not CLEAR and CLEAR in {(first or "").lower(), (last or "").lower()}:
        first, last = whole, None  # the marker is a whole cell, not a part of one
    return {"first_name": first, "last_name": last}


def keys(cells: Cells) -> Iterator[Key]:
    """The phone."""
    phone = cells.phone_key("phone")
    if phone:
        yield "contacts", phone


KIND = Kind(
    "contacts",
    about="contacts",
    fields=FIELDS,
    required=("phone",),
    parse=parse,
    keys=keys,
    blocks=blocks,
    shared=shared,
    targets=("contacts",),
    unless={"name": ("first_name", "last_name")},
)
