import pytest

from app.imports.chunk import Chunk, Held, Lines
from app.imports.errors import DuplicateError
from app.imports.kinds import KINDS
from app.imports.normalise import RowProblem
from app.imports.parsed import CLEAR, Parsed, fold

CONTACTS, RADAR, CAMPAIGN = (KINDS[name] for name in ("contacts", "propertyradar", "campaign"))


def contact(number, phone, **said):
    return Parsed(number, phone, {"contacts": {phone: {"phone": phone, **said}}})


def problem(number):
    return RowProblem(number, ["x"], "phone", "x", "phone_invalid", "", "")


def house(number, key, *phones):
    return Parsed(
        number,
        key,
        {
            "contacts": {phone: {"phone": phone, "email": str(number)} for phone in phones},
            "properties": {key: {"key": key, "city": str(number)}},
            "links": {f"{key}\n{phone}": {"property": key, "phone": phone, "role": "primary"} for phone in phones},
        },
    )


def test_a_later_row_of_a_phone_overrides_what_it_says_and_keeps_what_it_leaves_open():
    chunk = Chunk(CONTACTS)
    chunk.add(contact(1, "+1", first_name="Ada", email="a@b.co", notes=None))
    chunk.add(contact(2, "+2", first_name="Bo", email=None, notes=None))
    chunk.add(contact(3, "+1", first_name="Zoë", email=None, notes="new"))
    chunk.add(problem(4))
    assert (chunk.rows, chunk.duplicates, chunk.skipped, len(chunk.problems)) == (4, 1, 0, 1)
    assert list(chunk.values["contacts"].values()) == [
        {"phone": "+1", "first_name": "Zoë", "email": "a@b.co", "notes": "new"},
        {"phone": "+2", "first_name": "Bo", "email": None, "notes": None},
    ]


@pytest.mark.parametrize(
    ("known", "later", "found"),
    [
        ({"email": "a@b.co"}, {"email": CLEAR}, {"email": CLEAR}),
        ({"email": CLEAR}, {"email": None}, {"email": CLEAR}),
        ({"email": CLEAR}, {"email": "a@b.co"}, {"email": "a@b.co"}),
        ({"extra": {"a": "1", "b": "1"}}, {"extra": {"b": "2"}}, {"extra": {"a": "1", "b": "2"}}),
        ({"extra": {"a": "1"}}, {"extra": {}}, {"extra": {"a": "1"}}),
        ({}, {"extra": {"a": "1"}}, {"extra": {"a": "1"}}),
        ({"role": "primary"}, {"role": "secondary"}, {"role": "secondary"}),
    ],
)
def test_of_two_that_say_something_of_the_same_field_the_later_counts(known, later, found):
    fold(known, later)
    assert known == found


def test_a_chunk_counts_rows_by_what_the_kind_is_about():
    chunk = Chunk(RADAR)
    for row in (house(1, "apn:a", "+1", "+2"), house(2, "apn:b", "+1"), house(3, "apn:a", "+2")):
        chunk.add(row)
    assert (chunk.rows, chunk.duplicates) == (3, 1)
    assert {target: list(values) for target, values in chunk.values.items()} == {
        "contacts": ["+1", "+2"],
        "properties": ["apn:a", "apn:b"],
        "links": ["apn:a\n+1", "apn:a\n+2", "apn:b\n+1"],
    }
    assert chunk.values["properties"]["apn:a"]["city"] == "3"


def test_what_other_rows_of_the_file_speak_of_too_waits_for_the_end():
    chunk = Chunk(RADAR, repeated={("contacts", "+1")})
    chunk.add(house(1, "apn:a", "+1", "+2"))
    assert chunk.held == [
        Held("contacts", "+1", 1, {"phone": "+1", "email": "1"}),
        Held("links", "apn:a\n+1", 1, {"property": "apn:a", "phone": "+1", "role": "primary"}),
    ]
    assert {target: list(values) for target, values in chunk.values.items()} == {
        "contacts": ["+2"], "properties": ["apn:a"], "links": ["apn:a\n+2"],
    }  # fmt: skip
    assert chunk.duplicates == 0


def test_all_links_of_a_property_that_waits_wait_with_it():
    chunk = Chunk(RADAR, repeated={("properties", "apn:a")})
    chunk.add(house(1, "apn:a", "+1", "+2"))
    assert [(held.target, held.key) for held in chunk.held] == [
        ("properties", "apn:a"), ("links", "apn:a\n+1"), ("links", "apn:a\n+2"),
    ]  # fmt: skip
    assert list(chunk.values) == ["contacts"]


def test_a_member_whose_phone_other_rows_have_too_waits_with_the_contact():
    chunk = Chunk(CAMPAIGN, repeated={("contacts", "+1")})
    for number in (1, 2):
        chunk.add(Parsed(number, "+1", {"contacts": {"+1": {"phone": "+1"}}, "members": {"+1": {"phone": "+1"}}}))
    assert [(held.target, held.row_number) for held in chunk.held] == [
        ("contacts", 1), ("members", 1), ("contacts", 2), ("members", 2),
    ]  # fmt: skip
    assert (chunk.rows, chunk.duplicates, chunk.values) == (2, 0, {})


def test_with_skip_the_first_row_wins_and_rows_about_what_is_there_are_passed_over_whole():
    chunk = Chunk(RADAR, "skip")
    for row in (house(1, "apn:a", "+1"), house(2, "apn:a", "+2"), house(3, "apn:b", "+3"), problem(4)):
        chunk.add(row)
    assert (chunk.rows, chunk.duplicates, len(chunk.problems)) == (4, 1, 1)
    assert (chunk.identities, chunk.values) == (["apn:a", "apn:b"], {})
    chunk.settle({"apn:b"})
    assert (chunk.skipped, chunk.identities) == (1, [])
    assert chunk.values["properties"] == {"apn:a": {"key": "apn:a", "city": "1"}}
    assert list(chunk.values["contacts"]) == ["+1"]
    assert list(chunk.values["links"]) == ["apn:a\n+1"]


def test_with_skip_the_first_row_that_speaks_of_a_person_counts_too():
    chunk = Chunk(RADAR, "skip")
    chunk.add(house(1, "apn:a", "+1"))
    chunk.add(house(2, "apn:b", "+1"))
    chunk.settle(set())
    assert chunk.values["contacts"] == {"+1": {"phone": "+1", "email": "1"}}
    assert list(chunk.values["links"]) == ["apn:a\n+1", "apn:b\n+1"]


@pytest.mark.parametrize("policy", ["skip", "fail"])
def test_with_skip_and_fail_a_row_that_has_anything_in_common_with_another_waits_whole(policy):
    chunk = Chunk(RADAR, policy, {("properties", "apn:a"), ("contacts", "+3")})
    chunk.add(house(1, "apn:a", "+1"))
    chunk.add(house(2, "apn:b", "+3"))
    chunk.add(house(3, "apn:a", "+2"))
    chunk.add(house(4, "apn:c", "+4"))
    assert chunk.identities == ["apn:c"]
    assert [(held.target, held.row_number) for held in chunk.held] == [
        (target, number) for number in (1, 2, 3) for target in ("contacts", "properties", "links")
    ]


def test_with_fail_the_second_row_of_an_identity_ends_it_and_names_the_first():
    chunk = Chunk(CONTACTS, "fail")
    chunk.add(contact(1, "+2"))
    chunk.add(contact(3, "+1"))
    with pytest.raises(DuplicateError, match=r"^Row 7 is about \+1, and row 3 of the file has it already\.$") as error:
        chunk.add(contact(7, "+1"))
    assert (error.value.row_number, error.value.key) == (7, "+1")


def test_with_fail_a_row_about_what_is_there_ends_it():
    chunk = Chunk(RADAR, "fail")
    chunk.add(house(5, "apn:a"))
    with pytest.raises(DuplicateError, match=r"^Row 5 is about apn a, and it is in the database already\.$"):
        chunk.settle({"apn:a"})


def test_with_fail_other_rows_come_in():
    chunk = Chunk(CONTACTS, "fail")
    chunk.add(contact(1, "+1"))
    chunk.settle(set())
    assert (chunk.values, chunk.skipped) == ({"contacts": {"+1": {"phone": "+1"}}}, 0)


@pytest.mark.parametrize(("rows", "taken"), [(range(4), "acd"), ([0, 2], "ac"), ([1], ""), ([], "")])
def test_of_a_row_that_is_kept_each_line_is_taken(rows, taken):
    lines = ["abcd"[row] for row in rows]
    chunk = Chunk(CONTACTS)
    chunk.take({"contacts": [Lines(["k"] * len(rows), rows, lines)]}, [True, False, True, True])
    assert "".join(chunk.lines["contacts"]) == taken
    assert chunk.rows == 3
