import json
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from importing import UNLIMITED, App, Held, numbers, people, until

from loadtest.sizing.drive import Upload
from loadtest.sizing.layer import attribute
from loadtest.sizing.record import Sample

TIMEOUT = 2
PROBLEM = "urn:timeoutlab:problem:"


@pytest.fixture(scope="module")
def app(stack):
    env = {
        "GUNICORN_TIMEOUT": str(TIMEOUT),
        "GUNICORN_WORKERS": "3",
        "OPENPHONE_RATE_PER_SECOND": "0",
        "DB_STATEMENT_TIMEOUT_MS": "60000",
        "IMPORT_MAX_BYTES": "200000",
    }
    with stack.trial("front", env, UNLIMITED) as trial:
        yield App(stack, trial)


def nginx_log(app):
    return app.trial.services[f"nginx:{app.trial.name}"].log()


def directive(app, name):
    nginx = app.trial.services[f"nginx:{app.trial.name}"]
    conf = Path(nginx.env["NGINX_RUN_DIR"], "nginx.conf").read_text()
    return re.search(rf"^\s*{name} ([^;]+);", conf, re.MULTILINE)[1]


def attempted(app, data):
    """The answer, and its layer as the harness tells it."""
    began, clock = time.time(), time.monotonic()
    answer = app.upload(data)
    seconds, status = time.monotonic() - clock, answer.status_code
    sample = Sample(app.trial.name, "import", began, seconds, status, str(status))
    is_problem = answer.headers["Content-Type"] == "application/problem+json"
    return answer, attribute(Upload(sample, answer.json()["type"] if is_problem else None), app.trial.logs())


def test_a_kill_that_leaves_the_worker_its_last_word_is_gunicorns_500(app):
    app.profile(latency={"kind": "fixed", "ms": 100})
    answer, (layer, detail) = attempted(app, people(numbers(60)))
    assert (answer.status_code, layer) == (500, "gunicorn")
    assert "WORKER TIMEOUT" in detail
    assert answer.headers["X-Request-ID"]


def test_a_kill_without_a_word_is_nginxs_502_and_gunicorns_doing(app):
    app.profile()
    [held] = numbers(1)
    with Held.contact(app, held):
        answer, (layer, detail) = attempted(app, people([held]))
    assert (answer.status_code, layer) == (502, "gunicorn")
    assert answer.json()["type"] == f"{PROBLEM}bad-gateway"
    assert "WORKER TIMEOUT" in detail


def test_an_nginx_that_waits_less_than_gunicorn_gives_up_alone_and_the_import_is_whole(stack):
    env = {"GUNICORN_WORKERS": "2", "OPENPHONE_RATE_PER_SECOND": "0", "NGINX_PROXY_READ_TIMEOUT": "1"}
    with stack.trial("impatient", env, UNLIMITED) as trial:
        app = App(stack, trial)
        app.profile(latency={"kind": "fixed", "ms": 50})
        phones = numbers(40)
        answer, (layer, _) = attempted(app, people(phones))
        assert (answer.status_code, layer) == (504, "nginx")
        assert answer.json()["type"] == f"{PROBLEM}gateway-timeout"
        until(lambda: app.newest()["status"] == "completed")
        assert app.stored() == app.synced() == phones


def test_too_much_is_refused_by_nginx_and_by_the_app_in_the_same_words(app):
    # Within nginx's allowance for the other fields of the form the app counts itself.
    for data in (b"phone\n" + b"1" * 300_000, b"phone\n" + b"1" * 210_000):
        answer = app.upload(data)
        assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/problem+json")
        body = answer.json()
        assert (body["type"], body["max_bytes"]) == (f"{PROBLEM}too-large", 200_000)
        assert body["request_id"] == answer.headers["X-Request-ID"]


def test_what_is_no_request_is_a_problem_of_nginxs_own(app):
    answer = app.get("/api/imports/%00")
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["type"] == f"{PROBLEM}bad-request"


@pytest.mark.parametrize("said", [None, "our-own.id_1", 'no good"id'])
def test_one_request_id_is_in_the_answer_and_in_the_logs_of_every_layer(app, said):
    answer = app.get("/api/contacts", headers={"X-Request-ID": said} if said else None)
    ident = answer.headers["X-Request-ID"]
    assert (ident == said) == (said == "our-own.id_1")
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", ident)
    until(lambda: f"id={ident} GET /api/contacts 200" in nginx_log(app))  # nginx writes it behind the answer
    web = app.trial.logs()
    assert re.search(rf"request started GET /api/contacts id={re.escape(ident)}$", web, re.MULTILINE)
    lines = [json.loads(line) for line in web.splitlines() if line.startswith("{") and ident in line]
    assert {line["request_id"] for line in lines} == {ident}


class Trickle:
    """An upload that sends its body in pieces, over seconds."""

    def __init__(self, app, data):
        self.address = urlsplit(app.url)
        prepared = requests.Request(
            "POST", f"{app.url}/api/imports", headers={**app.auth, "Connection": "close"},
            files={"file": ("list.csv", data)}, data={"kind": "contacts"},
        ).prepare()  # fmt: skip
        head = "".join(f"{name}: {value}\r\n" for name, value in prepared.headers.items())
        self.head = f"POST /api/imports HTTP/1.1\r\nHost: {self.address.netloc}\r\n{head}\r\n".encode()
        self.body = prepared.body

    def send(self, seconds):
        """The answer's first line."""
        size = len(self.body) // 10 + 1
        with socket.create_connection((self.address.hostname, self.address.port), timeout=30) as connection:
            connection.sendall(self.head)
            for start in range(0, len(self.body), size):
                time.sleep(seconds / 10)
                connection.sendall(self.body[start : start + size])
            return connection.makefile("rb").readline()


def test_slow_uploads_hold_no_worker_and_are_not_killed(app):
    app.profile()
    lists = [numbers(5) for _ in range(6)]
    killed = app.trial.logs().count("WORKER TIMEOUT")
    with ThreadPoolExecutor(len(lists)) as pool:
        # Not all done at once: that many imports web would not take.
        sending = [
            pool.submit(Trickle(app, people(phones)).send, 2 * TIMEOUT + 0.5 * number)
            for number, phones in enumerate(lists)
        ]
        # Twice as many as there are workers; all of them are free the while.
        while not all(each.done() for each in sending):
            assert requests.get(f"{app.url}/api/imports", headers=app.auth, timeout=TIMEOUT).status_code == 200
            time.sleep(0.2)
    assert [each.result() for each in sending] == [b"HTTP/1.1 200 OK\r\n"] * len(lists)
    assert app.trial.logs().count("WORKER TIMEOUT") == killed
    wanted = sorted(phone for phones in lists for phone in phones)
    assert app.stored(wanted) == app.synced(wanted) == wanted


def test_a_web_that_is_gone_is_nginxs_502_and_a_restart_takes_nginx_along(app):
    app.trial.services[f"web:{app.trial.name}"].stop()
    answer, (layer, _) = attempted(app, people(numbers(1)))
    assert (answer.status_code, layer) == (502, "nginx")
    assert directive(app, "proxy_read_timeout") == f"{TIMEOUT + 15}s"
    app.trial.restart({"GUNICORN_TIMEOUT": "30"})
    assert directive(app, "proxy_read_timeout") == "45s"
    assert app.upload(people(numbers(1))).status_code == 200
