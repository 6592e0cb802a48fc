import uuid

import pytest
from importing import numbers

pytestmark = pytest.mark.postgresql

NOBODY = "00000000-0000-0000-0000-000000000000"


def name():
    return f"name {uuid.uuid4()}"


def insert(app, table, **values):
    """The row's id."""
    columns, holes = ", ".join(values), ", ".join(["%s"] * len(values))
    [[made]] = app.sql(f"INSERT INTO {table} ({columns}) VALUES ({holes}) RETURNING id::text", tuple(values.values()))
    return made


def link(app, table, **values):
    app.sql(
        f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(['%s'] * len(values))})", tuple(values.values())
    )


def an_import(app):
    """A finished import's id and number."""
    [row] = app.sql(
        "INSERT INTO imports (api_key_id, kind, mode, on_duplicate, filename, header, encoding, delimiter, bytes,"
        " sha256, status, rows_total, finished_at)"
        " SELECT id, 'contacts', 'auto', 'update', 'a.csv', '[]', 'utf-8', ',', 0, '', 'completed', 0, now()"
        " FROM api_keys LIMIT 1 RETURNING id::text, number"
    )
    return row


@pytest.fixture
def people(offline):
    """Ids of five new contacts, in their order."""
    return sorted(insert(offline, "contacts", phone=phone, first_name="Ada") for phone in numbers(5))


def phone_of(app, contact):
    [[phone]] = app.sql("SELECT phone FROM contacts WHERE id = %s", (contact,))
    return phone


def found(app, **query):
    """The ids of all pages, two contacts a page."""
    listed, cursor = [], None
    while cursor or not listed:
        answer = app.get("/api/contacts", limit=2, **query, **({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["contacts"]) <= 2
        listed += [contact["id"] for contact in page["contacts"]]
        cursor = page["next"]
        if not page["contacts"]:
            break
    return listed


def refused(app, kind="bad-option", path="/api/contacts", **query):
    """What the 400 says."""
    answer = app.get(path, **query)
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["type"] == f"urn:timeoutlab:problem:{kind}"
    return answer.json()["detail"]


def test_a_contact_shows_its_columns_and_what_else_the_file_said(offline):
    [phone] = numbers(1)
    made = insert(offline, "contacts", phone=phone, last_name="O'Neil", extra='{"Tier": "gold"}', import_number=7)
    [contact] = offline.get("/api/contacts", phone=phone).json()["contacts"]
    times = {contact.pop(name)[:2] for name in ("created_at", "updated_at")}
    assert times == {"20"}
    unsaid = ("first_name", "email", "company", "title", "address", "city", "state", "zip", "notes")
    assert contact == {
        **dict.fromkeys(unsaid),
        "id": made,
        "phone": phone,
        "last_name": "O'Neil",
        "extra": {"Tier": "gold"},
    }


@pytest.mark.parametrize("spelling", ["+1{0}{1}{2}", "({0}) {1}-{2}", "{0}.{1}.{2}", " {0} {1} {2}", "1-{0}-{1}-{2}"])
def test_a_contact_is_found_by_its_phone_in_any_spelling(offline, people, spelling):
    phone = phone_of(offline, people[0])
    spelled = spelling.format(phone[2:5], phone[5:8], phone[8:])
    assert found(offline, phone=spelled) == people[:1]


def test_a_phone_may_stand_in_the_url_with_its_plus_as_it_is(offline, people):
    phone = phone_of(offline, people[0])
    [contact] = offline.get(f"/api/contacts?phone={phone}").json()["contacts"]
    assert contact["id"] == people[0]


def test_a_phone_nobody_has_finds_nobody(offline):
    assert offline.get("/api/contacts", phone=numbers(1)[0]).json() == {"contacts": [], "next": None}


def test_what_is_no_phone_is_refused(offline):
    assert refused(offline, phone="555-0123") == (
        "phone is '555-0123': seven digits, so the area code is missing; add it; none is guessed."
    )
    assert "not a phone number" in refused(offline, phone="Ada")


def test_contacts_are_found_by_list_page_by_page(offline, people):
    called = name()
    list_id = insert(offline, "lists", name=called)
    for contact in people:
        link(offline, "list_members", list_id=list_id, contact_id=contact)
    assert found(offline, list=called) == people
    assert found(offline, list=called, phone=phone_of(offline, people[1])) == [people[1]]


def test_an_empty_list_is_an_empty_page(offline):
    called = name()
    insert(offline, "lists", name=called)
    assert found(offline, list=called) == []


def test_contacts_of_a_campaign_show_what_became_of_their_message(offline, people):
    called = name()
    campaign_id, other = insert(offline, "campaigns", name=called), insert(offline, "campaigns", name=name())
    for contact in people[:3]:
        link(offline, "campaign_members", campaign_id=campaign_id, contact_id=contact)
        link(offline, "campaign_members", campaign_id=other, contact_id=contact, status="failed")
    offline.sql(
        "UPDATE campaign_members SET status = 'sent', openphone_message_id = 'AC1',"
        " message_sent_at = '2026-05-04T10:30:00+02:00' WHERE campaign_id = %s AND contact_id = %s",
        (campaign_id, people[1]),
    )
    assert found(offline, campaign=called) == people[:3]
    shown = offline.get("/api/contacts", campaign=called).json()["contacts"]
    became = [(one["status"], one["message_sent_at"], one["openphone_message_id"]) for one in shown]
    assert became == [(None,) * 3, ("sent", "2026-05-04T08:30:00+00:00", "AC1"), (None,) * 3]
    [contact] = offline.get("/api/contacts", phone=phone_of(offline, people[1])).json()["contacts"]
    assert "status" not in contact


def test_contacts_are_found_by_the_import_that_wrote_them_last(offline, people):
    (import_id, number), (_, later) = an_import(offline), an_import(offline)
    offline.sql("UPDATE contacts SET import_number = %s WHERE id = ANY(%s::uuid[])", (number, people[:4]))
    assert found(offline, **{"import": import_id}) == people[:4]
    assert found(offline, **{"import": import_id.upper()}) == people[:4]
    offline.sql("UPDATE contacts SET import_number = %s WHERE id = %s", (later, people[0]))
    assert found(offline, **{"import": import_id}) == people[1:4]


def test_contacts_are_found_by_their_property(offline, people):
    property_id, without = (insert(offline, "properties", key=f"apn:{name()}") for _ in range(2))
    for contact, role in ((people[3], "primary"), (people[0], "secondary")):
        link(offline, "property_contacts", property_id=property_id, contact_id=contact, role=role)
    assert found(offline, property=property_id) == [people[0], people[3]]
    assert found(offline, property=without) == []


def test_filters_given_together_must_all_fit(offline, people):
    called, import_id_number = name(), an_import(offline)
    list_id, campaign_id = insert(offline, "lists", name=called), insert(offline, "campaigns", name=called)
    property_id = insert(offline, "properties", key=f"apn:{name()}")
    for contact in people[:4]:
        link(offline, "list_members", list_id=list_id, contact_id=contact)
    for contact in people[1:]:
        link(offline, "campaign_members", campaign_id=campaign_id, contact_id=contact)
        link(offline, "property_contacts", property_id=property_id, contact_id=contact, role="secondary")
    offline.sql("UPDATE contacts SET import_number = %s WHERE id = ANY(%s::uuid[])", (import_id_number[1], people))
    everything = {"list": called, "campaign": called, "property": property_id, "import": import_id_number[0]}
    assert found(offline, **everything) == people[1:4]
    assert found(offline, **everything, phone=phone_of(offline, people[0])) == []


@pytest.mark.parametrize("option", ["list", "campaign"])
def test_a_name_that_there_is_not_is_refused_and_named(offline, option):
    called = name()
    assert refused(offline, **{option: called}) == (
        f"{option} is {called!r}, and there is no {option} of that name; GET /api/imports shows each import's {option}."
    )


@pytest.mark.parametrize(("option", "lists"), [("import", "/api/imports"), ("property", "/api/properties")])
def test_an_id_that_there_is_not_is_refused_and_says_where_to_find_one(offline, option, lists):
    unknown, none = refused(offline, **{option: NOBODY}), refused(offline, **{option: "7"})
    assert unknown == f"{option} is {NOBODY}, and there is no such {option}; GET {lists} lists them."
    assert none.startswith(f"{option} is '7'; it must be a UUID. GET {lists} lists ")


def test_an_unknown_parameter_is_refused_and_the_known_ones_named(offline):
    assert refused(offline, "unknown-option", name="Ada") == (
        "There is no parameter name; there are: phone, list, campaign, import, property, limit, cursor."
    )


@pytest.mark.parametrize("option", ["phone", "list", "campaign", "import", "property", "limit", "cursor", "a\0b"])
def test_a_nul_character_anywhere_is_the_clients_error(offline, option):
    answer = offline.get("/api/contacts", **{option: "+14045550123\0"})
    assert answer.status_code == 400
    assert answer.json()["type"].startswith("urn:timeoutlab:problem:")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/api/imports/123", "'123' is no import's id, which is a UUID with its hyphens; GET /api/imports lists"),
        ("/api/imports/123/errors.csv", "'123' is no import's id"),
        (f"/api/imports/{NOBODY.replace('-', '')}", "with its hyphens"),
        (f"/api/imports/{NOBODY}/rows", f"There is nothing at '/api/imports/{NOBODY}/rows'"),
        (f"/api/imports/{NOBODY}", "There is no import"),
        ("/api/contacts/", "without a slash at the end"),
        ("/nowhere/api/imports/123", "There is nothing at '/nowhere"),
        ("/api/imports/%00", "is no import's id"),
    ],
)
def test_an_address_that_is_none_says_what_there_is(offline, path, said):
    # Without nginx, which refuses a NUL itself.
    answer = offline.direct.get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert said in answer.json()["detail"]
