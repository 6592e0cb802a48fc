"""/api/contacts."""

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, Select, select
from sqlalchemy.orm import InstrumentedAttribute

from app.storage.models import (
    Campaign,
    CampaignMember,
    Contact,
    ContactList,
    Import,
    ListMember,
    Property,
    PropertyContact,
)
from app.web.auth import protect
from app.web.pages import SHOWN_CHARS, bad_option, cursor, filters, limit, page, phone, uuid

blueprint = protect(Blueprint("contacts", __name__, url_prefix="/api/contacts"))
FILTERS = ("phone", "list", "campaign", "import", "property")
SHOWN = [column for column in Contact.__table__.columns if column.name != "import_number"]
MEMBERSHIP = (CampaignMember.status, CampaignMember.message_sent_at, CampaignMember.openphone_message_id)


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Contacts in the order of their ids, page by page; every filter given must fit.

    ``phone`` takes any spelling; ``list`` and ``campaign`` a name; ``property`` an id. ``import`` takes an import's id,
    and finds the contacts that it was the last to create or change: not those it found as they were already, nor
    those that a later import has changed since. With ``campaign`` each contact shows what became of its message.
    """
    given, size, after = filters(*FILTERS), limit(), cursor("contact", UUID)
    with current_app.extensions["engine"].connect() as connection:
        query, keys = _filtered(connection, given)
        if after:
            # Said of each key, so that whichever index leads, the page begins there.
            query = query.where(*(key > after for key in keys))
        rows = connection.execute(query.order_by(Contact.id).limit(size + 1)).mappings()
        found, more = page("contact", [dict(row) for row in rows], size)
    return jsonify(contacts=[_shown(contact) for contact in found], next=more)


def import_number(connection: Connection, raw: str) -> int:
    """The number of the import whose id the filter ``import`` gives. Raises Problem (400)."""
    import_id = uuid("import", raw, "GET /api/imports lists the imports with their ids.")
    number = connection.scalar(select(Import.number).where(Import.id == import_id))
    if number is None:
        raise bad_option("import", f"is {import_id}, and there is no such import; GET /api/imports lists them")
    return number


def _filtered(connection: Connection, given: dict[str, str]) -> tuple[Select[Any], list[InstrumentedAttribute[UUID]]]:
    """The contacts that fit, and the columns that are their ids. Each join finds a contact once, by a primary key."""
    query: Select[Any] = select(*SHOWN)
    keys = [Contact.id]
    if "phone" in given:
        region = current_app.extensions["settings"].phone_default_region
        query = query.where(Contact.phone == phone("phone", given["phone"], region))
    if "import" in given:
        query = query.where(Contact.import_number == import_number(connection, given["import"]))
    if "list" in given:
        list_id = _named(connection, ContactList, "list", given["list"])
        query = query.join(ListMember, ListMember.contact_id == Contact.id).where(ListMember.list_id == list_id)
        keys.append(ListMember.contact_id)
    if "campaign" in given:
        campaign_id = _named(connection, Campaign, "campaign", given["campaign"])
        query = query.add_columns(*MEMBERSHIP).join(CampaignMember, CampaignMember.contact_id == Contact.id)
        query = query.where(CampaignMember.campaign_id == campaign_id)
        keys.append(CampaignMember.contact_id)
    if "property" in given:
        property_id = uuid("property", given["property"], "GET /api/properties lists the properties with their ids.")
        if connection.scalar(select(Property.id).where(Property.id == property_id)) is None:
            raise bad_option(
                "property", f"is {property_id}, and there is no such property; GET /api/properties lists them"
            )
        query = query.join(PropertyContact, PropertyContact.contact_id == Contact.id)
        query = query.where(PropertyContact.property_id == property_id)
        keys.append(PropertyContact.contact_id)
    return query, keys


def _named(connection: Connection, named: type[ContactList] | type[Campaign], option: str, name: str) -> UUID:
    found = connection.scalar(select(named.id).where(named.name == name))
    if found is None:
        seen = f"GET /api/imports shows each import's {option}"
        raise bad_option(option, f"is {name[:SHOWN_CHARS]!r}, and there is no {option} of that name; {seen}")
    return found


def _shown(contact: Any) -> dict[str, Any]:
    times = [name for name in ("created_at", "updated_at", "message_sent_at") if contact.get(name)]
    return {**contact, **{name: contact[name].isoformat() for name in times}}
