"""OPENPHONE_CONCURRENCY: an import's calls side by side, with all that holds for one after another."""

import json
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import pytest
from importing import INLINE, UNLIMITED, App, numbers, people, until

import config
from app import create_app

CALLS = 8
TIMEOUT = 5
FINISHED = ("completed", "completed_with_errors", "failed", "cancelled")
ENV = {
    **INLINE,
    "OPENPHONE_CONCURRENCY": str(CALLS),
    "IMPORT_CHUNK_ROWS": "1000",
    "GUNICORN_TIMEOUT": str(TIMEOUT),
    "GUNICORN_WORKERS": "2",
    "IMPORT_AUTO_RESUME": "off",  # what a test leaves or resumes is no sweep's, which comes at any moment
}


def slow(milliseconds):
    return {"latency": {"kind": "fixed", "ms": milliseconds}}


@pytest.fixture(scope="module")
def trial(stack):
    with stack.trial("side-by-side", ENV, UNLIMITED, worker=True) as trial:
        yield App(stack, trial)
        assert "WORKER TIMEOUT" not in trial.logs()


@pytest.fixture
def app(trial):
    trial.profile()
    return trial


@pytest.fixture
def here(app):
    """``here(NAME="value")``: uploads to the same app in this process, with time enough, and with other settings."""

    @contextmanager
    def client_of(env):
        made = create_app(config.load_settings({**app.trial.env, "GUNICORN_TIMEOUT": "100", **env}))
        yield made.test_client()
        made.extensions["engine"].dispose()
        made.extensions["redis"].close()

    def upload(phones, **env):
        data = {"kind": "contacts", "mode": "sync", "file": (BytesIO(people(phones)), "list.csv")}
        with client_of(env) as client:
            return client.post("/api/imports", headers=app.auth, data=data)

    return upload


def done(app, import_id):
    until(lambda: app.imported(import_id)["status"] in FINISHED, 60)
    return app.imported(import_id)


def exactly_once(app, phones):
    return app.stored(phones) == phones and app.synced() == phones


def test_calls_are_under_way_together_and_each_contact_is_there_once_on_both_sides(app):
    app.profile(**slow(100))
    phones = numbers(80)
    report = done(app, app.upload(people(phones)).json()["id"])
    assert (report["status"], report["contacts_synced"], report["contacts_failed"]) == ("completed", 80, 0)
    assert exactly_once(app, phones)
    counters = app.mock("counters")
    assert counters["requests"] == counters["created"] == report["openphone_calls"] == 80
    assert 1 < counters["peak_in_flight"] <= CALLS
    assert report["openphone_cpu_seconds"] > 0
    assert report["stage_seconds"]["openphone"] > 0


def test_the_rate_limit_is_kept_however_many_calls_may_be_under_way(app, here):
    rate = 20
    app.profile(limit={"per_second": rate}, **slow(200))
    phones = numbers(50)
    report = here(phones, OPENPHONE_RATE_PER_SECOND=str(rate)).json
    assert (report["status"], report["contacts_synced"]) == ("completed", 50)
    assert exactly_once(app, phones)
    counters = app.mock("counters")
    assert counters["rate_limited"] == 0
    assert counters["peak_per_second"] <= rate
    assert counters["peak_in_flight"] > 1
    assert report["stage_seconds"]["limit"] > 0


def test_a_wobbly_api_loses_and_doubles_nothing(app):
    wobbly = [("drop_reply", {}), ("truncate", {}), ("reset", {}), ("status", {"status": 503})]
    app.profile(faults=[{"kind": kind, "rate": 0.08, **more} for kind, more in wobbly], seed=5)
    phones = numbers(60)
    report = done(app, app.upload(people(phones)).json()["id"])  # retries may take longer than a request has
    assert (report["status"], report["contacts_synced"]) == ("completed", 60)
    assert exactly_once(app, phones)
    assert app.mock("counters")["created"] == 60
    assert report["openphone_calls"] == app.mock("counters")["requests"] > 60


def test_an_import_that_runs_out_of_time_is_handed_off_with_every_answer_marked(app):
    app.profile(**slow(100))
    phones = numbers(700)
    answer = app.upload(people(phones))
    assert answer.status_code == 202, answer.text
    report = done(app, answer.json()["id"])
    assert (report["status"], report["contacts_synced"]) == ("completed", 700)
    assert exactly_once(app, phones)
    counters = app.mock("counters")
    # Only of a call that was cut short the repeat meets a conflict.
    assert counters["duplicate_external_ids"] == counters["no_reply"] <= CALLS


def test_calls_that_are_never_answered_hold_neither_the_request_nor_what_others_were_answered(app):
    app.profile(faults=[{"kind": "hang", "first": 2, "cap_seconds": 60}])
    phones = numbers(70)  # the last of them are of another batch
    answer = app.upload(people(phones))
    assert answer.status_code == 202, answer.text
    assert done(app, answer.json()["id"])["status"] == "completed"
    assert exactly_once(app, phones)
    counters = app.mock("counters")
    assert (counters["requests"], counters["created"]) == (72, 70)


def test_contacts_that_draw_server_errors_are_set_aside_while_others_go_on(app, here):
    app.profile(faults=[{"kind": "status", "status": 503, "first": 2}])
    phones = numbers(90)
    answer = here(phones, OPENPHONE_MAX_ATTEMPTS="1")
    assert answer.status_code == 503
    assert "2 contacts drew server errors and are still to be synced" in answer.json["detail"]
    assert answer.json["import"]["contacts_synced"] == 88
    report = app.resume(answer.json["import"]["id"]).json()
    assert (report["status"], report["contacts_synced"]) == ("completed", 90)
    assert exactly_once(app, phones)
    assert app.mock("counters")["requests"] == 92


def test_an_api_that_is_down_is_left_alone_after_a_few_contacts(app, here):
    app.profile(faults=[{"kind": "status", "status": 503, "first": 1000}])
    phones = numbers(90)
    answer = here(phones, OPENPHONE_MAX_ATTEMPTS="1")
    assert (answer.status_code, answer.json["type"]) == (503, "urn:timeoutlab:problem:openphone-unavailable")
    assert "attempts (last: 503" in answer.json["detail"]
    assert app.mock("counters")["requests"] <= 3 + 2 * CALLS


@pytest.mark.parametrize(("status", "says"), [(401, "OPENPHONE_API_KEY"), (404, "OPENPHONE_BASE_URL")])
def test_what_every_contact_would_meet_ends_the_work_and_what_was_answered_is_marked(app, here, status, says):
    app.profile(faults=[{"kind": "status", "status": status, "first": 1}], **slow(50))
    phones = numbers(90)
    answer = here(phones)
    assert (answer.status_code, answer.json["import"]["contacts_failed"]) == (503, 0)
    assert says in answer.json["detail"]
    counters = app.mock("counters")
    # Those under way beside it, and those begun in the place of any that was answered before it.
    assert answer.json["import"]["contacts_synced"] == counters["created"] < 2 * CALLS
    assert app.resume(answer.json["import"]["id"]).json()["status"] == "completed"
    assert exactly_once(app, phones)
    assert app.mock("counters")["duplicate_external_ids"] == 0


def test_a_process_that_is_killed_in_the_middle_doubles_nothing(app):
    app.profile(**slow(20))
    phones = numbers(800)
    import_id = app.upload(people(phones), mode="async").json()["id"]
    until(lambda: app.imported(import_id)["contacts_synced"], 20)
    [(process, token)] = app.sql("SELECT process, fencing_token FROM imports WHERE id = %s", (import_id,))
    os.kill(int(process.rpartition(":")[2]), signal.SIGKILL)
    report = done(app, import_id)
    assert (report["status"], report["contacts_synced"]) == ("completed", 800)
    assert app.sql("SELECT fencing_token > %s FROM imports WHERE id = %s", (token, import_id)) == [(True,)]  # resumed
    assert exactly_once(app, phones)
    assert app.mock("counters")["created"] == 800


def test_a_session_that_is_lost_lets_no_further_call_go(app, here):
    app.profile(**slow(100))
    phones = numbers(200)
    with ThreadPoolExecutor(1) as pool:
        uploading = pool.submit(here, phones, OPENPHONE_BATCH="100")  # all of them in one
        until(lambda: app.mock("counters")["requests"] > 2 * CALLS)
        [(pid,)] = app.sql(
            "SELECT DISTINCT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        app.sql("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        before = app.mock("counters")["requests"]
        assert uploading.result().status_code == 503
    counters = app.mock("counters")
    assert counters["in_flight"] == 0
    assert counters["requests"] <= before + CALLS
    report = app.resume(app.newest()["id"]).json()
    assert (report["status"], report["contacts_synced"]) == ("completed", 200)
    assert exactly_once(app, phones)


@pytest.fixture
def picky():
    """An OpenPhone that has server errors for ``bad`` phones, and takes its time over them; ``good`` ones it takes."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            [phone] = [item["value"] for item in body["defaultFields"]["phoneNumbers"]]
            if phone in server.bad:
                time.sleep(0.3)
                self.answer(500, {})
            else:
                server.good.append(phone)
                self.answer(201, {"data": {"id": phone}})

        def answer(self, status, body):
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads, server.block_on_close = True, False
        server.bad, server.good = [], []
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("places", "told"), [((3, 17, 31), 87), ((3, 4, 5), None)])
def test_server_errors_in_a_row_are_those_of_neighbours_not_of_the_last_that_are_answered(here, picky, places, told):
    phones = numbers(90)
    picky.bad[:] = [phones[place] for place in places]
    url = f"http://127.0.0.1:{picky.server_port}"
    answer = here(phones, OPENPHONE_BASE_URL=url, OPENPHONE_MAX_ATTEMPTS="1")
    assert answer.status_code == 503
    synced = answer.json["import"]["contacts_synced"]
    assert synced == len(picky.good)
    if told is None:
        assert synced < 40  # a batch
        assert "attempts (last: 500" in answer.json["detail"]
    else:
        assert synced == told
        assert "3 contacts drew server errors" in answer.json["detail"]
