import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg2
import pytest
from importing import Held, csv_of, numbers, people, together, until


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


@pytest.mark.parametrize("seed", range(6))
def test_merges_of_overlapping_files_at_the_same_time_never_lock_each_other_out(offline, seed):
    phones = numbers(130)
    chunk, rest = phones[:50], phones[50:]
    files = [shuffled(seed, chunk, name) + shuffled(seed, rest, name).partition(b"\r\n")[2] for name in ("Ada", "Bo")]
    with ThreadPoolExecutor() as pool:
        # Each stops within its first chunk, holding the contacts that it has come past.
        with Held.contact(offline, chunk[25]):
            uploads = [pool.submit(offline.upload, file, list="overlap") for file in files]
            until(lambda: len(offline.held_up()) == 2)
        answers = [upload.result() for upload in uploads]
    assert [answer.status_code for answer in answers] == [200, 200], [answer.text for answer in answers]
    done = [answer.json() for answer in answers]
    assert sum(each["created"] for each in done) == len(phones) - 1
    assert [each["created"] + each["updated"] + each["unchanged"] for each in done] == [130, 130]
    assert offline.stored(phones) == phones


def test_a_chunk_that_postgresql_ended_for_a_circle_of_locks_is_merged_once_more(offline):
    first, second, third = phones = numbers(3)
    assert offline.upload(people(phones)).json()["created"] == 3
    # PostgreSQL looks for a circle once, a second after a wait began: whoever waits last is ended, here the import.
    waits = "SELECT pid FROM pg_locks WHERE pid = %s AND waitstart < clock_timestamp() - interval '1.5 s'"
    with closing(psycopg2.connect(offline.trial.env["DATABASE_URL"])) as other, ThreadPoolExecutor() as pool:
        cursor, pid = other.cursor(), other.info.backend_pid
        cursor.execute("UPDATE contacts SET city = 'Oslo' WHERE phone = %s", (third,))
        with Held.contact(offline, second):
            upload = pool.submit(offline.upload, csv_of([phone, "Changed"] for phone in phones))
            until(offline.held_up)
            waiting = pool.submit(cursor.execute, "UPDATE contacts SET city = 'Rome' WHERE phone = %s", (first,))
            until(lambda: offline.sql(waits, (pid,)))
        waiting.result()
        other.rollback()
        answer = upload.result()
    assert answer.status_code == 200, answer.text
    assert (answer.json()["updated"], answer.json()["counts"]["contacts"]["updated"]) == (3, 3)
    assert set(offline.first_names(phones)[0].values()) == {"Changed"}


@pytest.mark.parametrize("seed", range(3))
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
        # What another import has yet to tell OpenPhone may be told by this one too.
        assert each["contacts_to_sync"] == each["contacts_synced"] >= each["created"] + each["updated"]
        listed = app.sql(
            "SELECT count(*) FROM list_members JOIN lists ON lists.id = list_id WHERE name = %s", (each["list"],)
        )
        assert listed == [(45,)]

    numbered = dict(app.sql("SELECT lists.name, number FROM imports JOIN lists ON lists.id = list_id"))
    latest_last = sorted(files, key=lambda name: numbered[f"{name} {seed}"])
    assert assert_both_sides_agree(app, phones) == {phone: name for name in latest_last for phone in files[name]}
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
