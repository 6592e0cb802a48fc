"""Who carries an import out: its request, or the worker."""

import threading
import time

import pytest
import redis
import requests
from importing import INLINE, UNLIMITED, App, numbers, people, together, until

SLOW = {"latency": {"kind": "fixed", "ms": 100}}
FINISHED = ("completed", "completed_with_errors", "failed", "cancelled")


@pytest.fixture(scope="module")
def app(stack):
    env = {**INLINE, "GUNICORN_WORKERS": "2", "IMPORT_ASYNC_ROWS": "40"}
    with stack.trial("modes", env, UNLIMITED, worker=True) as trial:
        yield App(stack, trial)


def imported(app, answer):
    return app.imported(answer.headers["Location"].rsplit("/", 1)[-1])


def done(app, answer):
    until(lambda: imported(app, answer)["status"] in FINISHED, 30)
    return imported(app, answer)


@pytest.mark.parametrize(
    ("mode", "rows", "owner"),
    [("sync", 50, "web"), ("auto", 40, "web"), ("auto", 41, "worker"), ("async", 1, "worker")],
)
def test_large_files_go_to_the_worker_unless_the_client_says_otherwise(app, mode, rows, owner):
    app.profile()
    phones = numbers(rows)
    answer = app.upload(people(phones), mode=mode)
    assert answer.status_code == (200 if owner == "web" else 202), answer.text
    assert answer.json()["owner"] == owner
    assert done(app, answer)["status"] == "completed"
    assert app.stored(phones) == app.synced(phones) == phones


def test_accepted_means_durable_though_no_worker_is_there_and_redis_forgets_it(app):
    app.profile()
    phones = numbers(50)
    data = people(phones)
    app.trial.kill_service("worker")
    answer = app.upload(data, mode="async")
    assert (answer.status_code, answer.json()["status"]) == (202, "received")
    pieces = app.sql("SELECT data FROM upload_pieces WHERE import_id = %s ORDER BY number", (answer.json()["id"],))
    assert b"".join(bytes(piece) for (piece,) in pieces) == data
    redis.Redis.from_url(app.stack.url("redis")).flushall()
    app.trial.restart_service("worker")
    assert done(app, answer)["status"] == "completed"
    assert app.stored(phones) == app.synced(phones) == phones


def test_one_more_than_there_is_room_for_goes_to_the_worker_and_the_site_stays_up(app):
    app.profile(**SLOW)
    files = [numbers(20) for _ in range(4)]
    slowest = []

    def look():
        while uploading.is_alive():
            began = time.monotonic()
            assert requests.get(f"{app.url}/healthz", timeout=10).status_code == 200
            slowest.append(time.monotonic() - began)
            time.sleep(0.05)

    answers = []
    uploading = threading.Thread(
        target=lambda: answers.extend(together(*(lambda f=file: app.upload(people(f), mode="sync") for file in files)))
    )
    uploading.start()
    look()
    uploading.join()
    assert max(slowest) < 1
    assert sorted({answer.status_code for answer in answers}) == [200, 202]
    for answer in answers:
        assert done(app, answer)["status"] == "completed"
    phones = sorted(phone for file in files for phone in file)
    assert app.stored(phones) == app.synced(phones) == phones


def test_the_same_upload_again_while_the_worker_has_it_is_the_same_import(app):
    app.profile(**SLOW)
    data = people(numbers(30))
    first = app.upload(data, mode="async")
    second = app.upload(data, mode="async")
    assert second.status_code == 202
    assert second.headers["Location"] == first.headers["Location"]
    done(app, first)
    app.profile()


@pytest.mark.parametrize("wait_for", ["contacts_synced", "status"])
def test_an_import_can_be_cancelled_while_the_worker_is_at_it(app, wait_for):
    app.profile(**SLOW)
    phones = numbers(60)
    answer = app.upload(people(phones), mode="async")
    import_id = answer.json()["id"]
    until(lambda: app.imported(import_id)[wait_for])
    cancelled = requests.post(f"{app.url}/api/imports/{import_id}/cancel", headers=app.auth, timeout=30)
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    again = requests.post(f"{app.url}/api/imports/{import_id}/cancel", headers=app.auth, timeout=30)
    assert (again.status_code, again.json()["status"]) == (200, "cancelled")
    told = len(app.synced(phones))
    time.sleep(0.5)  # a worker that went on would tell five more contacts
    assert len(app.synced(phones)) <= told + 1
    assert app.resume(import_id).json()["status"] == "cancelled"
    until(lambda: app.sql("SELECT count(*) FROM upload_pieces WHERE import_id = %s", (import_id,)) == [(0,)])
    pending = "SELECT count(*) FROM openphone_outbox WHERE import_id = %s AND state = 'pending'"
    until(lambda: app.sql(pending, (import_id,)) == [(0,)])
    app.profile()


def test_what_is_finished_can_not_be_cancelled(app):
    app.profile()
    answer = app.upload(people(numbers(1)))
    refused = requests.post(f"{app.url}/api/imports/{answer.json()['id']}/cancel", headers=app.auth, timeout=30)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:timeoutlab:problem:finished")


def test_the_worker_leaves_an_audit_trail(app):
    app.profile()
    answer = app.upload(people(numbers(2)), mode="async")
    done(app, answer)
    actions = app.sql("SELECT action FROM audit_events WHERE subject = %s ORDER BY id", (answer.json()["id"],))
    assert [action for (action,) in actions] == ["import.received", "import.taken_up"]


@pytest.fixture(scope="module")
def alone(stack):
    env = {**INLINE, "IMPORT_WORKER": "off", "GUNICORN_WORKERS": "2", "IMPORT_ASYNC_ROWS": "40"}
    with stack.trial("alone", env, UNLIMITED) as trial:
        yield App(stack, trial)


def test_nothing_is_left_to_a_worker_that_is_not_there(alone):
    refused = alone.upload(people(numbers(1)), mode="async")
    assert refused.status_code == 400
    assert (refused.json()["option"], refused.json()["allowed"]) == ("mode", ["auto", "sync"])
    assert alone.upload(people(numbers(41)), mode="auto").status_code == 200


def test_one_import_too_many_is_told_to_come_again_where_there_is_no_worker(alone):
    alone.profile(**SLOW)
    answers = together(*(lambda: alone.upload(people(numbers(10)), mode="sync") for _ in range(3)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert len(refused) < 3
    assert refused[0].json()["type"] == "urn:timeoutlab:problem:too-many-imports"
    assert int(refused[0].headers["Retry-After"]) > 0
