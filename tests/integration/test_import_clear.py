import pytest
from importing import csv_of, numbers
from things import CHUNKS, KINDS, ONE_CHUNK, Things, came_of, checked, contents, everyone, rows_of

pytestmark = pytest.mark.postgresql


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture(params=[ONE_CHUNK, CHUNKS], ids=["one chunk", "chunks"])
def things(kind, request):
    return Things(kind, numbers(request.param))


def test_clear_empties_a_field_and_the_last_word_counts(offline, things):
    size = len(things.phones)
    things.imported(offline, everyone(things, "old"))
    said = [(0, "[clear]"), (1, "[CLEAR]"), (2, "new"), (3, "[clear]"), *[(number, "") for number in range(4, size)]]
    done = things.imported(offline, [*said, (1, ""), (2, "[clear]"), (3, "newer")])
    assert came_of(done) == {"updated": 4, "unchanged": size - 4, "rows_duplicate": 3}
    assert things.known(offline) == dict(everyone(things, "old")) | {0: None, 1: None, 2: None, 3: "newer"}


def test_what_is_empty_already_is_left_as_it_is_by_clear(offline, things):
    things.imported(offline, everyone(things, "[clear]"))
    assert things.known(offline) == dict(everyone(things, None))
    before = rows_of(offline, things.phones)
    done = things.imported(offline, [*everyone(things, "[clear]"), (0, "[clear]")])
    assert came_of(done) == {"unchanged": len(things.phones), "rows_duplicate": 1}
    assert rows_of(offline, things.phones) == before


@pytest.mark.parametrize("policy", ["skip", "fail"])
def test_of_something_new_clear_says_nothing(offline, things, policy):
    done = things.imported(offline, everyone(things, "[clear]"), on_duplicate=policy)
    assert came_of(done) == {"created": len(things.phones)}
    assert things.known(offline) == dict(everyone(things, None))


def test_every_field_of_a_property_and_its_people_can_be_cleared(offline):
    [phone] = numbers(1)
    said = {
        "Type": "SFR", "Address": "1 Main St", "City": "Macon", "ZIP": "03030", "APN": f"clear {phone}",
        "Beds": "3", "Purchase Date": "2012-05-04", "Owner Occ?": "1", "Owner": "ADA",
        "Primary Name": "Ada King", "Primary Phone1": phone, "Primary Email1": "ada@example.com",
    }  # fmt: skip
    query = """
        SELECT type, properties.address, properties.city, properties.zip, beds, purchase_date, owner_occupied, owner,
            first_name, last_name, email
        FROM properties JOIN property_contacts ON property_id = properties.id
        JOIN contacts ON contacts.id = contact_id WHERE phone = %s"""
    offline.upload(csv_of([said.values()], said), kind="propertyradar")
    [before] = offline.sql(query, (phone,))
    assert None not in before
    cells = [cell if name in ("APN", "Primary Phone1") else "[clear]" for name, cell in said.items()]
    done = offline.upload(csv_of([cells], said), kind="propertyradar").json()
    assert offline.sql(query, (phone,)) == [(None,) * len(before)]
    assert done["counts"] == {
        "contacts": {"created": 0, "updated": 1, "unchanged": 0},
        "properties": {"created": 0, "updated": 1, "unchanged": 0},
        "links": {"created": 0, "updated": 0, "unchanged": 1},
    }


def test_a_file_whose_rows_contradict_each_other_changes_nothing_the_second_time(offline, things):
    said = [*everyone(things, "first"), (1, "second"), (2, "[clear]"), (3, ""), (1, "third"), (4, "[clear]"), (4, "x")]
    first = things.imported(offline, said)
    assert came_of(first) == {"created": len(things.phones), "rows_duplicate": 6}
    before = contents(offline)
    again = things.imported(offline, said)
    assert came_of(again) == {"unchanged": len(things.phones), "rows_duplicate": 6}
    assert contents(offline) == before


@pytest.mark.parametrize("size", [10, 60])
def test_people_of_several_properties_change_nothing_the_second_time_either(offline, size):
    shared, *phones = numbers(size + 1)
    columns = ("Type", "Address", "City", "ZIP", "APN", "Owner", "Primary Name", "Primary Phone1", "Secondary Phone1")
    rows = [
        [
            "SFR",
            "",
            "",
            "",
            f"{phone} house",
            "A",
            f"Person {place}",
            *((shared, phone) if place % 3 else (phone, shared)),
        ]
        for place, phone in enumerate(phones)
    ]
    rows += [[*rows[1][:5], "B", "Another", phones[1], ""], [*rows[2][:5], "[clear]", "", shared, ""]]
    first = checked(offline.upload(csv_of(rows, columns), kind="propertyradar").json())
    assert came_of(first) == {"created": size, "rows_duplicate": 2}
    assert first["counts"]["contacts"]["created"] == size + 1
    assert first["counts"]["links"]["created"] == 2 * size
    before = contents(offline)
    again = checked(offline.upload(csv_of(rows, columns), kind="propertyradar").json())
    assert came_of(again) == {"unchanged": size, "rows_duplicate": 2}
    assert [counted["unchanged"] for counted in again["counts"].values()] == [
        counted["created"] for counted in first["counts"].values()
    ]
    assert contents(offline) == before


@pytest.mark.parametrize("apart", [0, 60])
def test_what_a_column_says_that_no_one_knows_can_be_cleared_too(offline, apart):
    [phone, *others] = numbers(apart + 1)

    def colour(*said):
        rows = [[phone, said[0]], *([other, "x"] for other in others), *([phone, again] for again in said[1:])]
        done = checked(offline.upload(csv_of(rows, ("phone", "Colour"))).json())
        [(extra,)] = offline.sql("SELECT extra FROM contacts WHERE phone = %s", (phone,))
        return done["updated"], extra.get("Colour")

    assert colour("red") == (0, "red")
    assert colour("") == (0, "red")
    assert colour("blue", "[clear]", "") == (1, None)
    assert colour("[clear]") == (0, None)
    assert colour("[clear]", "green") == (1, "green")
