"""The tables that rows go to, and how a staged row is merged into each.

A field that the file leaves empty keeps what was known, one that it clears is emptied; what a later import has written,
an earlier one that is resumed leaves alone. Rows are merged in the order of their keys, so that two imports of the same
things lock them in the same order.
"""

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
    joined: str
    returned: str
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
            "",
            "t.id, t.phone",
        ),
        Target(
            "properties",
            "properties",
            {"key": KEY, **PROPERTY_FIELDS},
            tuple(PROPERTY_FIELDS),
            ("key",),
            ("s.key",),
            "",
            "t.id",
        ),
        Target(
            "links",
            "property_contacts",
            {"property": KEY, "phone": KEY, "role": TEXT},
            ("role",),
            ("property_id", "contact_id"),
            ("p.id", "c.id"),
            "JOIN properties AS p ON p.key = s.property JOIN contacts AS c ON c.phone = s.phone",
            "t.property_id, t.contact_id AS id",
            has_extra=False,
        ),
        Target(
            "members",
            "campaign_members",
            {"phone": KEY, **MEMBER_FIELDS},
            tuple(MEMBER_FIELDS),
            ("campaign_id", "contact_id"),
            ("CAST(:campaign_id AS uuid)", "c.id"),
            "JOIN contacts AS c ON c.phone = s.phone",
            "t.contact_id AS id",
        ),
    )
}


@cache
def create(target: Target) -> str:
    """The DDL of the staging table."""
    types = {**target.staged, **({"extra": "jsonb", "cleared": "text[]"} if target.has_extra else {})}
    columns = ", ".join(f"{name} {of}" for name, of in types.items())
    return f"CREATE TEMP TABLE IF NOT EXISTS {target.staging} ({columns}) ON COMMIT DELETE ROWS"


@cache
def merge(target: Target, on_duplicate: str) -> str:
    """The statement that merges the staged rows, returning each that is new (``is_new``) or changed.

    Its parameters: ``number`` of the import, and for members ``campaign_id``.
    """
    fields = (*target.fields, *(("extra",) if target.has_extra else ()))
    values = [f"s.{name}" for name in target.fields] + (["COALESCE(s.extra, '{}')"] if target.has_extra else [])
    merged = [f"COALESCE(EXCLUDED.{name}, t.{name})" for name in target.fields]
    merged += ["t.extra || EXCLUDED.extra"] if target.has_extra else []
    assignments = ", ".join(f"{name} = {value}" for name, value in zip(fields, merged, strict=True))
    changes = f"""UPDATE
    SET {assignments}, import_number = EXCLUDED.import_number, updated_at = now()
    WHERE t.import_number <= EXCLUDED.import_number
        AND ({", ".join(f"t.{name}" for name in fields)}) IS DISTINCT FROM ({", ".join(merged)})"""  # noqa: S608 - our names
    return f"""INSERT INTO {target.table} AS t ({", ".join((*target.unique, *fields, "import_number"))})
    SELECT {", ".join((*target.unique_values, *values, ":number"))}
    FROM {target.staging} AS s {target.joined} ORDER BY {", ".join(target.unique_values)}
    ON CONFLICT ({", ".join(target.unique)}) DO {"NOTHING" if on_duplicate == "skip" else changes}
    RETURNING {target.returned}, t.xmax = 0 AS is_new"""  # noqa: S608


@cache
def lock(target: Target) -> str:
    """The statement that locks what the staged rows will change, in the order of the merge."""
    at = " AND ".join(f"t.{name} = {value}" for name, value in zip(target.unique, target.unique_values, strict=True))
    return f"""SELECT FROM {target.staging} AS s {target.joined} JOIN {target.table} AS t ON {at}
    ORDER BY {", ".join(target.unique_values)} FOR NO KEY UPDATE OF t"""


@cache
def clear(target: Target) -> str:
    """The statement that empties what the staged rows clear, returning the ids of what it changed."""
    order = ", ".join(target.unique_values)
    at = " AND ".join(f"t.{name} = {value}" for name, value in zip(target.unique, target.unique_values, strict=True))
    emptied = ", ".join(
        f"{name} = CASE WHEN '{name}' = ANY(cleared) THEN NULL ELSE t.{name} END" for name in target.fields
    )
    full = " OR ".join(f"('{name}' = ANY(cleared) AND t.{name} IS NOT NULL)" for name in target.fields)
    return f"""WITH found AS (
        SELECT t.ctid AS place, s.cleared FROM {target.staging} AS s {target.joined} JOIN {target.table} AS t ON {at}
        WHERE s.cleared IS NOT NULL AND t.import_number <= :number ORDER BY {order} FOR UPDATE OF t
    )
    UPDATE {target.table} AS t SET {emptied}, import_number = :number, updated_at = now()
    FROM found WHERE t.ctid = place AND ({full})
    RETURNING {target.returned}"""  # noqa: S608


EXISTING: Mapping[str, str] = {
    "contacts": "SELECT phone FROM contacts WHERE phone = ANY(:keys)",
    "properties": "SELECT key FROM properties WHERE key = ANY(:keys)",
    "members": "SELECT phone FROM contacts JOIN campaign_members ON contact_id = contacts.id"
    " WHERE campaign_id = :campaign_id AND phone = ANY(:keys)",
}
