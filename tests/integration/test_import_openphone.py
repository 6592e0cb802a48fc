from io import BytesIO

import pytest
import requests
from importing import csv_of, numbers, people

import config
from app import create_app

CREATE = ["POST /v1/contacts"]


@pytest.fixture
def app(online):
    online.profile()
    yield online
    online.profile()


def failing(kind, **more):
    return {"kind": kind, "first": 1, **more}


def counted(app, *names):
    counters = app.mock("counters")
    return tuple(counters[name] for name in names)


@pytest.mark.parametrize(
    ("fault", "envelope", "carried_out"),
    [
        (failing("status", status=429), "flat", False),
        (failing("status", status=500), "nested", False),
        (failing("reset"), "flat", False),
        (failing("truncate"), "flat", True),
        (failing("drop_reply"), "nested", True),
    ],
    ids=str,
)
def test_a_call_that_goes_wrong_for_a_moment_loses_and_doubles_nothing(app, fault, envelope, carried_out):
    app.profile(faults=[{"routes": CREATE, **fault}], envelope=envelope)
    phones = numbers(4)
    done = app.upload(people(phones)).json()
    assert (done["status"], done["contacts_synced"], done["contacts_failed"]) == ("completed", 4, 0)
    assert app.stored(phones) == app.synced() == phones
    # Of a call whose reply got lost the repeat meets a conflict, and the contact there is found to be as it should.
    conflicts = fault["first"] if carried_out else 0
    assert counted(app, "created", "duplicate_external_ids", "updated") == (4, conflicts, 0)
    assert done["openphone_calls"] == app.mock("counters")["requests"] == 4 + fault["first"] + carried_out


@pytest.mark.parametrize(("retry_after", "body"), [(None, "text"), (1, "empty")])
def test_a_429_is_waited_out_whatever_it_looks_like(app, retry_after, body):
    limit = {"per_second": 0, "retry_after": retry_after, "body": body}
    app.profile(faults=[failing("status", status=429)], limit=limit)
    phones = numbers(2)
    done = app.upload(people(phones)).json()
    assert (done["status"], done["contacts_synced"]) == ("completed", 2)
    assert done["stage_seconds"]["openphone"] >= (retry_after or 0)
    assert app.synced() == phones


def test_an_api_that_hangs_is_left_and_asked_again(app):
    app.profile(faults=[failing("hang")])
    phones = numbers(2)
    done = app.upload(people(phones)).json()
    assert (done["status"], done["contacts_synced"]) == ("completed", 2)
    assert app.synced() == phones
    assert app.mock("counters")["faults"] == {"hang": 1}


@pytest.mark.parametrize("envelope", ["flat", "nested"])
def test_a_contact_that_openphone_refuses_is_counted_and_the_rest_is_synced(app, envelope):
    app.profile(faults=[failing("status", status=400)], envelope=envelope)
    phones = numbers(12)
    answer = app.upload(people(phones))
    done = answer.json()
    assert (answer.status_code, done["status"]) == (200, "completed_with_errors")
    assert (done["rows_rejected"], done["contacts_to_sync"], done["contacts_synced"], done["contacts_failed"]) == (
        0, 12, 11, 1,
    )  # fmt: skip
    assert app.stored(phones) == phones
    [refused] = done["openphone_errors"]
    assert app.synced() == [phone for phone in phones if phone != refused["phone"]]
    outbox = app.sql(
        "SELECT state, count(*), max(error) FROM openphone_outbox WHERE import_id = %s GROUP BY state ORDER BY state",
        (done["id"],),
    )
    assert [row[:2] for row in outbox] == [("done", 11), ("failed", 1)]
    assert outbox[1][2].startswith("OpenPhone answered 400: This failure was asked for.")
    assert refused["error"] == outbox[1][2]

    again = app.upload(people(phones)).json()
    assert (again["unchanged"], again["contacts_synced"], again["openphone_calls"]) == (12, 1, 1)
    assert app.synced() == phones
    assert app.upload(people(phones)).json()["openphone_calls"] == 0


def test_a_contact_too_large_or_not_understood_does_not_stop_the_import_either(app):
    phones = numbers(3)
    app.profile(faults=[failing("status", status=422, routes=CREATE), failing("status", status=413, routes=CREATE)])
    done = app.upload(people(phones)).json()
    assert (done["contacts_synced"], done["contacts_failed"]) == (1, 2)


def assert_paused(app, answer, says):
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
    body = answer.json()
    assert body["type"] == "urn:timeoutlab:problem:openphone-unavailable"
    assert says in body["detail"]
    assert int(answer.headers["Retry-After"]) > 0
    found = app.get(answer.headers["Location"]).json()
    assert found == body["import"]
    assert (found["status"], found["finished_at"]) == ("interrupted", None)
    assert says in found["error"]
    return found


def test_a_limit_that_stays_refused_is_a_503_with_a_location_and_a_resume_goes_on_where_it_stopped(app):
    # Two attempts at the first contact are refused, and two more at the first resume.
    app.profile(faults=[failing("status", status=429, first=4)])
    phones = numbers(11)
    found = assert_paused(app, app.upload(people(phones)), "2 attempts (last: 429")
    assert (found["rows_done"], found["created"], found["contacts_synced"]) == (11, 11, 0)
    assert app.stored(phones) == phones
    assert_paused(app, app.upload(people(phones)), "(last: 429")  # the same upload is a resume too

    answer = app.resume(found["id"])
    assert answer.status_code == 200
    done = answer.json()
    assert (done["id"], done["status"], done["error"]) == (found["id"], "completed", None)
    assert (done["contacts_to_sync"], done["contacts_synced"], done["openphone_calls"]) == (11, 11, 15)
    assert app.synced() == phones
    assert counted(app, "created", "duplicate_external_ids") == (11, 0)


def test_openphone_down_stops_the_import_after_a_few_contacts_and_a_resume_finishes_it(app):
    app.profile(faults=[failing("status", status=503, first=6)])
    phones = numbers(8)
    found = assert_paused(app, app.upload(people(phones)), "2 attempts (last: 503")
    assert app.mock("counters")["requests"] == 6  # three contacts, two attempts each
    done = app.resume(found["id"]).json()
    assert (done["status"], done["contacts_to_sync"], done["contacts_synced"]) == ("completed", 8, 8)
    assert app.synced() == phones


@pytest.mark.parametrize(
    ("status", "says"), [(401, "OPENPHONE_API_KEY"), (403, "OPENPHONE_API_KEY"), (404, "BASE_URL")]
)
@pytest.mark.parametrize("envelope", ["flat", "nested"])
def test_what_every_contact_would_meet_stops_at_the_first_and_costs_none_of_them(app, status, says, envelope):
    app.profile(faults=[failing("status", status=status)], envelope=envelope)
    phones = numbers(3)
    found = assert_paused(app, app.upload(people(phones)), says)
    assert app.mock("counters")["requests"] == 1
    assert app.resume(found["id"]).json()["contacts_synced"] == 3
    assert app.synced() == phones


def test_a_wobbly_api_loses_and_doubles_nothing_however_often_the_import_stops_on_the_way(app):
    wobbly = [("drop_reply", {}), ("truncate", {}), ("reset", {}), ("status", {"status": 503})]
    app.profile(faults=[{"kind": kind, "rate": 0.1, **more} for kind, more in wobbly], seed=5)
    phones = numbers(15)
    answer = app.upload(people(phones))
    import_id = app.newest()["id"]
    for _ in range(20):
        if answer.status_code == 200:
            break
        assert answer.status_code == 503
        answer = app.resume(import_id)
    done = answer.json()
    assert (done["status"], done["contacts_synced"], done["contacts_failed"]) == ("completed", 15, 0)
    assert app.stored(phones) == app.synced() == phones
    assert counted(app, "created") == (15,)
    assert done["openphone_calls"] == app.mock("counters")["requests"]


def test_openphone_is_told_of_new_and_changed_contacts_and_of_no_others(app):
    phones = numbers(9)
    assert app.upload(people(phones)).json()["openphone_calls"] == 9
    assert app.upload(people(phones)).json()["openphone_calls"] == 0
    changed = app.upload(csv_of([[phone, "Bo" if phone in phones[:2] else ""] for phone in phones])).json()
    assert (changed["updated"], changed["contacts_synced"], changed["openphone_calls"]) == (2, 2, 2)
    assert counted(app, "created", "updated", "requests") == (9, 2, 11)
    ours, theirs = app.first_names(phones)
    assert ours == theirs == {phone: "Bo" if phone in phones[:2] else "Ada" for phone in phones}


def test_a_contact_says_the_same_at_openphone_as_in_the_file(app):
    [phone] = numbers(1)
    columns = ("phone", "first_name", "last_name", "email", "company", "title", "notes")
    app.upload(csv_of([[phone, "Zoë", "O'Neil", "zoë@exämple.com", 'Acme "A"', "Dr", "kept here"]], columns))
    external_id = app.sql("SELECT id::text FROM contacts WHERE phone = %s", (phone,))[0][0]
    [found] = requests.get(
        f"{app.stack.url('openphone')}/v1/contacts",
        headers={"Authorization": app.trial.openphone_key},
        params={"externalIds": external_id, "maxResults": 50},
        timeout=30,
    ).json()["data"]
    fields = found["defaultFields"]
    assert (fields["firstName"], fields["lastName"], fields["company"], fields["role"]) == (
        "Zoë", "O'Neil", 'Acme "A"', "Dr",
    )  # fmt: skip
    assert [item["value"] for item in fields["emails"] + fields["phoneNumbers"]] == ["zoë@exämple.com", phone]
    links = app.sql(
        "SELECT openphone_id FROM openphone_links JOIN contacts ON contact_id = contacts.id WHERE phone = %s", (phone,)
    )
    assert links == [(found["id"],)]


def test_what_an_interrupted_import_has_not_told_openphone_a_later_one_of_the_same_people_does(app):
    app.profile(faults=[failing("status", status=401)])
    phones = numbers(4)
    found = assert_paused(app, app.upload(people(phones)), "API_KEY")
    later = app.upload(people(phones), list="another").json()
    assert (later["unchanged"], later["contacts_synced"]) == (4, 4)
    assert app.synced() == phones
    assert app.resume(found["id"]).json()["status"] == "completed"
    assert app.synced() == phones


@pytest.fixture
def without_redis(app):
    """The app in this process, with nobody at REDIS_URL."""
    gone = {"REDIS_URL": "redis://127.0.0.1:1/0", "OPENPHONE_RATE_PER_SECOND": "10", "API_RATE_PER_MINUTE": "600"}
    made = create_app(config.load_settings({**app.trial.env, **gone}))
    yield made.test_client()
    made.extensions["engine"].dispose()


def test_without_redis_nothing_is_sent_unpaced_and_the_rows_are_kept(app, without_redis):
    phones = numbers(2)
    data = {"kind": "contacts", "file": (BytesIO(people(phones)), "list.csv")}
    answer = without_redis.post("/api/imports", headers=app.auth, data=data)
    assert (answer.status_code, answer.json["type"]) == (503, "urn:timeoutlab:problem:openphone-unavailable")
    assert "Redis does not answer" in answer.json["detail"]
    assert app.stored(phones) == phones
    assert app.mock("counters")["requests"] == 0
    assert without_redis.get("/api/imports", headers=app.auth).status_code == 200
    ready = without_redis.get("/readyz")
    assert (ready.status_code, ready.json["failed"]) == (503, ["Redis does not answer"])
    assert app.resume(answer.json["import"]["id"]).json()["contacts_synced"] == 2


def test_an_import_resumed_where_openphone_is_off_is_not_called_done(app):
    app.profile(faults=[failing("status", status=401)])
    phones = numbers(3)
    found = assert_paused(app, app.upload(people(phones)), "API_KEY")
    off = create_app(config.load_settings({**app.trial.env, "OPENPHONE_SYNC": "off"}))
    answer = off.test_client().post(f"/api/imports/{found['id']}/resume", headers=app.auth)
    off.extensions["engine"].dispose()
    assert (answer.status_code, answer.json["import"]["status"]) == (503, "interrupted")
    assert "3 contacts are still to be synced, and OPENPHONE_SYNC is off" in answer.json["detail"]
    assert app.resume(found["id"]).json()["contacts_synced"] == 3


def test_without_postgresql_every_answer_is_a_problem_and_the_process_stays_alive(app):
    gone = create_app(config.load_settings({**app.trial.env, "DATABASE_URL": "postgresql://u:p@127.0.0.1:1/none"}))
    client = gone.test_client()
    answer = client.get("/api/imports", headers=app.auth)
    assert (answer.status_code, answer.json["type"]) == (503, "urn:timeoutlab:problem:database-unavailable")
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").json["failed"][0] == "PostgreSQL does not answer"
