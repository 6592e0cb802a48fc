import csv
import io
import re
import threading
import time
from contextlib import suppress
from datetime import datetime

import pytest
import requests
from importing import UNLIMITED, App, Held, numbers, until

import config
from fixtures.cache import fixture

pytestmark = pytest.mark.postgresql

TIMEOUT = 2
# A kill comes up to a second late; an import that shall meet it must need longer than that.
CALL_MS = 20
ROWS = 170  # 158 contacts at 20 ms each: 3.2 s at the least
CHUNK_ROWS = 80
LINE = re.compile(r"^(\S+Z) \[(\d+)\] [A-Z]+ (.*)$", re.MULTILINE)


@pytest.fixture(scope="module")
def app(stack):
    env = {
        "GUNICORN_TIMEOUT": str(TIMEOUT),
        "GUNICORN_WORKERS": "2",
        "OPENPHONE_RATE_PER_SECOND": "0",
        "DB_STATEMENT_TIMEOUT_MS": "60000",  # above the timeout: a query can outlive its worker
        "IMPORT_CHUNK_ROWS": str(CHUNK_ROWS),
    }
    with stack.trial("timeout", env, UNLIMITED) as trial:
        yield App(stack, trial)


def file_of(rows, area):
    path, manifest = fixture("contacts", rows, area=area, cache_dir=config.load_harness_settings().home / "fixtures")
    return path.read_bytes(), manifest


class Log:
    """The web log behind the point where it was opened."""

    def __init__(self, app):
        self._app = app
        self._start = len(app.trial.logs())

    def times(self, message):
        """(time, pid in brackets, match) of each line whose message matches."""
        lines = LINE.findall(self._app.trial.logs()[self._start :])
        found = ((at, pid, re.search(message, text)) for at, pid, text in lines)
        return [(datetime.fromisoformat(at).timestamp(), int(pid), match) for at, pid, match in found if match]

    def kill(self):
        """When the killed worker began its request, when the arbiter's line was written, and the worker's pid."""
        [(killed_at, _, line)] = until(lambda: self.times(r"WORKER TIMEOUT \(pid:(\d+)\)"))
        pid = int(line[1])
        began = [at for at, worker, _ in self.times(r"request started POST /api/imports( id=\S+)?$") if worker == pid]
        return began[-1], killed_at, pid


class Watch:
    """Asks, from the other worker, when the newest import is first called interrupted."""

    def __init__(self, app):
        self._app = app
        self._over = threading.Event()
        self.found_at = None
        self._thread = threading.Thread(target=self._poll)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        with suppress(AssertionError):
            until(lambda: self.found_at)
        self._over.set()
        self._thread.join()

    def _poll(self):
        while not self.found_at and not self._over.is_set():
            with suppress(requests.RequestException):
                if (self._app.newest() or {}).get("status") == "interrupted":
                    self.found_at = time.time()
            time.sleep(0.02)


def resumed(app, import_id):
    """The import's end; a resume is a request like any other and may be killed too, each gets further."""
    for _ in range(8):
        with suppress(requests.RequestException):
            answer = app.resume(import_id)
            if answer.status_code == 200:
                return answer.json()
    raise AssertionError(app.imported(import_id))


def assert_every_contact_is_on_both_sides_once(app, expected):
    assert len(app.stored()) == expected
    assert app.stored() == app.synced()
    assert app.mock("counters")["created"] == expected


def clear(app):
    app.profile()
    app.sql("TRUNCATE contacts, imports, lists CASCADE")


def test_an_import_that_needs_less_than_the_timeout_succeeds_with_every_row_accounted_for(app):
    clear(app)
    data, manifest = file_of(60, area=1)
    answer = app.upload(data)
    assert answer.status_code == 200
    done = answer.json()
    assert done["status"] == "completed_with_errors"
    assert (done["rows_total"], done["rows_rejected"]) == (manifest.rows, manifest.rows_invalid)
    assert done["contacts_synced"] == done["contacts_to_sync"] == manifest.contacts_expected
    assert answer.headers["Location"] == f"/api/imports/{done['id']}"
    assert_every_contact_is_on_both_sides_once(app, manifest.contacts_expected)


def test_an_import_that_needs_longer_is_killed_found_interrupted_and_finished_by_a_resume(app):
    clear(app)
    app.profile(latency={"kind": "fixed", "ms": CALL_MS})
    data, manifest = file_of(ROWS, area=2)
    log = Log(app)
    with Watch(app) as watch:
        answer = app.upload(data)

    assert answer.status_code == 500
    assert "application/problem+json" not in answer.headers["Content-Type"]  # gunicorn's own words
    began, killed_at, pid = log.kill()
    assert TIMEOUT < killed_at - began <= TIMEOUT + 2
    until(lambda: pid not in {process.pid for process in app.trial.ps()})
    assert watch.found_at - killed_at <= 2

    found = app.newest()
    assert (found["status"], found["finished_at"]) == ("interrupted", None)
    assert found["rows_done"] == manifest.rows  # the rows were in, the calls were not made
    assert 0 < found["contacts_synced"] < found["contacts_to_sync"] == manifest.contacts_expected

    done = resumed(app, found["id"])
    assert done["id"] == found["id"]
    assert done["status"] == "completed_with_errors"
    assert done["contacts_synced"] == manifest.contacts_expected
    assert (done["rows_total"], done["rows_rejected"]) == (manifest.rows, manifest.rows_invalid)
    assert_every_contact_is_on_both_sides_once(app, manifest.contacts_expected)


def behind_nginx(app, data):
    """The client's end of an upload whose worker says no word: nginx answers in its place."""
    answer = app.upload(data)
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "application/problem+json")
    assert answer.json()["type"] == "urn:timeoutlab:problem:bad-gateway"
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]


def without_nginx(app, data):
    """The same without nginx: the connection ends."""
    with pytest.raises(requests.ConnectionError) as failure:
        app.direct.upload(data)
    assert re.search("without response|reset by peer", str(failure.value))


def rows_in(data, lines):
    """The rows in so many lines behind the header, and what is left of the last of them: a part of the file."""
    told = data.splitlines(keepends=True)
    end = 1 + lines
    while b"".join(told[:end]).count(b'"') % 2:
        end += 1
    return len([*csv.reader(io.StringIO(b"".join(told[:end]).decode("utf-8-sig"), newline=""))]) - 1


@pytest.mark.parametrize("killed", [behind_nginx, without_nginx])
def test_a_worker_stuck_in_a_query_is_killed_without_a_word_and_its_import_is_found_and_finished_too(app, killed):
    clear(app)
    data, manifest = file_of(ROWS, area=3)
    # The last row's contact is held, so the chunks before it are in when the worker gets stuck.
    [held] = numbers(1)
    data += f"{held},Zoë,,,,,,,,,\r\n".encode()
    log = Log(app)
    with Held.contact(app, held), Watch(app) as watch:
        killed(app, data)

    began, killed_at, pid = log.kill()
    assert TIMEOUT < killed_at - began <= TIMEOUT + 2
    [(died_at, _, _)] = until(lambda: log.times(rf"Worker \(pid:{pid}\) was sent SIGKILL"))
    assert watch.found_at - died_at <= 2

    found = app.newest()
    assert found["status"] == "interrupted"
    assert found["rows_done"] == rows_in(data, 2 * CHUNK_ROWS)
    assert app.synced() == []

    done = resumed(app, found["id"])
    assert (done["status"], done["rows_total"]) == ("completed_with_errors", manifest.rows + 1)
    assert (done["created"], done["updated"]) == (manifest.contacts_expected, 1)
    assert_every_contact_is_on_both_sides_once(app, manifest.contacts_expected + 1)
