"""/api/openphone: what is left, and the dead letters."""

from uuid import uuid4

import pytest
import requests
from draining import counted, reset
from importing import numbers, people

import config
from app import create_app

RETRY = "/api/openphone/dead-letters/retry"
REFUSE_ALL = {"faults": [{"kind": "status", "status": 400, "first": 100, "routes": ["POST /v1/contacts"]}]}


@pytest.fixture
def app(background, drain):
    return reset(background, drain, **REFUSE_ALL)


def letters(app, **query):
    answer = app.get("/api/openphone/dead-letters", **query)
    assert answer.status_code == 200, answer.text
    return answer.json()["dead_letters"]


def left(app):
    found = app.get("/api/openphone").json()
    return found["pending"], found["waiting_for_retry"], found["failed"]


def dead(app, drain, *phones):
    """The ids of imports whose contacts are all dead letters."""
    ids = [app.upload(people([phone])).json()["id"] for phone in phones]
    drain.all()
    return ids


def test_what_is_left_how_fast_it_goes_and_when_it_will_be_done(app, drain):
    app.profile()
    empty = app.get("/api/openphone").json()
    assert (empty["sync"], empty["pending"], empty["done_at"], empty["paused"]) == ("background", 0, None, None)
    assert empty["rate_per_second"] is None
    before = empty["sent_last_minute"]
    app.upload(people(numbers(4)))
    limited = create_app(config.load_settings({**app.trial.env, "OPENPHONE_RATE_PER_SECOND": "10"}))
    found = limited.test_client().get("/api/openphone", headers=app.auth).json
    limited.extensions["engine"].dispose()
    assert (found["pending"], found["rate_per_second"]) == (4, 10)
    assert found["done_at"] is not None
    drain.all()
    assert left(app) == (0, 0, 0)
    assert app.get("/api/openphone").json()["sent_last_minute"] == before + 4


def test_dead_letters_are_listed_page_by_page_and_by_import(app, drain):
    phones = numbers(3)
    ids = dead(app, drain, *phones)
    assert left(app) == (0, 0, 3)
    found = letters(app)
    assert [(letter["phone"], letter["import"], letter["attempts"]) for letter in found] == [
        (phone, import_id, 1) for phone, import_id in zip(phones, ids, strict=True)
    ]
    assert all(letter["error"].startswith("OpenPhone answered 400") and letter["failed_at"] for letter in found)
    assert [letter["phone"] for letter in letters(app, **{"import": ids[1]})] == [phones[1]]
    first = app.get("/api/openphone/dead-letters", limit=2).json()
    second = app.get("/api/openphone/dead-letters", limit=2, cursor=first["next"]).json()
    assert first["dead_letters"] + second["dead_letters"] == found
    assert second["next"] is None


def test_dead_letters_are_sent_again_by_import_by_contact_or_all(app, drain):
    phones = numbers(5)
    ids = dead(app, drain, *phones)
    app.profile()
    contact = letters(app, **{"import": ids[1]})[0]["contact"]
    assert app.post(RETRY, **{"import": ids[0]}).json() == {"retried": 1}
    assert app.post(RETRY, contact=contact).json() == {"retried": 1}
    assert left(app) == (2, 0, 3)
    assert [counted(app.imported(import_id)) for import_id in ids[:3]] == [(1, 0, 0, 1), (1, 0, 0, 1), (1, 0, 1, 0)]
    drain.all()
    assert app.synced() == phones[:2]
    assert app.post(RETRY).json() == {"retried": 3}
    assert app.post(RETRY).json() == {"retried": 0}
    drain.all()
    assert app.synced() == phones
    assert left(app) == (0, 0, 0)
    assert letters(app) == []
    assert [counted(app.imported(import_id)) for import_id in ids] == [(1, 1, 0, 0)] * 5
    events = app.sql(
        "SELECT subject, detail->>'contacts' FROM audit_events WHERE action = 'openphone.retried' ORDER BY id"
    )
    assert events[-3:] == [(ids[0], "1"), (contact, "1"), ("all", "3")]


def test_a_retry_that_is_refused_again_is_a_dead_letter_again(app, drain):
    [import_id] = dead(app, drain, *numbers(1))
    assert app.post(RETRY).json() == {"retried": 1}
    drain.all()
    assert counted(app.imported(import_id)) == (1, 0, 1, 0)
    assert [letter["attempts"] for letter in letters(app)] == [1]


def test_a_retry_ends_a_pause(app, drain):
    dead(app, drain, *numbers(1))
    drain.pause.begin("OpenPhone refused the key")
    app.post(RETRY)
    assert drain.pause.reason() is None


def test_another_import_of_the_contact_buries_the_dead_letter(app, drain):
    phones = numbers(1)
    [import_id] = dead(app, drain, *phones)
    app.profile()
    app.upload(people(phones))
    drain.all()
    assert left(app) == (0, 0, 0)
    assert counted(app.imported(import_id)) == (1, 1, 0, 0)


@pytest.mark.parametrize("path", ["/api/openphone", "/api/openphone/dead-letters"])
def test_nothing_is_told_without_a_key(app, path):
    assert requests.get(f"{app.url}{path}", timeout=30).status_code == 401
    assert requests.post(f"{app.url}{RETRY}", timeout=30).status_code == 401


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"import": "x"}, "must be a UUID"),
        ({"import": str(uuid4())}, "no such import"),
        ({"contact": str(uuid4())}, "no such contact"),
        ({"imports": "x"}, "There is no parameter imports"),
    ],
    ids=str,
)
def test_a_retry_of_what_is_not_there_sends_nothing(app, drain, query, says):
    dead(app, drain, *numbers(1))
    answer = app.post(RETRY, **query)
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert says in answer.json()["detail"]
    assert left(app) == (0, 0, 1)


def test_a_filter_in_the_body_is_not_taken_for_all(app, drain):
    dead(app, drain, *numbers(1))
    answer = requests.post(f"{app.url}{RETRY}", headers=app.auth, data={"import": str(uuid4())}, timeout=30)
    assert answer.status_code == 400
    assert left(app) == (0, 0, 1)


@pytest.mark.parametrize("sync", ["inline", "off"])
def test_a_retry_that_nobody_would_send_is_refused(app, sync):
    made = create_app(config.load_settings({**app.trial.env, "OPENPHONE_SYNC": sync}))
    client = made.test_client()
    answer = client.post(RETRY, headers=app.auth)
    assert client.get("/api/openphone", headers=app.auth).json["sync"] == sync
    made.extensions["engine"].dispose()
    assert (answer.status_code, answer.json["type"]) == (409, "urn:timeoutlab:problem:not-in-background")
