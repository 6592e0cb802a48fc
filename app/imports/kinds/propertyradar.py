"""PropertyRadar exports: a property a row, with up to two people to reach."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import compress

from app.imports import cells as read
from app.imports.columns import Block, Column, Columns, objects
from app.imports.kinds.contacts import named, names
from app.imports.kinds.kind import Cells, FieldError, Key, Kind
from app.imports.parsed import CLEAR, Parsed, Values

TEXTS = {
    "type": ("Type",),
    "address": ("Address", "Site Address"),
    "city": ("City", "Site City"),
    "state": ("State", "Site State"),
    "zip": ("ZIP", "ZIP Code", "Site ZIP"),
    "subdivision": ("Subdivision",),
    "apn": ("APN",),
    "owner": ("Owner",),
    "mail_address": ("Mail Address",),
    "mail_city": ("Mail City",),
    "mail_state": ("Mail State",),
    "mail_zip": ("Mail ZIP",),
    "listing_status": ("Listing Status",),
}
NUMBERS = {
    "longitude": ("Longitude",),
    "latitude": ("Latitude",),
    "year_built": ("Yr Built", "Year Built"),
    "purchase_months_since": ("Purchase Mos Since",),
    "square_feet": ("Sq Ft",),
    "beds": ("Beds",),
    "baths": ("Baths",),
    "estimated_value": ("Est Value",),
    "estimated_equity": ("Est Equity $",),
    "equity_percent": ("Est Equity %",),
}
FLAGS = {
    "owner_occupied": ("Owner Occ?",),
    "listed_for_sale": ("Listed for Sale?",),
    "foreclosure": ("Foreclosure?",),
    "high_equity": ("High Equity?",),
}
ROLES = ("primary", "secondary")
PEOPLE = {
    f"{role}_{name}": tuple(spelling.format(role.title()) for spelling in spellings)
    for role in ROLES
    for name, spellings in {
        "name": ("{} Name",),
        "phone": ("{} Mobile Phone1", "{} Phone1", "{} Mobile Phone 1", "{} Phone 1"),
        "phone_status": ("{} Mobile 1 Status", "{} Phone 1 Status", "{} Phone1 Status"),
        "email": ("{} Email1", "{} Email 1"),
        "email_status": ("{} Email 1 Status", "{} Email1 Status"),
        "email_hash": ("{} Email1 Hash", "{} Email 1 Hash"),
    }.items()
}
FIELDS = {**TEXTS, **NUMBERS, **FLAGS, "purchase_date": ("Purchase Date",), **PEOPLE}
REQUIRED = ("type", "address", "city", "zip", "primary_name", "primary_phone")
ASIDE = ("phone_status", "email_status", "email_hash")
# An index entry of PostgreSQL has room for about 2,700 bytes.
KEY_MAX_CHARS = 600
_SPACES = ("  ", *(character for character in map(chr, range(128)) if character.isspace() and character not in " \n"))


def parse(cells: Cells) -> Parsed:
    """The row's property, contacts and links between them. Raises FieldError."""
    values = {name: cells.text(name) for name in TEXTS}
    values |= {name: cells.read(name, read.number) for name in NUMBERS}
    values |= {name: cells.read(name, read.flag) for name in FLAGS}
    values["purchase_date"] = cells.read("purchase_date", read.date)
    key = property_key(cells)
    if key is None:
        raise FieldError(
            "address",
            "address_missing",
            "neither an APN nor an address",
            "fill in one of them; a property is known by it",
        )
    if len(key.partition(":")[2]) > KEY_MAX_CHARS:
        raise FieldError(
            "apn" if key.startswith("apn:") else "address",
            "cell_too_long",
            f"APN, or address with city and ZIP, has more than {KEY_MAX_CHARS} characters",
            "shorten it; is a closing quote missing?",
        )
    contacts: dict[str, Values] = {}
    links: dict[str, Values] = {}
    extra = cells.unknown()
    for role in ROLES:
        person, said = _person(cells, role)
        phone = person["phone"]
        if phone is None or phone in contacts:
            extra |= said  # nobody of their own in the contacts; the property remembers what was said
            continue
        contacts[phone] = person
        links[f"{key}\n{phone}"] = {"property": key, "phone": phone, "role": role}
    property_values: Values = {"key": key, **values, "extra": extra}
    return Parsed(cells.number, key, {"contacts": contacts, "properties": {key: property_values}, "links": links})


def _person(cells: Cells, role: str) -> tuple[Values, dict[str, str]]:
    """The person's contact, and the same by the names of an export's columns."""
    texts = {name: cells.text(f"{role}_{name}") for name in ("name", *ASIDE)}
    phone, email = cells.phone_or_none(f"{role}_phone"), cells.read(f"{role}_email", read.email)
    aside = {name: text for name in ASIDE if (text := texts[name]) is not None and text is not CLEAR}
    said = {"name": texts["name"], "email": email, **aside}
    columns = {PEOPLE[f"{role}_{name}"][0]: text for name, text in said.items() if text and text is not CLEAR}
    return {"phone": phone, "email": email, **named(texts["name"]), "extra": aside}, columns


def blocks(columns: Columns) -> Mapping[str, Sequence[Block]]:
    """The rows' properties, contacts and links, as `parse` has them."""
    keys, *own = shared(columns)
    contacts: list[Block] = []
    links: list[Block] = []
    told: list[Mapping[str, Column]] = []
    for role, has in zip(ROLES, own, strict=True):
        rows = list(compress(range(columns.count), has))
        aside = {name: columns.text(f"{role}_{name}") for name in ASIDE}
        email = columns.read(f"{role}_email", read.email)
        person = {"email": email, **names(columns, f"{role}_name"), "extra": objects(aside)}
        phone = [*filter(None, has)]
        contacts.append(Block(phone, rows, {"phone": phone, **_of(person, has)}))
        key = [*compress(keys, has)]
        link = {"property": key, "phone": phone, "role": [role] * len(rows)}
        links.append(Block([f"{one}\n{other}" for one, other in zip(key, phone, strict=True)], rows, link))
        said = {"name": columns.text(f"{role}_name"), "email": email, **aside}
        told.append({PEOPLE[f"{role}_{name}"][0]: _unless(has, column) for name, column in said.items()})
    values = {
        "key": keys,
        **{name: columns.text(name) for name in TEXTS},
        **{name: columns.read(name, read.number) for name in NUMBERS},
        **{name: columns.read(name, read.flag) for name in FLAGS},
        "purchase_date": columns.read("purchase_date", read.date),
        "extra": columns.unknown(*told),
    }
    return {
        "contacts": contacts,
        "properties": [Block(keys, range(columns.count), values)],
        "links": links,
    }


def shared(columns: Columns) -> list[Column]:
    """The property keys; then the phones of each role, "" where there is nobody of their own in the contacts."""
    phones = [columns.phone_or_none(f"{role}_phone") for role in ROLES]
    return [property_keys(columns), *(_own(column, phones[:place]) for place, column in enumerate(phones))]


def _own(phones: Column, others: Sequence[Column]) -> Column:
    """The *phones*, but "" for one that stands among those of *others*, who come first, in the same row."""
    before = zip(*others, strict=True)
    return ["" if phone in known else phone for phone, known in zip(phones, before, strict=True)] if others else phones


def _of(said: Mapping[str, Column], has: Column) -> Mapping[str, Column]:
    return {name: [*compress(column, has)] for name, column in said.items()}


def _unless(has: Column, column: Column) -> Column:
    return ["" if one else other for one, other in zip(has, column, strict=True)]


def property_keys(columns: Columns) -> Column:
    """The `property_key` of each row; one that has none, or too long a one, is wrong."""
    apn, address, city, zip_code = (_all_folded(columns.text(name)) for name in ("apn", "address", "city", "zip"))
    keys = [
        f"apn:{parcel}" if parcel else f"address:{' '.join(place).strip()}" if place[0] else ""
        for parcel, *place in zip(apn, address, city, zip_code, strict=True)
    ]
    sizes = [*map(len, keys)]
    if min(sizes, default=1) == 0 or max(sizes, default=0) > KEY_MAX_CHARS:
        columns.reject(len(key.partition(":")[2]) > KEY_MAX_CHARS or not key for key in keys)
    return keys


def property_key(cells: Cells) -> str | None:
    """``apn:...``, or ``address:...`` where there is no APN, in one case and spacing; None where there is neither.

    A row without an APN is never taken for a property with one: the flats of a house share its address.
    """
    apn = _said(cells, "apn")
    if apn:
        return f"apn:{apn}"
    address = _said(cells, "address")
    return f"address:{' '.join([address, _said(cells, 'city'), _said(cells, 'zip')]).strip()}" if address else None


def _said(cells: Cells, name: str) -> str:
    text = cells.text(name)
    return "" if text is None or text is CLEAR else _folded(text)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _all_folded(column: Column) -> Column:
    """Of trimmed cells; as text of one line each nearly always is: at once."""
    together = "\n".join(column)
    folded = together.casefold().split("\n")
    if len(folded) != len(column) or not together.isascii() or any(spaces in together for spaces in _SPACES):
        return list(map(_folded, column))
    return folded


def keys(cells: Cells) -> Iterator[Key]:
    """The property and the phones."""
    key = property_key(cells)
    if key:
        yield "properties", key
    for phone in {cells.phone_key(f"{role}_phone") for role in ROLES} - {None}:
        yield "contacts", str(phone)


KIND = Kind(
    "propertyradar",
    about="properties",
    fields=FIELDS,
    required=REQUIRED,
    parse=parse,
    keys=keys,
    blocks=blocks,
    shared=shared,
    targets=("contacts", "properties", "links"),
    has_trailer=True,
)
