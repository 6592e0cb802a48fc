import random

import pytest
from importing import csv_of, numbers, people, together


@pytest.fixture(scope="module")
def app(online):
    online.profile(latency={"kind": "uniform", "low_ms": 0, "high_ms": 3})
    return online


def assert_both_sides_agree(app, phones):
    assert app.stored(phones) == app.synced(phones) == phones
    ours, theirs = app.first_names(phones)
    assert ours == theirs
    return ours


def shuffled(seed, phones, name):
    return csv_of([phone, name] for phone in random.Random(f"{seed}{name}").sample(phones, len(phones)))


@pytest.mark.parametrize("seed", range(10))
def test_merges_of_overlapping_files_at_the_same_time_never_lock_each_other_out(offline, seed):
    phones = numbers(200)
    files = {"Ada": phones[:190], "Bo": phones[10:]}
    answers = together(
        *(lambda name=name: offline.upload(shuffled(seed, files[name], name), list="overlap") for name in files)
    )
    assert [answer.status_code for answer in answers] == [200, 200], [answer.text for answer in answers]
    done = [answer.json() for answer in answers]
    assert sum(each["created"] for each in done) == len(phones)
    assert [each["created"] + each["updated"] + each["unchanged"] for each in done] == [190, 190]
    assert offline.stored(phones) == phones


@pytest.mark.parametrize("seed", range(4))
def test_imports_of_overlapping_files_at_the_same_time_lose_and_double_nothing_on_either_side(app, seed):
    phones = numbers(60)
    files = {"Ada": phones[:45], "Bo": phones[15:], "Cleo": phones[5:50]}
    answers = together(
        *(lambda name=name: app.upload(shuffled(seed, files[name], name), list=f"{name} {seed}") for name in files)
    )

    assert [answer.status_code for answer in answers] == [200] * 3, [answer.text for answer in answers]
    done = [answer.json() for answer in answers]
    assert [each["status"] for each in done] == ["completed"] * 3
    assert sum(each["created"] for each in done) == len(phones)
    for each in done:
        assert each["created"] + each["updated"] + each["unchanged"] == 45
        assert each["contacts_to_sync"] == each["contacts_synced"] == each["created"] + each["updated"]
        listed = app.sql(
            "SELECT count(*) FROM list_members JOIN lists ON lists.id = list_id WHERE name = %s", (each["list"],)
        )
        assert listed == [(45,)]

    names = assert_both_sides_agree(app, phones)
    for phone, name in names.items():
        assert phone in files[name]
    assert app.mock("counters")["duplicate_external_ids"] == 0


def test_imports_of_the_same_new_people_into_the_same_new_list_at_the_same_time(app):
    phones = numbers(40)
    orders = (phones, phones[::-1], phones[20:] + phones[:20])
    answers = together(*(lambda order=order: app.upload(people(order), list="same new list") for order in orders))
    assert [answer.status_code for answer in answers] == [200] * 3, [answer.text for answer in answers]
    assert sum(answer.json()["created"] for answer in answers) == 40
    assert app.sql("SELECT count(*) FROM lists WHERE name = 'same new list'") == [(1,)]
    assert_both_sides_agree(app, phones)


def test_a_contact_that_was_deleted_at_openphone_is_there_again_after_its_next_change(app):
    phones = numbers(3)
    app.upload(people(phones))
    app.profile()  # forgets every contact
    assert app.upload(people(phones, "Bo")).json()["contacts_synced"] == 3
    assert set(assert_both_sides_agree(app, phones).values()) == {"Bo"}
