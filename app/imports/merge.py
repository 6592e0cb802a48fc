"""How staged rows are merged into their table: one statement, that can be repeated.

A field that the file leaves empty keeps what was known, one that it clears is emptied; what a later import has written,
an earlier one that is resumed leaves alone. What is not there goes in, what differs is changed, both in the order of
keys, so that two imports of the same things lock them in the same order; what says nothing new is not written, nor
locked. What another import has put in meanwhile is a conflict: the statement does the rest when it is repeated.
"""

from functools import cache

from sqlalchemy import Connection

from app.imports import ids
from app.imports.targets import TARGETS, Target

QUEUE = "INSERT INTO openphone_outbox (import_id, contact_id) SELECT :import_id, id FROM"
LIST = "INSERT INTO list_members (list_id, contact_id) SELECT :list_id, id FROM"
# Queued for OpenPhone is what is new or changed, and what OpenPhone was never told or would not take.
# What points to a new contact can't be there yet: an INSERT that need not look takes two thirds of the time.
QUEUED = {
    "unsynced AS MATERIALIZED": """
    SELECT contact_id FROM openphone_outbox WHERE state <> 'done' AND contact_id IN (SELECT id FROM known)""",
    "queued_new AS": f"{QUEUE} added ORDER BY id RETURNING 1",
    "queued_known AS": f"""
    {QUEUE} (
        SELECT phone, id FROM changed UNION ALL SELECT phone, id FROM known WHERE NOT differs
        AND ((SELECT count(*) FROM linked) < (SELECT known FROM found) OR EXISTS (SELECT FROM unsynced))
        AND (id NOT IN (SELECT contact_id FROM linked) OR id IN (SELECT contact_id FROM unsynced))
    ) AS untold ORDER BY phone
    ON CONFLICT (import_id, contact_id) DO NOTHING RETURNING 1""",  # noqa: S608 - constants
    "queued AS": "SELECT FROM queued_new UNION ALL SELECT FROM queued_known",
}
LISTED = {
    "listed_new AS": f"{LIST} added ORDER BY id",
    "listed_known AS": f"""
    {LIST} known WHERE (SELECT count(*) FROM listed) < (SELECT known FROM found)
    AND id NOT IN (SELECT contact_id FROM listed) ORDER BY id ON CONFLICT DO NOTHING""",  # noqa: S608
}
# From this version on an array is always a condition of the index, and looked up in one walk through it. Before, it may
# be a filter: where a list seems to be small, each of its members is compared with each of the array.
WALKS_SINCE = (17,)


def walks(connection: Connection) -> bool:
    """Whether its server finds an array in one walk through an index."""
    return (connection.dialect.server_version_info or ()) >= WALKS_SINCE


@cache
def merge(
    target: Target,
    *,
    update: bool,
    clears: bool,
    queue: bool = False,
    into_list: bool = False,
    tells_ids: bool = False,
    by_array: bool,
) -> str:
    """The statement. It returns one row: how many were ``added``, ``changed`` and ``queued``, and the ``conflicts``.

    *update*: what is there may be changed; *clears*: some staged row empties a field. *queue*, *into_list*: contacts go
    into the outbox, or a list. *tells_ids*: of all that is there then, for the merge of what points there. *by_array*:
    for a server that `walks`. Its parameters are ``number`` of the import, for members ``campaign_id``, for the outbox
    ``import_id``, for a list ``list_id``, and each time those of fresh ids.
    """
    steps = {}
    if target.others:
        steps["placed AS MATERIALIZED"] = _placed(target, clears)
    steps |= {
        "known AS MATERIALIZED": _known(target, update, clears, by_array),
        "found AS MATERIALIZED": _found(target, with_ids=queue or into_list),
        "locked AS MATERIALIZED": _locked(target),
        "changed AS": _changed(target, clears),
        "added AS": _added(target),
    }
    steps |= {"told AS": _told(target)} if tells_ids else {}
    # Counted in one walk, and in most chunks that is all: keeping what it finds would take as long again.
    pointing = "NOT MATERIALIZED" if by_array else "MATERIALIZED"
    if queue:
        steps |= {f"linked AS {pointing}": _pointing("openphone_links", "true", by_array)} | QUEUED
    if into_list:
        steps |= {f"listed AS {pointing}": _pointing("list_members", "list_id = :list_id", by_array)} | LISTED
    return f"""WITH {", ".join(f"{name} ({step})" for name, step in steps.items())}
SELECT added, changed, {"(SELECT count(*) FROM queued)" if queue else "0"} AS queued,
    staged - known - added + differ - changed AS conflicts
FROM found, (SELECT count(*) AS added FROM added) AS all_added,
    (SELECT count(*) AS changed FROM changed) AS all_changed"""  # noqa: S608 - our own names


def _source(target: Target) -> str:
    """Where the staged rows stand by what they have their place by."""
    return "placed" if target.others else target.staging


def _fields(target: Target) -> tuple[str, ...]:
    return (*target.fields, *(("extra",) if target.has_extra else ()))


def _merged(target: Target, clears: bool) -> dict[str, str]:
    """What becomes of each field of *t* that is there, by what *s* says: nothing leaves it, but for one it clears."""
    merged = {name: f"COALESCE(s.{name}, t.{name})" for name in target.fields}
    if clears:
        merged = {
            name: f"CASE WHEN '{name}' = ANY(s.cleared) THEN NULL ELSE {value} END" for name, value in merged.items()
        }
    return merged | ({"extra": "t.extra || COALESCE(s.extra, '{}')"} if target.has_extra else {})


def _placed(target: Target, clears: bool) -> str:
    at = (f"{value} AS {name}" for name, value in zip(target.unique, target.unique_values, strict=True))
    said = (f"s.{name}" for name in (*_fields(target), *(("cleared",) if clears else ())))
    told = " ".join(
        f"LEFT JOIN {TARGETS[name].ids} AS {name} ON {name}.key = s.{field}"
        for name, field in zip(target.others, target.staged, strict=False)
    )
    return f"""
    SELECT {", ".join((*at, *said))} FROM {target.staging} AS s {told}"""  # noqa: S608


def _told(target: Target) -> str:
    """The ids that a merge of what points there would else have to look up once more."""
    found = f"SELECT {_key(target)}, id FROM"
    return f"""
    INSERT INTO {target.ids} {found} known UNION ALL {found} added"""


def _pointing(table: str, within: str, by_array: bool) -> str:
    """The contacts that a row of *table* points to, of those that are known."""
    if by_array:
        gathered = "CAST((SELECT ids FROM found) AS uuid[])"
        return f"SELECT contact_id FROM {table} WHERE {within} AND contact_id = ANY ({gathered})"  # noqa: S608
    found = f"SELECT contact_id FROM {table} WHERE {within} AND contact_id = known.id OFFSET 0"  # noqa: S608
    return f"SELECT contact_id FROM known JOIN LATERAL ({found}) AS pointing ON true"  # noqa: S608


def _known(target: Target, update: bool, clears: bool, by_array: bool) -> str:
    """OFFSET 0 has rows looked up by an index, whatever the planner knows, or thinks, of the table."""
    differs = "false"
    if update:
        merged = _merged(target, clears)
        merged.pop("extra", None)
        differs = f"""t.import_number <= :number
        AND (({", ".join(f"t.{name}" for name in merged)}) IS DISTINCT FROM ({", ".join(merged.values())})"""
        # Texts and nulls: what holds them is not changed by them, and told so in a third of the time of a merge.
        differs += " OR s.extra IS NOT NULL AND NOT t.extra @> s.extra)" if target.has_extra else ")"
    columns = [f"t.{name}" for name in (*target.unique, *(("id",) if target.has_id else ()))]
    columns += ["seen_at", f"{differs} AS differs"]
    where, on = (_near(target), _same(target)) if target.others and by_array else (_same(target), "true")
    return f"""
    SELECT {", ".join(columns)} FROM {_source(target)} AS s
    JOIN LATERAL (SELECT *, ctid AS seen_at FROM {target.table} AS t WHERE {where} OFFSET 0) AS t ON {on}"""  # noqa: S608


def _near(target: Target) -> str:
    """What is so of each row that a placed one may be."""
    last = target.unique[-1]
    return f"{target.within} AND {last} = ANY (ARRAY(SELECT {last} FROM placed))"  # noqa: S608


def _found(target: Target, *, with_ids: bool) -> str:
    gathered = ", array_agg(id ORDER BY id) AS ids" if with_ids else ""
    return f"""
    SELECT (SELECT count(*) FROM {_source(target)}) AS staged,
        count(*) AS known, count(*) FILTER (WHERE differs) AS differ{gathered} FROM known"""  # noqa: S608


def _locked(target: Target) -> str:
    return f"""
    SELECT s.*, t.locked_at FROM (
        SELECT s.*, seen_at FROM known JOIN {_source(target)} AS s USING ({_key(target)}) WHERE differs
        ORDER BY {_key(target)}
    ) AS s CROSS JOIN LATERAL (
        SELECT ctid AS locked_at FROM {target.table} AS t WHERE t.ctid = s.seen_at FOR NO KEY UPDATE) AS t"""  # noqa: S608


def _changed(target: Target, clears: bool) -> str:
    """What another import has changed since it was seen stands elsewhere now, and is left to the next time.

    By the array each row is fetched from its place: for the join alone all of the table would be read.
    """
    assigned = ", ".join(f"{name} = {value}" for name, value in _merged(target, clears).items())
    return f"""
    UPDATE {target.table} AS t SET {assigned}, import_number = :number, updated_at = now()
    FROM locked AS s WHERE t.ctid = ANY (ARRAY(SELECT locked_at FROM locked)) AND t.ctid = s.locked_at
    RETURNING {_returned(target)}"""  # noqa: S608


def _added(target: Target) -> str:
    values = {name: f"s.{name}" for name in (*target.unique, *_fields(target))} | {"import_number": ":number"}
    if target.has_extra:
        values["extra"] = "COALESCE(s.extra, '{}')"
    if target.has_id:
        values["id"] = ids.in_order(_key(target))
    return f"""
    INSERT INTO {target.table} AS t ({", ".join(values)})
    SELECT {", ".join(values.values())} FROM {_source(target)} AS s
    WHERE (SELECT known < staged FROM found) AND NOT EXISTS (SELECT FROM known AS t WHERE {_same(target)})
    ORDER BY {_key(target)}
    ON CONFLICT ({_key(target)}) DO NOTHING RETURNING {_returned(target)}"""  # noqa: S608


def _key(target: Target) -> str:
    return ", ".join(target.unique)


def _same(target: Target) -> str:
    return " AND ".join(f"t.{name} = s.{name}" for name in target.unique)


def _returned(target: Target) -> str:
    return ", ".join(f"t.{name}" for name in (*target.unique, *(("id",) if target.has_id else ())))
