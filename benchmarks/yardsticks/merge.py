"""Merges of staged rows, in SQL: by what is not there yet, and by ON CONFLICT."""

from dataclasses import dataclass

from benchmarks.clean import IMPORT_ID, fields

STAGE = {
    "contacts": "CREATE TEMP TABLE staged_contacts ({}) ON COMMIT DELETE ROWS",
}


@dataclass(frozen=True)
class Merge:
    """*insert* and *update* are statements, carried out one after the other; parameter: ``number`` of the import."""

    stage: str
    statements: tuple[str, ...]


def staging(table: str) -> str:
    """The name of its staging table."""
    return f"staged_{table}"


def create(table: str) -> str:
    """DDL of the staging table: columns and types as in *table*, none of them required."""
    if table == "property_contacts":
        columns = 'property text COLLATE "C", phone text COLLATE "C", role text'
        return f"CREATE TEMP TABLE {staging(table)} ({columns}) ON COMMIT DELETE ROWS"
    return (
        f"CREATE TEMP TABLE {staging(table)} ON COMMIT DELETE ROWS AS SELECT {', '.join(fields(table))} FROM {table}"  # noqa: S608
        " WITH NO DATA"
    )


def anti_join(table: str) -> list[str]:
    """Insert what is not there, in the order of the key; update what differs."""
    if table == "property_contacts":
        return [_links("", "WHERE NOT EXISTS (SELECT FROM property_contacts AS t WHERE (t.property_id, t.contact_id) = (p.id, c.id))")]
    key, names = fields(table)[0], fields(table)
    inserted = ", ".join("COALESCE(s.extra, '{}')" if name == "extra" else f"s.{name}" for name in names)
    return [
        _told(table, f"""UPDATE {table} AS t SET {_assigned(table, "s")}, import_number = %(number)s, updated_at = now()
            FROM {staging(table)} AS s WHERE t.{key} = s.{key} AND {_differs(table, "s")} RETURNING t.id"""),
        _told(table, f"""INSERT INTO {table} ({", ".join(names)}, import_number)
            SELECT {inserted}, %(number)s FROM {staging(table)} AS s
            WHERE NOT EXISTS (SELECT FROM {table} AS t WHERE t.{key} = s.{key}) ORDER BY s.{key} RETURNING id"""),
    ]  # fmt: skip


def on_conflict(table: str) -> list[str]:
    """Insert, and where that conflicts update what differs."""
    if table == "property_contacts":
        return [_links("ON CONFLICT DO NOTHING", "")]
    key, names = fields(table)[0], fields(table)
    inserted = ", ".join("COALESCE(s.extra, '{}')" if name == "extra" else f"s.{name}" for name in names)
    return [
        _told(table, f"""INSERT INTO {table} AS t ({", ".join(names)}, import_number)
            SELECT {inserted}, %(number)s FROM {staging(table)} AS s ORDER BY s.{key}
            ON CONFLICT ({key}) DO UPDATE SET {_assigned(table, "EXCLUDED")},
                import_number = EXCLUDED.import_number, updated_at = now() WHERE {_differs(table, "EXCLUDED")}
            RETURNING t.id""")
    ]  # fmt: skip


def _merged(table: str, source: str) -> list[str]:
    return [
        f"t.extra || COALESCE({source}.extra, '{{}}')" if name == "extra" else f"COALESCE({source}.{name}, t.{name})"
        for name in fields(table)[1:]
    ]


def _assigned(table: str, source: str) -> str:
    return ", ".join(f"{name} = {value}" for name, value in zip(fields(table)[1:], _merged(table, source), strict=True))


def _differs(table: str, source: str) -> str:
    known = ", ".join(f"t.{name}" for name in fields(table)[1:])
    return f"({known}) IS DISTINCT FROM ({', '.join(_merged(table, source))})"


def _told(table: str, statement: str) -> str:
    """With a contact's entry in the outbox."""
    if table != "contacts":
        return statement
    return f"""WITH merged AS ({statement})
        INSERT INTO openphone_outbox (import_id, contact_id) SELECT '{IMPORT_ID}', id FROM merged"""  # noqa: S608


def _links(behind: str, where: str) -> str:
    return f"""INSERT INTO property_contacts (property_id, contact_id, role, import_number)
        SELECT p.id, c.id, s.role, %(number)s FROM staged_property_contacts AS s
        JOIN properties AS p ON p.key = s.property JOIN contacts AS c ON c.phone = s.phone {where}
        ORDER BY p.id, c.id {behind}"""  # noqa: S608
