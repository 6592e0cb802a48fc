"""/api/contacts."""

from uuid import UUID

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.storage.models import Contact, ContactList, ListMember
from app.web.auth import protect
from app.web.pages import cursor, limit, next_cursor

blueprint = protect(Blueprint("contacts", __name__, url_prefix="/api/contacts"))


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Contacts in the order of their ids; ``phone`` and ``list`` filter, ``cursor`` goes on."""
    size = limit()
    query = select(Contact.__table__).order_by(Contact.id).limit(size + 1)
    if "phone" in request.args:
        query = query.where(Contact.phone == request.args["phone"].replace("\0", ""))
    if "list" in request.args:
        members = (
            select(ListMember.contact_id)
            .join(ContactList)
            .where(ContactList.name == request.args["list"].replace("\0", ""))
        )
        query = query.where(Contact.id.in_(members))
    after = cursor("contact", UUID)
    if after:
        query = query.where(Contact.id > after)
    with current_app.extensions["engine"].connect() as connection:
        found = [dict(row) for row in connection.execute(query).mappings()]
    shown = found[:size]
    more = next_cursor("contact", shown[-1]["id"]) if len(found) > size else None
    for contact in shown:
        contact |= {name: contact[name].isoformat() for name in ("created_at", "updated_at")}
    return jsonify(contacts=shown, next=more)
