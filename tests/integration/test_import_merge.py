import re
from itertools import product
from uuid import UUID, uuid4

import pytest
from importing import numbers, people
from sqlalchemy import insert, select, text

import config
from app.imports import ids
from app.imports.kinds import KINDS
from app.imports.merge import merge, walks
from app.imports.staging import prepare
from app.imports.targets import TARGETS
from app.storage.engine import make_engine
from app.storage.models import ApiKey, Campaign, Contact, ContactList, Import, ListMember, OpenPhoneLink, OutboxEntry

pytestmark = pytest.mark.postgresql

CONTACTS = TARGETS["contacts"]
QUEUED = "SELECT phone FROM openphone_outbox JOIN contacts ON contacts.id = contact_id WHERE import_id = :import_id"
IN_LIST = "SELECT phone FROM list_members JOIN contacts ON contacts.id = contact_id WHERE list_id = :list_id"
KIND_OF = {"links": KINDS["propertyradar"], "members": KINDS["campaign"]}


@pytest.fixture
def connection(offline):
    """In a transaction that is taken back."""
    engine = make_engine(config.load_settings(offline.trial.env))
    with engine.connect() as made:
        yield made
        made.rollback()
    engine.dispose()


@pytest.mark.parametrize(
    ("name", "looked_up"), [("links", ["key = s.property", "phone = s.phone"]), ("members", ["phone = s.phone"])]
)
def test_rows_are_looked_up_even_where_statistics_take_the_tables_for_empty(connection, name, looked_up):
    target = TARGETS[name]
    for table, key in (("contacts", "phone"), ("properties", "key")):
        connection.execute(text(f"INSERT INTO {table} ({key}) SELECT 'gone ' || n FROM generate_series(1, 20000) AS n"))
        connection.execute(text(f"DELETE FROM {table} WHERE {key} LIKE 'gone %'"))
    connection.execute(text("ANALYZE contacts, properties"))
    prepare(connection, KIND_OF[name])
    rows = "SELECT 'gone ' || n FROM generate_series(1, 5000) AS n"
    connection.execute(text(f"INSERT INTO {target.staging} (phone) {rows}"))
    about = {"number": 1, "campaign_id": uuid4(), **ids.fresh()}
    plan = "\n".join(
        connection.execute(
            text(f"EXPLAIN {merge(target, update=True, clears=False, by_array=walks(connection))}"), about
        ).scalars()
    )
    connection.rollback()
    connection.execute(text("ANALYZE contacts, properties"))  # a rollback leaves pages and statistics as they are
    connection.commit()
    assert all(f"Index Cond: ({each})" in plan for each in looked_up), plan


@pytest.mark.parametrize("name", KIND_OF)
def test_a_row_is_expected_to_be_of_one_thing_of_each_sort(connection, name):
    """Else the plan for the rest is one for millions of rows."""
    target = TARGETS[name]
    prepare(connection, KIND_OF[name])
    keys = "SELECT 'one ' || n FROM generate_series(1, 5000) AS n"
    for other in target.others:
        connection.execute(text(f"INSERT INTO {TARGETS[other].ids} (key) {keys}"))
    columns = ", ".join(list(target.staged)[: len(target.others)])
    same = ", ".join(["'one ' || n"] * len(target.others))
    connection.execute(
        text(f"INSERT INTO {target.staging} ({columns}) SELECT {same} FROM generate_series(1, 5000) AS n")
    )
    about = {"number": 1, "campaign_id": uuid4(), **ids.fresh()}
    plan = (
        connection.execute(
            text(f"EXPLAIN {merge(target, update=True, clears=False, by_array=walks(connection))}"), about
        )
        .scalars()
        .all()
    )
    placed = plan[plan.index("  CTE placed") + 1]
    assert 1000 < int(re.search(r" rows=(\d+) ", placed)[1]) < 10_000, "\n".join(plan)


def test_what_is_there_is_found_and_changed_in_its_place_and_no_table_is_read_for_it(connection):
    statement = (
        f"EXPLAIN {merge(CONTACTS, update=True, clears=False, queue=True, into_list=True, by_array=walks(connection))}"
    )
    prepare(connection, KINDS["contacts"])
    connection.execute(
        text(
            "INSERT INTO contacts (phone, city) SELECT '+1404' || to_char(n, 'FM0000000'), 'Rome'"
            " FROM generate_series(1, 40000) AS n"
        )
    )
    connection.execute(
        text(
            "INSERT INTO staging_contacts (phone, city) SELECT phone, 'Oslo' FROM contacts WHERE phone < '+14040010000'"
        )
    )
    [to] = connection.execute(insert(ContactList).values(name=str(uuid4())).returning(ContactList.id)).scalars()
    connection.execute(text("INSERT INTO openphone_links (contact_id, openphone_id) SELECT id, 'it' FROM contacts"))
    connection.execute(
        text("INSERT INTO list_members (list_id, contact_id) SELECT :list, id FROM contacts"), {"list": to}
    )
    connection.execute(text("ANALYZE contacts, openphone_links, list_members"))
    # As it is for a whole chunk: then only what names the places keeps a join from reading all of the table.
    connection.execute(text("SET LOCAL enable_nestloop = off"))
    about = {"number": 1, "import_id": uuid4(), "list_id": to, **ids.fresh()}
    plan = "\n".join(connection.execute(text(statement), about).scalars())
    assert "Tid Scan on contacts" in plan
    assert not re.search("Seq Scan on (contacts|openphone_links|list_members)", plan), plan


@pytest.mark.parametrize(
    ("name", "table", "of"), [("contacts", "list_members", ContactList), ("members", "campaign_members", Campaign)]
)
def test_no_member_is_compared_with_each_of_a_chunk_where_the_list_is_newer_than_its_statistics(
    connection, name, table, of
):
    old, new = (
        connection.execute(insert(of).values(name=str(uuid4())).returning(of.id)).scalar_one() for _ in range(2)
    )
    connection.execute(text("INSERT INTO contacts (phone) SELECT 'p' || n FROM generate_series(1, 20000) AS n"))
    into = f"INSERT INTO {table} SELECT :of, id FROM contacts"
    connection.execute(text(into), {"of": old})
    connection.execute(text(f"ANALYZE contacts, openphone_links, {table}"))
    connection.execute(text(into), {"of": new})
    prepare(connection, KINDS["campaign" if name == "members" else "contacts"])
    connection.execute(text(f"INSERT INTO {TARGETS[name].staging} (phone) SELECT phone FROM contacts LIMIT 5000"))
    of_contacts = {"queue": True, "into_list": True} if name == "contacts" else {}
    statement = merge(TARGETS[name], update=True, clears=False, by_array=walks(connection), **of_contacts)
    about = {"number": 1, "import_id": uuid4(), "list_id": new, "campaign_id": new, **ids.fresh()}
    plan = "\n".join(connection.execute(text(f"EXPLAIN {statement}"), about).scalars())
    found = re.search(rf"Index (?:Only )?Scan using {table}_pkey on {table}\b[^>]*", plan)
    assert found, plan
    assert "contact_id = " in found[0].partition("Index Cond:")[2].partition("\n")[0], plan
    assert "Filter:" not in found[0], plan


# Known to OpenPhone or not, what became of it in an earlier import, in the list or not, another city or the same.
STATES = list(product((True, False), (None, "pending", "failed", "done"), (True, False), (True, False)))
SETTLED = [(True, None, True, False), (True, "done", True, False)]


@pytest.mark.parametrize("states", [STATES, SETTLED, *([*SETTLED, state] for state in STATES)])
@pytest.mark.parametrize("new", [0, 2])
@pytest.mark.parametrize("by_array", [False, True])
def test_queued_is_what_openphone_has_yet_to_be_told_and_listed_what_is_not_in_the_list(
    connection, states, new, by_array
):
    phones = numbers(len(states) + new)
    brought = phones[len(states) :]
    earlier, later = an_import(connection), an_import(connection)
    [to] = connection.execute(insert(ContactList).values(name=f"of {later}").returning(ContactList.id)).scalars()
    queued, listed = set(brought), set(brought)
    prepare(connection, KINDS["contacts"])
    for phone, (is_linked, outbox, is_listed, differs) in zip(phones, states, strict=False):
        contact = uuid4()
        connection.execute(insert(Contact).values(id=contact, phone=phone, city="Rome"))
        if is_linked:
            connection.execute(insert(OpenPhoneLink).values(contact_id=contact, openphone_id="it"))
        if outbox:
            connection.execute(insert(OutboxEntry).values(import_id=earlier, contact_id=contact, state=outbox))
        if is_listed:
            connection.execute(insert(ListMember).values(list_id=to, contact_id=contact))
        else:
            listed.add(phone)
        if differs or not is_linked or outbox in {"pending", "failed"}:
            queued.add(phone)
    staged = [
        {"phone": phone, "city": "Oslo" if differs else None}
        for phone, (*_, differs) in zip(phones, states, strict=False)
    ]
    staged += [{"phone": phone, "city": None} for phone in brought]
    connection.execute(text("INSERT INTO staging_contacts (phone, city) VALUES (:phone, :city)"), staged)

    before = set(connection.execute(text(IN_LIST), {"list_id": to}).scalars())
    about = {"number": 1, "import_id": later, "list_id": to, **ids.fresh()}
    statement = merge(CONTACTS, update=True, clears=False, queue=True, into_list=True, by_array=by_array)
    merged = connection.execute(text(statement), about).one()
    assert (merged.added, merged.changed, merged.conflicts) == (new, sum(differs for *_, differs in states), 0)
    assert (merged.queued, set(connection.execute(text(QUEUED), about).scalars())) == (len(queued), queued)
    assert set(connection.execute(text(IN_LIST), about).scalars()) - before == listed


def an_import(connection):
    [key] = connection.execute(select(ApiKey.id).limit(1)).scalars()
    said = {"kind": "contacts", "mode": "sync", "on_duplicate": "update", "status": "running"}
    file = {"filename": "a.csv", "header": ["phone"], "bytes": 1, "sha256": "a", "rows_total": 1}
    made = insert(Import).values(id=uuid4(), api_key_id=key, **said, **file).returning(Import.id)
    return connection.execute(made).scalar_one()


def test_new_contacts_have_ids_of_the_moment_in_the_order_of_their_phones(offline):
    phones = numbers(40)
    assert offline.upload(people(phones[::-1])).json()["created"] == 40
    found = offline.sql("SELECT id, now() FROM contacts WHERE phone = ANY(%s) ORDER BY phone", (phones,))
    made = [UUID(str(found_id)) for found_id, _ in found]
    assert {each.version for each in made} == {7}
    assert {each.variant for each in made} == {"specified in RFC 4122"}
    assert [each.int - made[0].int for each in made] == list(range(40))
    assert abs((made[0].int >> 80) / 1000 - found[0][1].timestamp()) < 60
