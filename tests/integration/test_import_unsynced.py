import threading

import pytest
from importing import Held, csv_of, numbers, people, until

CREATE = ["POST /v1/contacts"]


@pytest.fixture
def app(online):
    online.profile()
    yield online
    online.profile()


def test_a_contact_that_openphone_refused_is_told_again_by_the_next_import_of_it(app):
    app.profile(faults=[{"kind": "status", "status": 400, "first": 1}])
    phones = numbers(5)
    first = app.upload(people(phones)).json()
    assert (first["contacts_synced"], first["contacts_failed"]) == (4, 1)
    assert [refused["phone"] for refused in first["openphone_errors"]] == phones[:1]
    assert "400" in first["openphone_errors"][0]["error"]

    again = app.upload(people(phones)).json()
    assert (again["status"], again["unchanged"], again["contacts_to_sync"]) == ("completed", 5, 1)
    assert app.synced() == phones
    assert app.upload(people(phones)).json()["contacts_to_sync"] == 0


def test_contacts_that_came_in_without_openphone_are_told_once_it_is_on(app):
    phones = numbers(9)
    app.sql("INSERT INTO contacts (phone, first_name) SELECT unnest(%s), 'Ada'", (phones,))
    done = app.upload(people(phones)).json()
    assert (done["status"], done["unchanged"], done["contacts_synced"]) == ("completed", 9, 9)
    assert app.synced() == phones


def test_a_contact_that_draws_server_errors_does_not_hold_up_those_behind_it(app):
    # Two attempts at one contact fail: at which, is open, since two chunks are merged at once.
    app.profile(faults=[{"kind": "status", "status": 503, "first": 2, "routes": CREATE}])
    phones = numbers(12)
    answer = app.upload(people(phones))
    assert answer.status_code == 503
    found = answer.json()["import"]
    assert (found["status"], found["contacts_synced"], found["contacts_failed"]) == ("interrupted", 11, 0)
    pending = "SELECT contact_id FROM openphone_outbox WHERE import_id = %s AND state = 'pending'"
    [(held_back,)] = app.sql(f"SELECT phone FROM contacts WHERE id IN ({pending})", (found["id"],))
    assert app.synced() == [phone for phone in phones if phone != held_back]
    done = app.resume(found["id"]).json()
    assert (done["status"], done["contacts_synced"], done["openphone_calls"]) == ("completed", 12, 14)
    assert app.synced() == phones


def test_an_older_import_that_is_resumed_leaves_what_a_later_one_brought(app):
    phones = numbers(14)  # two chunks
    with Held.contact(app, phones[-1]):
        sent = threading.Thread(target=app.upload, args=(people(phones, "Old"),))
        sent.start()
        (backend,) = until(app.waiting)
        app.sql("SELECT pg_terminate_backend(%s, 5000)", (backend,))
        sent.join()
    older = app.newest()
    assert (older["status"], older["rows_done"]) == ("interrupted", 7)

    newer = app.upload(people(phones, "New")).json()
    assert newer["status"] == "completed"
    done = app.resume(older["id"]).json()
    assert (done["status"], done["updated"], done["unchanged"]) == ("completed", 0, 7)
    ours, theirs = app.first_names(phones)
    assert set(ours.values()) == set(theirs.values()) == {"New"}


def test_a_phone_that_comes_again_is_a_duplicate_whatever_chunk_it_is_in(app):
    phones = numbers(10)
    rows = [[phone, "Ada"] for phone in phones]
    done = app.upload(csv_of([*rows, rows[0], rows[9], [phones[1], "Bo"]])).json()
    assert (done["created"], done["updated"], done["unchanged"], done["rows_duplicate"]) == (10, 0, 0, 3)
    ours, theirs = app.first_names(phones)
    assert ours[phones[1]] == theirs[phones[1]] == "Bo"


def test_a_quote_that_is_never_closed_is_refused_with_the_line_it_opens_in(app):
    phones = numbers(3)
    before = app.newest()
    answer = app.upload(f'phone,notes\n{phones[0]},a\n{phones[1]},"hello\n{phones[2]},c\n'.encode())
    assert (answer.status_code, answer.json()["line"]) == (400, 3)
    assert "never closed" in answer.json()["detail"]
    assert app.newest() == before
    assert app.stored(phones) == []
