"""The tables that rows go to, and the staging table of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

TEXT, NUMERIC, BOOLEAN, DATE, TIME, JSON = "text", "numeric", "boolean", "date", "timestamptz", "jsonb"
KEY = 'text COLLATE "C"'


@dataclass(frozen=True, eq=False)
class Target:
    """*staged*: column -> type of the staging table, the key first. *fields* are what an import may change.

    A staged row, with what it is *joined* to, has its place where the columns of *unique* are *unique_values*.
    """

    name: str
    table: str
    staged: Mapping[str, str]
    fields: tuple[str, ...]
    unique: tuple[str, ...]
    unique_values: tuple[str, ...]
    joined: str = ""
    has_id: bool = False
    has_extra: bool = True

    @property
    def staging(self) -> str:
        """The name of its staging table."""
        return f"staging_{self.name}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The staging table's columns, in the order of its COPY."""
        return (*self.staged, *(("extra", "cleared") if self.has_extra else ()))


CONTACT_FIELDS = (
    *("first_name", "last_name", "email", "company", "title", "address", "city", "state", "zip", "notes"),
)
PROPERTY_FIELDS = {
    **dict.fromkeys(("type", "address", "city", "state", "zip", "subdivision", "apn", "owner"), TEXT),
    **dict.fromkeys(("mail_address", "mail_city", "mail_state", "mail_zip", "listing_status"), TEXT),
    **dict.fromkeys(("longitude", "latitude", "year_built", "purchase_months_since", "square_feet"), NUMERIC),
    **dict.fromkeys(("beds", "baths", "estimated_value", "estimated_equity", "equity_percent"), NUMERIC),
    **dict.fromkeys(("owner_occupied", "listed_for_sale", "foreclosure", "high_equity"), BOOLEAN),
    "purchase_date": DATE,
}
MEMBER_FIELDS = {"status": TEXT, "message_sent_at": TIME, "openphone_message_id": TEXT}


def _by_index(alias: str, table: str, where: str) -> str:
    """Looks each staged row up, whatever the planner takes the table for.

    Where ANALYZE meets an import whose first chunks are not committed, tables that are full are said to be empty: a
    plain join then compares each row with each, and a minute is gone.
    """
    return f"CROSS JOIN LATERAL (SELECT id FROM {table} WHERE {where} OFFSET 0) AS {alias}"  # noqa: S608 - constants


TARGETS: Mapping[str, Target] = {
    target.name: target
    for target in (
        Target(
            "contacts",
            "contacts",
            {"phone": KEY, **dict.fromkeys(CONTACT_FIELDS, TEXT)},
            CONTACT_FIELDS,
            ("phone",),
            ("s.phone",),
            has_id=True,
        ),
        Target(
            "properties",
            "properties",
            {"key": KEY, **PROPERTY_FIELDS},
            tuple(PROPERTY_FIELDS),
            ("key",),
            ("s.key",),
            has_id=True,
        ),
        Target(
            "links",
            "property_contacts",
            {"property": KEY, "phone": KEY, "role": TEXT},
            ("role",),
            ("property_id", "contact_id"),
            ("p.id", "c.id"),
            f"{_by_index('p', 'properties', 'key = s.property')} {_by_index('c', 'contacts', 'phone = s.phone')}",
            has_extra=False,
        ),
        Target(
            "members",
            "campaign_members",
            {"phone": KEY, **MEMBER_FIELDS},
            tuple(MEMBER_FIELDS),
            ("campaign_id", "contact_id"),
            ("CAST(:campaign_id AS uuid)", "c.id"),
            _by_index("c", "contacts", "phone = s.phone"),
        ),
    )
}


@cache
def create(target: Target) -> str:
    """The DDL of the staging table."""
    types = {**target.staged, **({"extra": "jsonb", "cleared": "text[]"} if target.has_extra else {})}
    columns = ", ".join(f"{name} {of}" for name, of in types.items())
    return f"CREATE TEMP TABLE IF NOT EXISTS {target.staging} ({columns}) ON COMMIT DELETE ROWS"


EXISTING: Mapping[str, str] = {
    "contacts": "SELECT phone FROM contacts WHERE phone = ANY(:keys)",
    "properties": "SELECT key FROM properties WHERE key = ANY(:keys)",
    "members": "SELECT phone FROM contacts JOIN campaign_members ON contact_id = contacts.id"
    " WHERE campaign_id = :campaign_id AND phone = ANY(:keys)",
}
