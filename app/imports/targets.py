"""The tables that rows go to, and the staging table of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

TEXT, NUMERIC, BOOLEAN, DATE, TIME, JSON = "text", "numeric", "boolean", "date", "timestamptz", "jsonb"
KEY = 'text COLLATE "C"'


@dataclass(frozen=True, eq=False)
class Target:
    """*staged*: column -> type of the staging table, the key first. *fields* are what an import may change.

    A staged row has its place where the columns of *unique* are *unique_values*: where things of *others* are. Its
    table's rows are looked up *within* those that are so, by the last of the columns.
    """

    name: str
    table: str
    staged: Mapping[str, str]
    fields: tuple[str, ...]
    unique: tuple[str, ...]
    unique_values: tuple[str, ...]
    others: tuple[str, ...] = ()
    within: str = "true"
    has_id: bool = False
    has_extra: bool = True

    @property
    def staging(self) -> str:
        """The name of its staging table."""
        return f"staging_{self.name}"

    @property
    def ids(self) -> str:
        """The name of the table that tells a chunk's ids by their keys."""
        return f"ids_of_{self.name}"

    @cached_property
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


CAMPAIGN = "CAST(:campaign_id AS uuid)"
PROPERTY = "COALESCE(properties.id, (SELECT id FROM properties WHERE key = s.property))"
CONTACT = "COALESCE(contacts.id, (SELECT id FROM contacts WHERE phone = s.phone))"

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
            (PROPERTY, CONTACT),
            ("properties", "contacts"),
            has_extra=False,
        ),
        Target(
            "members",
            "campaign_members",
            {"phone": KEY, **MEMBER_FIELDS},
            tuple(MEMBER_FIELDS),
            ("campaign_id", "contact_id"),
            (CAMPAIGN, CONTACT),
            ("contacts",),
            f"campaign_id = {CAMPAIGN}",
        ),
    )
}


@cache
def create(target: Target) -> str:
    """The DDL of the staging table."""
    types = {**target.staged, **({"extra": "jsonb", "cleared": "text[]"} if target.has_extra else {})}
    return _temporary(target.staging, ", ".join(f"{name} {of}" for name, of in types.items()))


@cache
def create_ids(target: Target) -> str:
    """The DDL of its table of ids; the planner is told that each key is there once, or it takes joins for large."""
    return f"""{_temporary(target.ids, f"key {KEY}, id uuid")};
        INSERT INTO {target.ids} SELECT generate_series(1, 100);
        ANALYZE {target.ids};
        DELETE FROM {target.ids}"""  # noqa: S608 - our own name


def _temporary(name: str, columns: str) -> str:
    return f"CREATE TEMP TABLE IF NOT EXISTS {name} ({columns}) ON COMMIT DELETE ROWS"


EXISTING: Mapping[str, str] = {
    "contacts": "SELECT phone FROM contacts WHERE phone = ANY(:keys)",
    "properties": "SELECT key FROM properties WHERE key = ANY(:keys)",
    "members": "SELECT phone FROM contacts JOIN campaign_members ON contact_id = contacts.id"
    " WHERE campaign_id = :campaign_id AND phone = ANY(:keys)",
}
