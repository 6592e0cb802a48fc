"""Literal cells in, values out."""

import pytest

from app.imports.kinds import KINDS
from app.imports.kinds.campaign import STATUSES
from app.imports.kinds.propertyradar import KEY_MAX_CHARS
from app.imports.layout import match
from app.imports.normalise import Normaliser, RowProblem
from app.imports.parsed import CLEAR
from app.imports.source import Row
from app.imports.targets import TARGETS

ADA, BO = "+14045550123", "+14045550124"


def normaliser(kind, header):
    return Normaliser(KINDS[kind], match(header, KINDS[kind]), "US", 1000)


def parsed(kind, **cells):
    """What a row with these cells says; names of columns with _ for a space."""
    names = [name.replace("__", "?").replace("_", " ") for name in cells]
    return normaliser(kind, names).one(Row(1, list(cells.values())))


def said(values):
    """Without the fields of which nothing is said."""
    return {name: value for name, value in values.items() if value}


def contact(**cells):
    found = parsed("contacts", **cells)
    assert list(found.values) == ["contacts"]
    [values] = found.values["contacts"].values()
    assert found.identity == values["phone"]
    return said({name: value for name, value in values.items() if name != "phone"})


def house(**cells):
    """A PropertyRadar row: its property, contacts and links."""
    needed = {"Type": "SFR", "Address": "1 Main St", "City": "ATLANTA", "ZIP": "03030", "APN": "A-1"}
    found = parsed("propertyradar", **{**needed, "Primary_Name": "", "Primary_Mobile_Phone1": "", **cells})
    if isinstance(found, RowProblem):
        return found
    [values] = found.values["properties"].values()
    assert found.identity == values["key"]
    return said(values), found.values["contacts"], list(found.values["links"].values())


def member(**cells):
    found = parsed("campaign", phone_number=ADA, **cells)
    if isinstance(found, RowProblem):
        return found
    assert list(found.values["contacts"]) == list(found.values["members"]) == [found.identity] == [ADA]
    return said(found.values["contacts"][ADA]), said(found.values["members"][ADA])


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_row_can_say_has_a_place_in_the_tables(kind):
    names = [spellings[0] for spellings in KINDS[kind].fields.values()]
    kept = Normaliser(KINDS[kind], match(names, KINDS[kind]), "US", 1000)
    cells = dict.fromkeys(KINDS[kind].fields, "")
    cells |= {"phone": ADA, "primary_phone": ADA, "secondary_phone": BO, "apn": "1"}
    found = kept.one(Row(1, [cells[field] for field in KINDS[kind].fields]))
    assert list(found.values) == [target for target in KINDS[kind].targets if target in found.values]
    assert set(found.values) == set(KINDS[kind].targets)
    for target, by_key in found.values.items():
        for values in by_key.values():
            assert set(values) <= set(TARGETS[target].columns)


def test_a_contact_says_all_that_its_cells_do():
    assert contact(
        Phone="(404) 555-0123", First_Name="Ada", Last_Name="Lovelace", Email="ada@example.com", Company="Acme",
        Role="Broker", Address="1 Main St", City="Atlanta", State="GA", Zip="03030", Notes="calls\nback",
    ) == {
        "first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com", "company": "Acme",
        "title": "Broker", "address": "1 Main St", "city": "Atlanta", "state": "GA", "zip": "03030",
        "notes": "calls\nback",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Ada Lovelace", {"first_name": "Ada", "last_name": "Lovelace"}),
        ("Lovelace, Ada", {"first_name": "Ada", "last_name": "Lovelace"}),
        ("Ada", {"first_name": "Ada"}),
        ("", {}),
        ("[Clear]", {"first_name": CLEAR, "last_name": CLEAR}),
    ],
)
def test_a_whole_name_becomes_first_and_last_name(name, values):
    assert contact(phone=ADA, name=name) == values
    assert member(name=name) == ({"phone": ADA, **values}, {"phone": ADA})


def test_a_whole_name_beside_first_or_last_name_is_kept_as_it_is():
    assert contact(phone=ADA, name="Ada King", Last_Name="Lovelace") == {
        "last_name": "Lovelace",
        "extra": {"name": "Ada King"},
    }


@pytest.mark.parametrize("cell", ["[clear]", "[CLEAR]", " [Clear] "])
def test_a_cell_that_says_clear_empties_its_field(cell):
    assert contact(phone=ADA, email=cell, notes=cell, first_name="Ada") == {
        "email": CLEAR, "notes": CLEAR, "first_name": "Ada",
    }  # fmt: skip


@pytest.mark.parametrize("cell", ["clear", "[clear", "[ clear ]", "[clear]."])
def test_what_does_not_say_clear_is_text(cell):
    assert contact(phone=ADA, notes=cell) == {"notes": cell}


def test_columns_that_no_one_knows_are_kept_under_their_own_names_where_they_say_something():
    assert contact(phone=ADA, Favourite_Colour=" red ", Age="") == {"extra": {"Favourite Colour": "red"}}
    assert contact(phone=ADA, Colour=" [Clear] ") == {"extra": {"Colour": None}}
    assert member(Colour="red")[1]["extra"] == {"Colour": "red"}
    assert house(Colour="red")[0]["extra"] == {"Colour": "red"}


def test_a_property_says_all_that_its_cells_do():
    values, contacts, links = house(
        Type="SFR", Subdivision="Oaks", Longitude="-84.3880", Latitude="33.749", Yr_Built="1987",
        Purchase_Date="05/04/2012", Purchase_Mos_Since="167", Sq_Ft="1,850", Beds="3", Baths="2.50",
        Est_Value="$412,000", **{"Est_Equity_$": "(12,500)", "Est_Equity_%": "-3%"}, Owner="LOVELACE,ADA K & WILLIAM",
        Mail_Address="PO BOX 1", Mail_City="MACON", Mail_State="GA", Mail_ZIP="03031", Owner_Occ__="1",
        Listed_for_Sale__="0", Listing_Status="Active", Foreclosure__="no", High_Equity__="yes",
    )  # fmt: skip
    assert values == {
        "key": "apn:a-1", "type": "SFR", "address": "1 Main St", "city": "ATLANTA", "zip": "03030", "apn": "A-1",
        "subdivision": "Oaks", "longitude": "-84.388", "latitude": "33.749", "year_built": "1987",
        "purchase_date": "2012-05-04", "purchase_months_since": "167", "square_feet": "1850", "beds": "3",
        "baths": "2.5", "estimated_value": "412000", "estimated_equity": "-12500", "equity_percent": "-3",
        "owner": "LOVELACE,ADA K & WILLIAM", "mail_address": "PO BOX 1", "mail_city": "MACON", "mail_state": "GA",
        "mail_zip": "03031", "owner_occupied": "t", "listed_for_sale": "f", "listing_status": "Active",
        "foreclosure": "f", "high_equity": "t",
    }  # fmt: skip
    assert (contacts, links) == ({}, [])


@pytest.mark.parametrize(
    ("cells", "key"),
    [
        ({"APN": " AbC-1  2 "}, "apn:abc-1 2"),
        ({"APN": ""}, "address:1 main st atlanta 03030"),
        ({"APN": "[clear]"}, "address:1 main st atlanta 03030"),
        ({"APN": "", "Address": "1  MAIN\u00a0st ", "City": "Atlanta"}, "address:1 main st atlanta 03030"),
        ({"APN": "", "City": "", "ZIP": ""}, "address:1 main st"),
        ({"APN": "1", "Address": ""}, "apn:1"),
        ({"APN": "STRASSE"}, "apn:strasse"),
        ({"APN": "Straße"}, "apn:strasse"),
    ],
)
def test_a_property_is_known_by_its_apn_else_by_its_address_whatever_case_and_spacing(cells, key):
    assert house(**cells)[0]["key"] == key


@pytest.mark.parametrize("address", ["", "[clear]"])
def test_a_property_without_both_is_an_error_of_the_address(address):
    found = house(APN="", Address=address)
    assert (found.code, found.column, found.value) == ("address_missing", "Address", address)


@pytest.mark.parametrize("column", ["APN", "Address"])
def test_what_a_property_is_known_by_has_an_end(column):
    fits = KEY_MAX_CHARS - (0 if column == "APN" else len(" atlanta 03030"))
    assert house(**{"APN": "", column: "x" * fits})[1:] == ({}, [])
    found = house(**{"APN": "", column: "x" * (fits + 1)})
    assert (found.code, found.column) == ("cell_too_long", column)


def test_both_people_are_contacts_with_what_is_said_of_them():
    values, contacts, links = house(
        Primary_Name="Ada Lovelace", Primary_Mobile_Phone1="404-555-0123", Primary_Mobile_1_Status="Active",
        Primary_Email1="ada@example.com", Primary_Email_1_Status="Valid", Primary_Email1_Hash="ab" * 32,
        Secondary_Name="King, Bo", Secondary_Mobile_Phone1="404-555-0124", Secondary_Email1="",
    )  # fmt: skip
    assert "extra" not in values
    assert [said(person) for person in contacts.values()] == [
        {
            "phone": ADA, "first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com",
            "extra": {"phone_status": "Active", "email_status": "Valid", "email_hash": "ab" * 32},
        },
        {"phone": BO, "first_name": "Bo", "last_name": "King"},
    ]  # fmt: skip
    assert links == [
        {"property": "apn:a-1", "phone": ADA, "role": "primary"},
        {"property": "apn:a-1", "phone": BO, "role": "secondary"},
    ]


def test_of_people_without_a_phone_the_property_remembers_what_is_said():
    values, contacts, links = house(
        Primary_Name="Ada Lovelace", Primary_Email1="ada@example.com", Primary_Email_1_Status="Valid",
        Secondary_Name="Bo King", Secondary_Mobile_Phone1="[clear]", Colour="red",
    )  # fmt: skip
    assert (contacts, links) == ({}, [])
    assert values["extra"] == {
        "Primary Name": "Ada Lovelace", "Primary Email1": "ada@example.com", "Primary Email 1 Status": "Valid",
        "Secondary Name": "Bo King", "Colour": "red",
    }  # fmt: skip


def test_a_secondary_phone_alone_makes_a_secondary_contact():
    values, contacts, links = house(
        Primary_Name="Ada", Secondary_Name="Bo", Secondary_Mobile_Phone1=BO, Primary_Mobile_1_Status="Inactive"
    )
    assert list(contacts) == [BO]
    assert links == [{"property": "apn:a-1", "phone": BO, "role": "secondary"}]
    assert values["extra"] == {"Primary Name": "Ada", "Primary Mobile 1 Status": "Inactive"}


def test_the_same_phone_twice_is_one_contact_the_primary_and_the_other_is_remembered():
    values, contacts, links = house(
        Primary_Name="Ada Lovelace", Primary_Mobile_Phone1="(404) 555-0123",
        Secondary_Name="Bo King", Secondary_Mobile_Phone1="404.555.0123", Secondary_Email1="bo@example.com",
    )  # fmt: skip
    assert [said(person) for person in contacts.values()] == [
        {"phone": ADA, "first_name": "Ada", "last_name": "Lovelace"}
    ]
    assert links == [{"property": "apn:a-1", "phone": ADA, "role": "primary"}]
    assert values["extra"] == {"Secondary Name": "Bo King", "Secondary Email1": "bo@example.com"}


def test_what_clears_nothing_that_is_there_is_nothing_to_remember():
    values, contacts, _ = house(
        Primary_Name="[clear]", Primary_Email1="[clear]", Beds="[clear]", Purchase_Date="[CLEAR]"
    )
    assert (values["beds"], values["purchase_date"], contacts) == (CLEAR, CLEAR, {})
    assert "extra" not in values


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"Beds": "many"}, "number_invalid"),
        ({"Owner_Occ__": "maybe"}, "flag_invalid"),
        ({"Purchase_Date": "2026-02-30"}, "date_invalid"),
        ({"Primary_Mobile_Phone1": "555-0123"}, "phone_no_area_code"),
        ({"Secondary_Mobile_Phone1": "n/a"}, "phone_invalid"),
        ({"Secondary_Email1": "n/a"}, "email_invalid"),
    ],
)
def test_a_cell_of_a_property_that_can_not_be_used_is_named(cells, code):
    found = house(**cells)
    [(column, value)] = cells.items()
    assert (found.code, found.column, found.value) == (code, column.replace("__", "?").replace("_", " "), value)


def test_a_property_has_its_key_and_its_peoples_phones_in_common_with_others():
    header = ["Type", "Address", "City", "ZIP", "APN", "Primary Name", "Primary Phone1", "Secondary Phone1"]

    def keys(*cells):
        return sorted(normaliser("propertyradar", header).keys(Row(1, list(cells))))

    assert keys("SFR", "1 Main", "X", "1", "A 1", "", "404-555-0123", BO) == [
        ("contacts", ADA), ("contacts", BO), ("properties", "apn:a 1"),
    ]  # fmt: skip
    assert keys("SFR", "1 Main", "X", "1", "", "", ADA, "(404) 555-0123") == [
        ("contacts", ADA), ("properties", "address:1 main x 1"),
    ]  # fmt: skip
    assert keys("SFR", "", "X", "1", "", "", "", "n/a") == []


def test_a_member_says_all_that_its_cells_do():
    contact, member_ = member(
        name="Ada Lovelace", status=" Delivered ", message_sent_at="2026-05-04T10:30:00-04:00",
        openphone_message_id="AC123",
    )  # fmt: skip
    assert contact == {"phone": ADA, "first_name": "Ada", "last_name": "Lovelace"}
    assert member_ == {
        "phone": ADA, "status": "delivered", "message_sent_at": "2026-05-04T14:30:00+00:00",
        "openphone_message_id": "AC123",
    }  # fmt: skip


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_is_known_in_any_case(status):
    assert member(status=status.upper())[1]["status"] == status


def test_a_status_that_there_is_not_is_refused_with_those_there_are():
    found = member(status="opened")
    assert (found.code, found.column, found.value) == ("status_invalid", "status", "opened")
    assert all(status in found.fix for status in STATUSES)


def test_an_empty_status_is_not_said_and_one_can_be_cleared():
    assert member(status="", message_sent_at="") == ({"phone": ADA}, {"phone": ADA})
    assert member(status="[clear]", message_sent_at="[clear]", openphone_message_id="[clear]")[1] == {
        "phone": ADA, "status": CLEAR, "message_sent_at": CLEAR, "openphone_message_id": CLEAR,
    }  # fmt: skip
