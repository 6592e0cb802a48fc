"""Merges of staged rows into the tables, in SQL: by what is not there yet, or by ON CONFLICT.

Both insert in the order of the keys, so that two imports of the same things can't lock each other out; what points to a
contact goes in by its id, as the indexes have it. A statement's parameters are the import's ``number`` and those of
fresh ids.
"""

from app.imports.ids import in_order
from benchmarks.clean import IMPORT_ID, LIST_ID, fields

TELL = f"INSERT INTO openphone_outbox (import_id, contact_id) SELECT '{IMPORT_ID}', id FROM merged ORDER BY id"  # noqa: S608
LIST = f"INSERT INTO list_members (list_id, contact_id) SELECT '{LIST_ID}', id FROM"
LIST_KNOWN = f"""
{LIST} staged_contacts JOIN contacts USING (phone) WHERE NOT EXISTS (
    SELECT FROM list_members AS known WHERE list_id = '{LIST_ID}' AND known.contact_id = contacts.id) ORDER BY id
"""
LINK = """
INSERT INTO property_contacts (property_id, contact_id, role, import_number)
SELECT p.id, c.id, s.role, %(number)s FROM staged_property_contacts AS s
JOIN properties AS p ON p.key = s.property JOIN contacts AS c ON c.phone = s.phone
"""
LINK_NEW = f"""{LINK}
WHERE NOT EXISTS (
    SELECT FROM property_contacts AS known WHERE known.property_id = p.id AND known.contact_id = c.id)
ORDER BY p.id, c.id
"""


def staging(table: str) -> str:
    """The name of its staging table."""
    return f"staged_{table}"


def create(table: str) -> str:
    """DDL of the staging table: columns as in *table*, none of them required."""
    if table == "property_contacts":
        columns = '(property text COLLATE "C", phone text COLLATE "C", role text) ON COMMIT DELETE ROWS'
    else:
        columns = f"ON COMMIT DELETE ROWS AS SELECT {', '.join(fields(table))} FROM {table} WITH NO DATA"  # noqa: S608
    return f"CREATE TEMP TABLE {staging(table)} {columns}"


def anti_join(table: str) -> list[str]:
    """Updates what differs, then inserts what is not there."""
    if table == "property_contacts":
        return [LINK_NEW]
    key = fields(table)[0]
    update = f"""UPDATE {table} AS t SET {_assigned(table, "s")}, import_number = %(number)s, updated_at = now()
        FROM {staging(table)} AS s WHERE t.{key} = s.{key} AND {_differs(table, "s")} RETURNING t.id"""  # noqa: S608 - our own words
    insert = f"""{_insert(table)}
        WHERE NOT EXISTS (SELECT FROM {table} AS t WHERE t.{key} = s.{key}) ORDER BY s.{key} RETURNING id"""
    if table != "contacts":
        return [update, insert]
    return [
        f"WITH merged AS ({update}) {TELL}",
        LIST_KNOWN,
        f"WITH merged AS ({insert}), told AS ({TELL}) {LIST} merged ORDER BY id",
    ]


def on_conflict(table: str) -> list[str]:
    """Inserts, and where that conflicts updates what differs."""
    if table == "property_contacts":
        return [f"{LINK} ORDER BY p.id, c.id ON CONFLICT DO NOTHING"]
    key = fields(table)[0]
    merge = f"""{_insert(table)} ORDER BY s.{key} ON CONFLICT ({key}) DO UPDATE SET {_assigned(table, "EXCLUDED")},
        import_number = EXCLUDED.import_number, updated_at = now() WHERE {_differs(table, "EXCLUDED")} RETURNING t.id"""
    return [f"WITH merged AS ({merge}) {TELL}", LIST_KNOWN] if table == "contacts" else [merge]


def _insert(table: str) -> str:
    names = fields(table)
    values = ", ".join("COALESCE(s.extra, '{}')" if name == "extra" else f"s.{name}" for name in names)
    return f"""INSERT INTO {table} AS t (id, {", ".join(names)}, import_number)
        SELECT {in_order(f"s.{names[0]}", "%({})s")}, {values}, %(number)s FROM {staging(table)} AS s"""  # noqa: S608 - our own words


def _merged(table: str, source: str) -> dict[str, str]:
    """What nothing is said of stays as it is."""
    return {
        name: f"t.extra || COALESCE({source}.extra, '{{}}')"
        if name == "extra"
        else f"COALESCE({source}.{name}, t.{name})"
        for name in fields(table)[1:]
    }


def _assigned(table: str, source: str) -> str:
    return ", ".join(f"{name} = {value}" for name, value in _merged(table, source).items())


def _differs(table: str, source: str) -> str:
    merged = _merged(table, source)
    return f"({', '.join(f't.{name}' for name in merged)}) IS DISTINCT FROM ({', '.join(merged.values())})"
