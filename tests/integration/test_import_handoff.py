"""An import whose request has no time left goes on in the worker; nothing ends in a WORKER TIMEOUT."""

import os
import signal
import threading
import time

import pytest
from importing import INLINE, UNLIMITED, App, Held, numbers, people, until
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

import config
from app.imports.budget import BudgetedReader, RequestBudget
from app.storage.engine import make_engine, raw_cursor

TIMEOUT = 4
FINISHED = ("completed", "completed_with_errors", "failed", "cancelled")


ENV = {**INLINE, "GUNICORN_TIMEOUT": str(TIMEOUT), "GUNICORN_WORKERS": "3"}


@pytest.fixture(scope="module")
def app(stack):
    with stack.trial("handoff", ENV, UNLIMITED, worker=True) as trial:
        found = App(stack, trial)
        yield found
        assert "WORKER TIMEOUT" not in trial.logs()


def in_time(app, *args, **form):
    began = time.monotonic()
    answer = app.upload(*args, **form)
    assert time.monotonic() - began < TIMEOUT
    return answer


def done(app, answer, seconds=30):
    """What became of the import of *answer*."""
    import_id = answer.headers["Location"].rsplit("/", 1)[-1]
    until(lambda: app.imported(import_id)["status"] in FINISHED, seconds)
    return app.imported(import_id)


def exactly_once(app, phones):
    return app.stored(phones) == phones and app.synced(phones) == phones


def test_an_import_of_many_calls_is_answered_before_its_timeout_and_completed_by_the_worker(app):
    app.profile(latency={"kind": "fixed", "ms": 50})
    phones = numbers(150)
    answer = in_time(app, people(phones))
    assert answer.status_code == 202, answer.text
    assert answer.json()["status"] in ("handed_off", "running")
    assert answer.json()["owner"] == "worker"
    report = done(app, answer)
    assert (report["status"], report["contacts_synced"]) == ("completed", 150)
    assert exactly_once(app, phones)


def test_rows_that_repeat_those_of_other_chunks_go_in_within_the_request(app):
    app.profile()
    phones = numbers(30)
    answer = in_time(app, people([*phones, phones[0]]))
    assert answer.status_code == 200, answer.text
    assert answer.json()["rows_duplicate"] == 1
    assert exactly_once(app, phones)


def test_one_call_that_is_never_answered_does_not_hold_the_request(app):
    app.profile(faults=[{"kind": "hang", "first": 1, "cap_seconds": 60}])
    phones = numbers(3)
    answer = in_time(app, people(phones))
    assert answer.status_code == 202, answer.text
    assert done(app, answer)["status"] == "completed"
    assert exactly_once(app, phones)


def test_a_call_that_asks_for_a_long_pause_is_left_to_the_worker(app):
    app.profile(faults=[{"kind": "status", "status": 503, "first": 5}])
    phones = numbers(2)
    answer = in_time(app, people(phones))
    assert answer.status_code in (200, 202), answer.text
    assert done(app, answer)["status"] == "completed"
    assert exactly_once(app, phones)


def test_a_merge_that_waits_for_a_lock_of_somebody_else_is_cut_short(app):
    app.profile()
    phones = numbers(50)  # in three chunks, the last of them locked
    with Held.contact(app, phones[-1]):
        answer = in_time(app, people(phones))
        assert answer.status_code == 202, answer.text
        assert app.stored(phones[:20]) == phones[:20]
    assert done(app, answer)["status"] == "completed"
    assert exactly_once(app, phones)


def test_an_import_whose_own_row_is_locked_is_found_by_the_sweep(app):
    app.profile(latency={"kind": "fixed", "ms": 100})
    phones = numbers(60)
    answers = []
    uploading = threading.Thread(target=lambda: answers.append(in_time(app, people(phones))))
    uploading.start()
    found = until(
        lambda: (newest := app.newest()) and newest["status"] == "running" and newest["contacts_synced"] and newest
    )
    lock = "WITH held AS (SELECT id FROM imports WHERE id = %s FOR UPDATE) SELECT pg_sleep(60) FROM held"
    with Held(app, lock, (found["id"],)):
        uploading.join()
    [answer] = answers
    assert answer.status_code == 202, answer.text
    assert done(app, answer)["status"] == "completed"
    assert exactly_once(app, phones)


def test_a_redis_that_hangs_does_not_hold_the_answer(app):
    app.profile(latency={"kind": "fixed", "ms": 50})
    phones = numbers(100)
    [redis, *_] = app.stack.ps("redis")
    os.kill(redis.pid, signal.SIGSTOP)
    try:
        answer = in_time(app, people(phones))
    finally:
        os.kill(redis.pid, signal.SIGCONT)
    assert answer.status_code == 202, answer.text
    assert done(app, answer)["status"] == "completed"
    assert exactly_once(app, phones)


def test_a_redis_that_hangs_while_the_pace_is_asked_for_does_not_hold_the_request(stack):
    env = {**ENV, "OPENPHONE_RATE_PER_SECOND": "20"}
    with stack.trial("paced", env, UNLIMITED, worker=True) as trial:
        app = App(stack, trial)
        phones = numbers(60)
        answers = []
        uploading = threading.Thread(target=lambda: answers.append(in_time(app, people(phones))))
        uploading.start()
        until(lambda: (newest := app.newest()) and newest["contacts_synced"])
        [redis, *_] = app.stack.ps("redis")
        os.kill(redis.pid, signal.SIGSTOP)
        try:
            uploading.join()
        finally:
            os.kill(redis.pid, signal.SIGCONT)
        [answer] = answers
        assert answer.status_code == 202, answer.text
        assert done(app, answer)["status"] == "completed"
        assert exactly_once(app, phones)
        assert "WORKER TIMEOUT" not in trial.logs()


def test_an_upload_that_can_not_be_stored_in_time_is_not_accepted(app):
    before = app.newest()["id"]
    with Held.table(app, "upload_pieces"):
        answer = in_time(app, people(numbers(3)))
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:timeoutlab:problem:not-in-time")
    assert "Retry-After" in answer.headers
    assert app.newest()["id"] == before


@pytest.mark.parametrize("form", [{"dry_run": "true"}, {"on_duplicate": "fail"}])
def test_an_import_in_one_transaction_is_handed_off_as_a_whole(app, form):
    app.profile()
    phones = numbers(50)
    with Held.contact(app, phones[-1]) if "dry_run" in form else Held.table(app, "row_errors"):
        bad = people([*phones, "nonsense"])
        answer = in_time(app, bad, **form)
        assert answer.status_code == 202, answer.text
        assert not answer.json().get("rows_done")  # the report itself may need what is locked
    report = done(app, answer)
    assert (report["status"], report["rows_done"]) == ("completed_with_errors", 51)


def test_a_copy_whose_client_stalls_ends_with_the_budget(app):
    settings = config.load_settings({"DATABASE_URL": app.trial.env["DATABASE_URL"], "OPENPHONE_SYNC": "off"})
    budget = RequestBudget(time.monotonic(), 1, 0.5)

    class Stalling:
        def read(self, _):
            time.sleep(0.1)
            return "1\n"

    with make_engine(settings).connect() as connection:
        with connection.begin():
            connection.execute(text("CREATE TEMP TABLE stalled (n integer)"))
        began = time.monotonic()
        with pytest.raises(OperationalError), budget.applied(), connection.begin(), raw_cursor(connection) as cursor:
            cursor.copy_expert("COPY stalled FROM STDIN", BudgetedReader(Stalling(), budget.check))
        assert time.monotonic() - began < 1
        assert budget.is_over()
        assert connection.execute(text("SELECT count(*) FROM stalled")).scalar() == 0


def test_a_web_that_is_stopped_hands_its_import_over(app):
    app.profile(latency={"kind": "fixed", "ms": 50})
    phones = numbers(100)
    answers = []
    uploading = threading.Thread(target=lambda: answers.append(app.direct.upload(people(phones))))
    uploading.start()
    until(lambda: (newest := app.newest()) and newest["status"] == "running" and newest["contacts_synced"])
    app.trial.restart({})
    uploading.join()
    [answer] = answers
    assert answer.status_code == 202, answer.text
    assert done(app, answer)["status"] == "completed"
    assert exactly_once(app, phones)
