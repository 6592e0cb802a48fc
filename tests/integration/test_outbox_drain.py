"""OPENPHONE_SYNC=background: the outbox behind all imports."""

import threading
import time

import pytest
from draining import counted, draining, reset
from importing import Held, numbers, people, together, until

CREATE = ["POST /v1/contacts"]


@pytest.fixture
def app(background, drain):
    return reset(background, drain)


def failing(status, first=1):
    return {"kind": "status", "status": status, "first": first, "routes": CREATE}


def entries(app, import_id):
    query = "SELECT state, attempts, retry_at > now(), settled_at IS NOT NULL, error FROM openphone_outbox"
    return app.sql(f"{query} WHERE import_id = %s ORDER BY id", (import_id,))


def due_now(app):
    app.sql("UPDATE openphone_outbox SET retry_at = now() WHERE state = 'pending'")


def test_an_import_is_done_when_its_rows_are_in_and_its_contacts_follow(app, drain):
    phones = numbers(30)
    done = app.upload(people(phones)).json()
    assert (done["status"], counted(done)) == ("completed", (30, 0, 0, 30))
    assert app.synced() == []
    assert drain.wanted == 4
    drain.all()
    assert app.synced() == phones
    found = app.imported(done["id"])
    assert (found["status"], counted(found)) == ("completed", (30, 30, 0, 0))
    assert found["openphone_calls"] == app.mock("counters")["requests"] == 30
    assert found["openphone_cpu_seconds"] > 0
    assert found["stage_seconds"]["openphone"] > 0
    assert {entry[:4] for entry in entries(app, done["id"])} == {("done", 0, None, True)}
    assert drain.wanted == 0


def test_several_at_once_tell_each_contact_of_several_imports_once(app, drain):
    app.profile(latency={"kind": "uniform", "low_ms": 0, "high_ms": 5})
    files = [numbers(40) for _ in range(3)]
    done = [app.upload(people(phones)).json() for phones in files]
    together(*[drain.all] * 6)  # two of them find no slot
    phones = sorted(phone for file in files for phone in file)
    assert app.synced() == phones
    assert [counted(app.imported(each["id"])) for each in done] == [(40, 40, 0, 0)] * 3
    counters = app.mock("counters")
    assert (counters["requests"], counters["created"], counters["duplicate_external_ids"]) == (120, 120, 0)
    assert app.sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == [(0,)]


def test_a_contact_that_changes_while_it_waits_is_told_once_as_it_is_now_for_both_imports(app, drain):
    phones = numbers(7)
    older, newer = (app.upload(people(phones, name)).json() for name in ("Ada", "Bo"))
    assert (counted(older), counted(newer)) == ((7, 0, 0, 7), (7, 0, 0, 7))
    drain.all()
    assert app.mock("counters")["requests"] == 7
    assert [counted(app.imported(each["id"])) for each in (older, newer)] == [(7, 7, 0, 0)] * 2
    ours, theirs = app.first_names(phones)
    assert ours == theirs == dict.fromkeys(phones, "Bo")


def test_a_contact_that_changes_while_it_is_told_of_is_told_of_again(app, drain):
    app.profile(latency={"kind": "fixed", "ms": 300})
    [phone] = numbers(1)
    app.upload(people([phone], "Ada"))
    first = threading.Thread(target=drain.once)
    first.start()
    until(lambda: app.mock("counters")["in_flight"])
    newer = app.upload(people([phone], "Bo")).json()
    assert drain.once() is False  # another has its lock, and tells of it, but not of the change
    first.join()
    drain.all()
    assert app.first_names([phone]) == ({phone: "Bo"}, {phone: "Bo"})
    assert counted(app.imported(newer["id"])) == (1, 1, 0, 0)
    assert app.synced() == [phone]


def test_a_contact_that_openphone_refuses_is_a_dead_letter_at_once(app, drain):
    app.profile(faults=[failing(400)])
    phones = numbers(12)
    done = app.upload(people(phones)).json()
    drain.all()
    assert app.synced() == phones[1:]
    found = app.imported(done["id"])
    assert (found["status"], counted(found)) == ("completed", (12, 11, 1, 0))
    [(state, attempts, _, settled, error)] = [entry for entry in entries(app, done["id"]) if entry[0] != "done"]
    assert (state, attempts, settled) == ("failed", 1, True)
    assert error.startswith("OpenPhone answered 400")


def test_a_contact_that_draws_server_errors_is_tried_again_later_and_then_given_up(app, drain):
    app.profile(faults=[failing(503, first=2)])  # an attempt at a contact is two calls
    phones = numbers(6)
    done = app.upload(people(phones)).json()
    drain.all()
    assert app.synced() == phones[1:]
    assert counted(app.imported(done["id"])) == (6, 5, 0, 1)
    assert entries(app, done["id"])[0][:4] == ("pending", 1, True, False)
    assert drain.wanted == 0
    left = app.get("/api/openphone").json()
    assert (left["pending"], left["waiting_for_retry"], left["failed"]) == (1, 1, 0)
    assert left["done_at"] is not None
    app.profile(faults=[failing(503, first=2)])
    due_now(app)
    drain.all()
    assert counted(app.imported(done["id"])) == (6, 5, 1, 0)
    assert entries(app, done["id"])[0][:4] == ("failed", 2, None, True)
    assert "given up after 2 attempts: OpenPhone gave no usable answer" in entries(app, done["id"])[0][4]


@pytest.mark.parametrize("kind", ["drop_reply", "truncate", "reset", "hang"])
def test_answers_that_get_lost_double_nothing(app, drain, kind):
    app.profile(faults=[{"kind": kind, "first": 1, "routes": CREATE}])
    phones = numbers(6)
    done = app.upload(people(phones)).json()
    drain.all()
    assert app.synced() == phones
    assert counted(app.imported(done["id"])) == (6, 6, 0, 0)


def test_a_429_is_waited_out(app, drain):
    app.profile(faults=[failing(429)], limit={"per_second": 0, "retry_after": 1})
    phones = numbers(6)
    done = app.upload(people(phones)).json()
    began = time.monotonic()
    drain.all()
    assert time.monotonic() - began >= 1
    assert counted(app.imported(done["id"])) == (6, 6, 0, 0)
    assert app.imported(done["id"])["openphone_calls"] == app.mock("counters")["requests"] == 7


def test_at_a_limit_whose_windows_are_out_of_phase_several_at_once_draw_no_429(app):
    app.profile(limit={"per_second": 10}, seed=7, latency={"kind": "fixed", "ms": 50})
    phones = numbers(35)
    done = app.upload(people(phones)).json()
    with draining(app.trial, OPENPHONE_RATE_PER_SECOND="10") as drain:
        together(*[drain.all] * 4)
    assert app.synced() == phones
    assert counted(app.imported(done["id"])) == (35, 35, 0, 0)
    assert (app.mock("counters")["requests"], app.mock("counters")["rate_limited"]) == (35, 0)


@pytest.mark.parametrize(("faults", "requests"), [([failing(401)], 1), ([failing(429, first=2)], 2)])
def test_what_every_contact_would_meet_costs_none_an_attempt_and_all_processes_a_pause(app, drain, faults, requests):
    app.profile(faults=faults)
    phones = numbers(6)
    done = app.upload(people(phones)).json()
    assert drain.once() is False
    assert drain.once() is False  # the pause
    assert drain.wanted == 0
    assert app.mock("counters")["requests"] == app.imported(done["id"])["openphone_calls"] == requests
    assert {entry[:4] for entry in entries(app, done["id"])} == {("pending", 0, None, False)}
    left = app.get("/api/openphone").json()
    assert (left["pending"], left["done_at"]) == (6, None)
    assert str(faults[0]["status"]) in left["paused"]
    drain.pause.end()
    assert drain.wanted == 4
    drain.all()
    assert app.synced() == phones
    assert counted(app.imported(done["id"])) == (6, 6, 0, 0)


def test_server_errors_in_a_row_are_a_pause_and_hold_up_none_of_those_behind(app, drain):
    app.profile(faults=[failing(500, first=6)])
    phones = numbers(9)
    done = app.upload(people(phones)).json()
    assert drain.once() is False
    assert app.mock("counters")["requests"] == 6  # three contacts, two calls each
    assert [entry[1] for entry in entries(app, done["id"])] == [1, 1, 1, 0, 0, 0, 0, 0, 0]
    drain.pause.end()
    drain.all()
    assert app.synced() == phones[3:]
    due_now(app)
    drain.all()
    assert app.synced() == phones
    assert counted(app.imported(done["id"])) == (9, 9, 0, 0)


def test_pauses_in_a_row_get_longer_and_short_again_once_openphone_answers(app, drain):
    redis, [key, pauses] = drain.pause._redis, drain.pause._keys
    for longest in (5, 10, 20):
        drain.pause.begin("down")
        drain.pause.begin("down as well")
        assert longest - 2 < redis.ttl(key) <= longest
        assert drain.pause.reason() == "down"
        redis.delete(key)
    app.upload(people(numbers(1)))
    drain.all()
    assert redis.get(pauses) is None


def test_without_redis_nothing_is_sent(app):
    app.upload(people(numbers(3)))
    for rate in ("0", "10"):
        gone = {"REDIS_URL": "redis://127.0.0.1:1/0", "OPENPHONE_RATE_PER_SECOND": rate}
        with draining(app.trial, **gone) as drain:
            assert drain.wanted == 0
            assert drain.once() is False
    assert app.mock("counters")["requests"] == 0
    assert app.get("/api/openphone").json()["pending"] == 3


def test_contacts_of_a_cancelled_import_are_not_told_of_and_can_be_all_the_same(app, drain):
    phones = numbers(60)  # two chunks
    with Held.contact(app, phones[-1]):
        sent = threading.Thread(target=app.upload, args=(people(phones),), kwargs={"mode": "sync"})
        sent.start()
        import_id = first_chunk_in(app)
        assert counted(app.imported(import_id)) == (50, 0, 0, 50)
        answer = cancel(app, import_id)
        assert (answer["status"], counted(answer)) == ("cancelled", (50, 0, 50, 0))
    sent.join()
    drain.all()
    assert app.mock("counters")["requests"] == 0
    assert app.post("/api/openphone/dead-letters/retry", **{"import": import_id}).json() == {"retried": 50}
    drain.all()
    assert app.synced() == phones[:50]
    assert counted(app.imported(import_id)) == (50, 50, 0, 0)


def test_a_cancel_in_the_middle_of_a_batch_is_heeded_and_what_was_told_is_told(app):
    phones = numbers(60)
    app.profile(latency={"kind": "fixed", "ms": 100})
    with draining(app.trial, OPENPHONE_BATCH="50") as drain, Held.contact(app, phones[-1]):
        sent = threading.Thread(target=app.upload, args=(people(phones),), kwargs={"mode": "sync"})
        sent.start()
        import_id = first_chunk_in(app)
        draining_now = threading.Thread(target=drain.once)
        draining_now.start()
        until(lambda: app.mock("counters")["requests"] > 2)
        cancel(app, import_id)
        draining_now.join()
    sent.join()
    to_sync, synced, failed, unsent = counted(app.imported(import_id))
    assert (to_sync, synced, unsent) == (50, len(app.synced()), 0)
    assert 0 < synced < 25
    assert failed == app.get("/api/openphone").json()["failed"]


def first_chunk_in(app):
    """The id of the import under way, once its first chunk is committed and the last waits for a lock."""
    return until(lambda: app.waiting() and app.newest()["rows_done"] == 50 and app.newest()["id"])


def cancel(app, import_id):
    answer = app.post(f"/api/imports/{import_id}/cancel")
    assert answer.status_code == 200, answer.text
    return answer.json()
