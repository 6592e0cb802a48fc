"""Campaign contacts: one contact a row, with what came of the message to it."""

from collections.abc import Mapping, Sequence

from app.imports import cells as read
from app.imports.cells import CellError
from app.imports.columns import Block, Columns
from app.imports.kinds.contacts import NAME, PHONE, keys, named, names, shared
from app.imports.kinds.kind import Cells, Kind
from app.imports.parsed import Parsed, Values

STATUSES = ("pending", "sent", "delivered", "failed", "replied")
FIELDS = {
    "phone": ("phone number", *(name for name in PHONE if name != "phone number")),
    "name": NAME,
    "status": ("status", "message status"),
    "message_sent_at": ("message sent at", "sent at", "sent"),
    "openphone_message_id": ("openphone message id", "message id"),
}


def status(text: str) -> str:
    """A campaign's own word. Raises CellError."""
    found = text.lower()
    if found not in STATUSES:
        raise CellError("status_invalid", "no such status", f"write one of {', '.join(STATUSES)}, or leave it empty")
    return found


def parse(cells: Cells) -> Parsed:
    """The row's contact and its membership of the campaign. Raises FieldError."""
    phone = cells.phone("phone")
    contact: Values = {"phone": phone} | named(cells.text("name"))
    member: Values = {
        "phone": phone,
        "status": cells.read("status", status),
        "message_sent_at": cells.read("message_sent_at", read.timestamp),
        "openphone_message_id": cells.text("openphone_message_id"),
        "extra": cells.unknown(),
    }
    return Parsed(cells.number, phone, {"contacts": {phone: contact}, "members": {phone: member}})


def blocks(columns: Columns) -> Mapping[str, Sequence[Block]]:
    """The rows' contacts and memberships, as `parse` has them."""
    phone = columns.phone("phone")
    contact = {"phone": phone, **names(columns, "name")}
    member = {
        "phone": phone,
        "status": columns.read("status", status),
        "message_sent_at": columns.read("message_sent_at", read.timestamp),
        "openphone_message_id": columns.text("openphone_message_id"),
        "extra": columns.unknown(),
    }
    rows = range(columns.count)
    return {"contacts": [Block(phone, rows, contact)], "members": [Block(phone, rows, member)]}


KIND = Kind(
    "campaign",
    about="members",
    fields=FIELDS,
    required=("phone",),
    parse=parse,
    keys=keys,
    blocks=blocks,
    shared=shared,
    targets=("contacts", "members"),
    goes_to="campaign",
)
