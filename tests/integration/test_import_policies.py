"""What on_duplicate means for each kind, in one chunk, across chunks, and against what is there."""

import pytest
from importing import csv_of, numbers
from things import CHUNKS, KINDS, ONE_CHUNK, Things, came_of, checked, contents, everyone, refused, rows_of

pytestmark = pytest.mark.postgresql


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture(params=[ONE_CHUNK, CHUNKS], ids=["one chunk", "chunks"])
def things(kind, request):
    return Things(kind, numbers(request.param))


def test_update_lets_the_last_row_of_a_thing_count(offline, things):
    done = things.imported(offline, [*everyone(things, "first"), (1, "second"), (2, "second"), (1, ""), (2, "third")])
    assert came_of(done) == {"created": len(things.phones), "rows_duplicate": 4}
    assert done["counts"][things.about] == {"created": len(things.phones), "updated": 0, "unchanged": 0}
    assert things.known(offline) == dict(everyone(things, "first")) | {1: "second", 2: "third"}


def test_skip_lets_the_first_row_of_a_thing_count(offline, things):
    said = [*everyone(things, "first"), (1, "second"), (2, "second"), (None, "x"), (2, "third")]
    done = things.imported(offline, said, on_duplicate="skip")
    assert came_of(done) == {"created": len(things.phones), "rows_duplicate": 3, "rows_rejected": 1}
    assert things.known(offline) == dict(everyone(things, "first"))
    assert offline.sql("SELECT count(*) FROM held_records") == [(0,)]


def test_an_error_is_not_the_first_row_of_anything(offline, things):
    too_long = "x" * 1001
    for policy in ("update", "skip", "fail"):
        these = Things(things.kind, numbers(len(things.phones)))
        said = [(1, too_long), *everyone(these, "good")]
        done = these.imported(offline, said, on_duplicate=policy)
        assert came_of(done) == {"created": len(these.phones), "rows_rejected": 1}
        assert these.known(offline) == dict(everyone(these, "good"))


def test_fail_takes_a_file_without_duplicates(offline, things):
    done = things.imported(offline, everyone(things, "new"), on_duplicate="fail")
    assert (came_of(done), done["status"]) == ({"created": len(things.phones)}, "completed")
    assert things.known(offline) == dict(everyone(things, "new"))


@pytest.mark.parametrize("dry_run", ["false", "true"])
def test_fail_ends_at_a_duplicate_of_the_file_and_leaves_nothing(offline, things, dry_run):
    before = contents(offline)
    said = everyone(things, "new")
    answer = things.upload(offline, [*said, (3, "again")], on_duplicate="fail", dry_run=dry_run)
    report = refused(offline, answer, before)
    assert report["error"].startswith(
        f"Row {len(said) + 1} is about {things.key(3)}, and row 4 of the file has it already."
    )
    again = offline.resume(report["id"])
    assert (again.status_code, again.json()["import"]) == (409, report)
    assert things.imported(offline, said, on_duplicate="fail")["created"] == len(said)


def test_update_changes_what_differs_and_nothing_else(offline, things):
    size = len(things.phones)
    things.imported(offline, [(0, "same"), (1, "old"), (2, "old")])
    done = things.imported(offline, [(0, "same"), (1, ""), *[(number, "new") for number in range(2, size)]])
    assert came_of(done) == {"created": size - 3, "updated": 1, "unchanged": 2}
    assert things.known(offline) == dict(everyone(things, "new")) | {0: "same", 1: "old"}


def test_skip_passes_over_rows_about_what_is_there_and_leaves_it_as_it_is(offline, things):
    size = len(things.phones)
    things.imported(offline, [(number, "old") for number in range(5)])
    before = rows_of(offline, things.phones[:5])
    said = [*everyone(things, "new"), (1, "newer"), (size - 1, "newer"), (4, "[clear]")]
    done = things.imported(offline, said, on_duplicate="skip")
    assert came_of(done) == {"created": size - 5, "skipped": 5, "rows_duplicate": 3}
    assert things.known(offline) == dict(everyone(things, "new")) | dict.fromkeys(range(5), "old")
    assert rows_of(offline, things.phones[:5]) == before

    everything = contents(offline)
    done = things.imported(offline, said, on_duplicate="skip")
    assert came_of(done) == {"skipped": size, "rows_duplicate": 3}
    assert contents(offline) == everything


@pytest.mark.parametrize("place", [0, -1])
def test_fail_ends_at_what_is_there_already_and_leaves_nothing(offline, things, place):
    number = range(len(things.phones))[place]
    things.imported(offline, [(number, "old")])
    before = contents(offline)
    report = refused(offline, things.upload(offline, everyone(things, "new"), on_duplicate="fail"), before)
    assert report["error"].startswith(
        f"Row {number + 1} is about {things.key(number)}, and it is in the database already."
    )


def test_a_member_of_another_campaign_is_none_of_this_one(offline):
    first = Things("campaign", numbers(3))
    second = Things("campaign", first.phones)
    first.imported(offline, everyone(first, "old"))
    assert came_of(second.imported(offline, everyone(second, "a"), on_duplicate="fail")) == {"created": 3}
    third = Things("campaign", first.phones)
    assert came_of(third.imported(offline, everyone(third, "a"), on_duplicate="skip")) == {"created": 3}


@pytest.mark.parametrize("policy", ["update", "fail"])
def test_people_that_are_known_may_have_new_properties(offline, policy):
    phones = numbers(3)
    offline.upload(csv_of([[phone, "old@example.com"] for phone in phones], ("phone", "email")))
    columns = ("Type", "Address", "City", "ZIP", "APN", "Primary Name", "Primary Phone1", "Primary Email1")
    houses = [["SFR", "", "", "", f"{policy} {phone}", "Ada King", phone, ""] for phone in phones]
    done = offline.upload(csv_of(houses, columns), kind="propertyradar", on_duplicate=policy).json()
    assert done["counts"] == {
        "contacts": {"created": 0, "updated": 3, "unchanged": 0},
        "properties": {"created": 3, "updated": 0, "unchanged": 0},
        "links": {"created": 3, "updated": 0, "unchanged": 0},
    }
    found = offline.sql("SELECT first_name, email FROM contacts WHERE phone = ANY(%s)", (phones,))
    assert found == [("Ada", "old@example.com")] * 3


def test_skip_leaves_people_as_they_are_who_have_a_new_property_or_campaign(offline):
    [phone] = numbers(1)
    offline.upload(csv_of([[phone, "Ada", "old@example.com"]], ("phone", "first_name", "email")))
    before = offline.sql("SELECT * FROM contacts WHERE phone = %s", (phone,))
    columns = ("Type", "Address", "City", "ZIP", "APN", "Primary Name", "Primary Phone1", "Primary Email1")
    house = csv_of([["SFR", "", "", "", f"skip {phone}", "Bo King", phone, "[clear]"]], columns)
    assert offline.upload(house, kind="propertyradar", on_duplicate="skip").json()["created"] == 1
    member = csv_of([["[clear]", phone]], ("name", "phone"))
    assert offline.upload(member, kind="campaign", on_duplicate="skip").json()["created"] == 1
    assert offline.sql("SELECT * FROM contacts WHERE phone = %s", (phone,)) == before


@pytest.mark.parametrize("apart", [0, 60])
def test_skip_lets_the_first_row_that_speaks_of_a_person_count_wherever_its_chunk_ends(offline, apart):
    [phone, *others] = numbers(apart + 1)
    columns = ("Type", "Address", "City", "ZIP", "APN", "Primary Name", "Primary Phone1")

    def house(apn, name, number):
        return ["SFR", "", "", "", f"{apn} {phone}", name, number]

    rows = [house("a", "Ada", phone), *(house(other, "x", other) for other in others), house("b", "Bo", phone)]
    done = checked(offline.upload(csv_of(rows, columns), kind="propertyradar", on_duplicate="skip").json())
    assert came_of(done) == {"created": apart + 2}
    assert offline.sql("SELECT first_name FROM contacts WHERE phone = %s", (phone,)) == [("Ada",)]
    assert done["counts"]["contacts"]["created"] == apart + 1


def test_a_person_of_several_properties_whose_role_changes_in_each_is_counted_in_each(offline):
    phones = numbers(2)
    columns = ("Type", "Address", "City", "ZIP", "APN", "Primary Name", "Primary Phone1", "Secondary Phone1")

    def houses(*people):
        return csv_of([["SFR", "", "", "", f"{apn} {phones[0]}", "", *people] for apn in "abc"], columns)

    offline.upload(houses(*phones), kind="propertyradar")
    done = offline.upload(houses(*phones[::-1]), kind="propertyradar").json()
    assert done["counts"]["links"] == {"created": 0, "updated": 6, "unchanged": 0}
