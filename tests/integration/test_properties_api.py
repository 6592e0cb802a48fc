import uuid

import pytest
from importing import numbers

pytestmark = pytest.mark.postgresql

NOBODY = "00000000-0000-0000-0000-000000000000"


def insert(app, table, **values):
    """The row's id."""
    columns, holes = ", ".join(values), ", ".join(["%s"] * len(values))
    [[made]] = app.sql(f"INSERT INTO {table} ({columns}) VALUES ({holes}) RETURNING id::text", tuple(values.values()))
    return made


def link(app, house, contact, role):
    app.sql("INSERT INTO property_contacts (property_id, contact_id, role) VALUES (%s, %s, %s)", (house, contact, role))


@pytest.fixture
def word():
    """A word that no other test's rows have."""
    return uuid.uuid4().hex


@pytest.fixture
def houses(offline, word):
    """Ids of five new properties, in their order."""
    return sorted(
        insert(offline, "properties", key=f"apn:{word} {number}", apn=f"{word} {number}", zip=word)
        for number in range(5)
    )


def page(app, **query):
    answer = app.get("/api/properties", **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def found(app, **query):
    """The ids of all pages, two properties a page."""
    listed, cursor, more = [], {}, True
    while more:
        shown = page(app, limit=2, **query, **cursor)
        assert len(shown["properties"]) <= 2
        listed += [one["id"] for one in shown["properties"]]
        more, cursor = shown["next"], {"cursor": shown["next"]}
    return listed


def refused(app, kind="bad-option", **query):
    """What the 400 says."""
    answer = app.get("/api/properties", **query)
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["type"] == f"urn:timeoutlab:problem:{kind}"
    return answer.json()["detail"]


def test_a_property_shows_numbers_dates_and_flags_as_json_has_them(offline, word):
    said = {
        "apn": word,
        "type": "SFR",
        "address": "1 MAIN ST",
        "longitude": "-84.388031",
        "latitude": "33.000",
        "year_built": "1998",
        "purchase_date": "2019-03-31",
        "baths": "2.5",
        "beds": "3.0",
        "estimated_equity": "-12500.75",
        "owner_occupied": True,
        "foreclosure": False,
        "extra": '{"Tier": "gold"}',
    }
    made = insert(offline, "properties", key=f"apn:{word}", import_number=7, **said)
    [shown] = page(offline, apn=word)["properties"]
    times = {shown.pop(name)[:2] for name in ("created_at", "updated_at")}
    assert times == {"20"}
    unsaid = {name for name, value in shown.items() if value is None}
    assert {"city", "subdivision", "purchase_months_since", "equity_percent", "mail_zip", "high_equity"} <= unsaid
    assert {name: value for name, value in shown.items() if name not in unsaid} == {
        **said,
        "id": made,
        "longitude": -84.388031,
        "latitude": 33,
        "year_built": 1998,
        "baths": 2.5,
        "beds": 3,
        "estimated_equity": -12500.75,
        "extra": {"Tier": "gold"},
        "contacts": [],
    }
    assert not {"key", "import_number"} & set(shown)


def test_a_property_shows_its_contacts_the_primary_one_first(offline, houses, word):
    ada, bob = (insert(offline, "contacts", phone=phone, first_name="Ada") for phone in numbers(2))
    phones = dict(offline.sql("SELECT id::text, phone FROM contacts WHERE id = ANY(%s::uuid[])", ([ada, bob],)))
    link(offline, houses[0], ada, "secondary")
    link(offline, houses[0], bob, "primary")
    link(offline, houses[1], ada, "primary")
    shown = {one["id"]: one["contacts"] for one in page(offline, zip=word)["properties"]}
    person = {"first_name": "Ada", "last_name": None}
    assert shown == {
        houses[0]: [
            {"id": bob, "phone": phones[bob], **person, "role": "primary"},
            {"id": ada, "phone": phones[ada], **person, "role": "secondary"},
        ],
        houses[1]: [{"id": ada, "phone": phones[ada], **person, "role": "primary"}],
        **{house: [] for house in houses[2:]},
    }


def test_properties_are_listed_page_by_page_each_once(offline, houses, word):
    assert found(offline, zip=word) == houses
    assert page(offline, zip=word, limit=5)["next"] is None


def test_a_property_is_found_by_its_apn_whatever_the_case_and_spacing(offline, houses, word):
    [house] = found(offline, apn=f"  {word.upper()}\t 3 ")
    assert house in houses
    assert found(offline, apn=word) == []


def test_the_importer_knows_an_apn_by_the_same_spelling(offline, word):
    [phone] = numbers(1)
    columns = "Type,Address,City,ZIP,APN,Primary Name,Primary Mobile Phone1"
    row = f"SFR,1 MAIN ST,ATLANTA,{word[:5]},  {word.upper()}  X ,Ada Bo,{phone}"
    answer = offline.upload(f"{columns}\r\n{row}\r\n".encode(), kind="propertyradar")
    assert answer.status_code == 200, answer.text
    [shown] = page(offline, apn=f"{word} x")["properties"]
    assert [contact["phone"] for contact in shown["contacts"]] == [phone]
    assert found(offline, **{"import": answer.json()["id"]}) == [shown["id"]]


@pytest.mark.parametrize("stored", ["12 Élan  Rd, {0}", " 12  élan rd,\t{0} ", "12\u00a0élan rd, {0}"])
def test_a_property_is_found_by_its_address_whatever_the_case_and_spacing(offline, word, stored):
    made = insert(offline, "properties", key=f"address:{word}", address=stored.format(word))
    for asked in ("12 élan rd, {0}", "12 ÉLAN RD,  {0}", " 12 Élan\u00a0Rd,\n{0}\t"):
        assert found(offline, address=asked.format(word.upper())) == [made]
    assert found(offline, address=word) == []


def test_an_address_is_no_pattern(offline, houses, word):
    insert(offline, "properties", key=f"address:{word}", address=f"{word} %_\\.*")
    assert found(offline, address=f"{word} %") == []
    assert len(found(offline, address=f"{word} %_\\.*")) == 1


def test_properties_are_found_by_a_contacts_phone_in_any_spelling(offline, houses):
    [phone, nobodys] = numbers(2)
    ada = insert(offline, "contacts", phone=phone)
    for house in houses[1:4]:
        link(offline, house, ada, "primary")
    assert found(offline, contact=phone) == houses[1:4]
    assert found(offline, contact=f"({phone[2:5]}) {phone[5:8]}-{phone[8:]}") == houses[1:4]
    assert [one["id"] for one in offline.get(f"/api/properties?contact={phone}").json()["properties"]] == houses[1:4]
    assert found(offline, contact=nobodys) == []


def test_properties_are_found_by_the_import_that_wrote_them_last(offline, houses, word):
    [(import_id, number)] = offline.sql(
        "INSERT INTO imports (api_key_id, kind, mode, on_duplicate, filename, header, encoding, delimiter, bytes,"
        " sha256, status, rows_total, finished_at)"
        " SELECT id, 'propertyradar', 'auto', 'update', 'a.csv', '[]', 'utf-8', ',', 0, '', 'completed', 0, now()"
        " FROM api_keys LIMIT 1 RETURNING id::text, number"
    )
    offline.sql("UPDATE properties SET import_number = %s WHERE id = ANY(%s::uuid[])", (number, houses[2:]))
    assert found(offline, **{"import": import_id}) == houses[2:]
    assert found(offline, zip=word, apn=f"{word} 9", **{"import": import_id}) == []


def test_what_there_is_not_is_refused_and_says_why(offline):
    assert "seven digits" in refused(offline, contact="555-0123")
    assert refused(offline, **{"import": NOBODY}) == (
        f"import is {NOBODY}, and there is no such import; GET /api/imports lists them."
    )
    assert "must be a UUID" in refused(offline, **{"import": "7"})
    assert refused(offline, "unknown-option", phone="+14045550123") == (
        "There is no parameter phone; there are: apn, address, zip, contact, import, limit, cursor."
    )


@pytest.mark.parametrize(
    ("query", "kind"),
    [({"limit": "0"}, "bad-option"), ({"cursor": "x"}, "bad-cursor"), ({"cursor": "Y29udGFjdDo3"}, "bad-cursor")],
)
def test_a_page_that_there_is_not_is_refused(offline, query, kind):
    refused(offline, kind, **query)


@pytest.mark.parametrize("option", ["apn", "address", "zip", "contact", "import", "limit", "cursor", "a\0b"])
def test_a_nul_character_anywhere_is_the_clients_error(offline, option):
    assert offline.get("/api/properties", **{option: "+14045550123\0"}).status_code == 400


def test_without_a_key_nothing_is_shown(offline):
    assert offline.get("/api/properties", headers={"Authorization": "Bearer nobodys"}).status_code == 401
