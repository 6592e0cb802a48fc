"""Whatever is killed, flushed or restarted: an import goes on from its checkpoint, nothing lost or doubled."""

import os
import signal
import time

import pytest
import redis
from importing import INLINE, UNLIMITED, App, Held, numbers, people, until

FINISHED = ("completed", "completed_with_errors", "failed", "cancelled")
ENV = {**INLINE, "GUNICORN_WORKERS": "2"}
SLOW = {"latency": {"kind": "fixed", "ms": 20}}


@pytest.fixture(scope="module")
def app(stack):
    with stack.trial("goes-on", ENV, UNLIMITED, worker=True) as trial:
        yield App(stack, trial)


@pytest.fixture(scope="module")
def killed(stack):
    """An app whose requests run into their timeout."""
    env = {**ENV, "GUNICORN_TIMEOUT": "2", "IMPORT_HANDOFF": "off", "DB_STATEMENT_TIMEOUT_MS": "60000"}
    with stack.trial("killed", env, UNLIMITED, worker=True) as trial:
        yield App(stack, trial)


def begun(app, phones, **form):
    """The id of an import that the worker is at, with some of its contacts told."""
    app.profile(**SLOW)
    import_id = app.upload(people(phones), mode="async", **form).json()["id"]
    until(lambda: app.imported(import_id)["contacts_synced"], 20)
    return import_id


def done(app, import_id):
    until(lambda: app.imported(import_id)["status"] in FINISHED, 60)
    return app.imported(import_id)


def exactly_once(app, phones):
    return app.stored(phones) == phones and app.synced(phones) == phones


def worker_of(app, import_id):
    """The pid of the process that is at the import."""
    [(process,)] = app.sql("SELECT process FROM imports WHERE id = %s", (import_id,))
    return int(process.rpartition(":")[2])


def test_the_process_that_is_at_it_is_killed(app):
    phones = numbers(150)
    import_id = begun(app, phones)
    os.kill(worker_of(app, import_id), signal.SIGKILL)
    assert done(app, import_id)["status"] == "completed"
    assert exactly_once(app, phones)


def test_the_whole_worker_is_killed_and_started_again(app):
    phones = numbers(150)
    import_id = begun(app, phones)
    app.trial.kill_service("worker")
    until(lambda: app.imported(import_id)["status"] == "interrupted", 5)
    app.trial.restart_service("worker")
    assert done(app, import_id)["status"] == "completed"
    assert exactly_once(app, phones)


def test_a_worker_that_is_asked_to_stop_saves_and_gives_back(app):
    phones = numbers(150)
    import_id = begun(app, phones)
    app.trial.restart_service("worker")
    report = done(app, import_id)
    assert (report["status"], report["error"]) == ("completed", None)
    assert exactly_once(app, phones)
    actions = app.sql("SELECT action FROM audit_events WHERE subject = %s ORDER BY id", (import_id,))
    assert ("import.handed_off",) in actions


def test_redis_forgets_everything(app):
    phones = numbers(150)
    import_id = begun(app, phones)
    waiting = app.upload(people(numbers(3)), mode="async").json()["id"]
    redis.Redis.from_url(app.stack.url("redis")).flushall()
    os.kill(worker_of(app, import_id), signal.SIGKILL)
    assert done(app, import_id)["status"] == done(app, waiting)["status"] == "completed"
    assert exactly_once(app, phones)


@pytest.mark.parametrize("service", ["redis", "db"])
def test_a_service_behind_it_is_restarted(app, service):
    phones = numbers(150)
    import_id = begun(app, phones)
    app.stack.restart(service, {})
    later = app.upload(people(numbers(2)), mode="async").json()["id"]
    assert done(app, import_id)["status"] == done(app, later)["status"] == "completed"
    assert exactly_once(app, phones)


def test_a_request_that_ran_into_its_timeout_is_found_and_taken_up(killed):
    killed.profile(latency={"kind": "fixed", "ms": 50})
    phones = numbers(100)
    answer = killed.upload(people(phones), mode="sync")
    began = time.monotonic()
    assert answer.status_code == 500
    import_id = killed.newest()["id"]
    events = "SELECT count(*) FROM audit_events WHERE action = 'import.interrupted' AND subject = %s"
    until(lambda: killed.sql(events, (import_id,)) == [(1,)], 5)
    assert time.monotonic() - began < 3  # two, and what asking takes
    [(detail,)] = killed.sql(
        "SELECT detail FROM audit_events WHERE action = 'import.interrupted' AND subject = %s", (import_id,)
    )
    assert detail["reason"] == "timeout"
    assert done(killed, import_id)["status"] == "completed"
    assert exactly_once(killed, phones)


def test_a_worker_killed_inside_a_query_is_found_and_taken_up(killed):
    killed.profile()
    phones = numbers(30)
    with Held.contact(killed, phones[-1]):
        answer = killed.upload(people(phones), mode="sync")
        began = time.monotonic()
        assert answer.status_code == 502  # nginx's word for no answer at all
        import_id = killed.newest()["id"]
        events = "SELECT count(*) FROM audit_events WHERE action = 'import.interrupted' AND subject = %s"
        until(lambda: killed.sql(events, (import_id,)) == [(1,)], 5)
        assert time.monotonic() - began < 3
    assert done(killed, import_id)["status"] == "completed"
    assert exactly_once(killed, phones)


def test_dead_requests_are_left_to_their_clients_where_that_is_set(stack):
    env = {**ENV, "GUNICORN_TIMEOUT": "2", "IMPORT_HANDOFF": "off", "IMPORT_AUTO_RESUME": "off"}
    with stack.trial("left", env, UNLIMITED, worker=True) as trial:
        app = App(stack, trial)
        app.profile(latency={"kind": "fixed", "ms": 50})
        phones = numbers(60)
        assert app.upload(people(phones), mode="sync").status_code == 500
        found = until(lambda: (newest := app.newest())["status"] == "interrupted" and newest["error"] and newest, 5)
        assert "took longer than its timeout" in found["error"]
        time.sleep(2.5)  # two sweeps
        assert app.imported(found["id"])["status"] == "interrupted"
        until(lambda: app.resume(found["id"]).status_code == 200, 20)  # each one gets further before its own timeout
        assert exactly_once(app, phones)
