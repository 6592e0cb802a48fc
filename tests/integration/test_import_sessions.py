"""Imports one after another by the same sessions: what the first did with them, and left, is nothing to the next."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from io import BytesIO

import pytest
from importing import Held, numbers, people, until

import config
from app import create_app

pytestmark = pytest.mark.postgresql
LANES = 2
LOCKS = """
SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
WHERE locktype = 'advisory' AND datname = current_database()
"""


@pytest.fixture
def here(offline):
    """The same app in this process, where nobody else takes its sessions."""
    made = create_app(config.load_settings({**offline.trial.env, "GUNICORN_TIMEOUT": "100"}))
    yield made
    made.extensions["engine"].dispose()
    made.extensions["redis"].close()


def upload(here, auth, phones, **form):
    data = {"kind": "contacts", "mode": "sync", **form, "file": (BytesIO(people(phones)), "list.csv")}
    return here.test_client().post("/api/imports", headers=auth, data=data)


def sessions(here):
    """The backends of the sessions that wait in the pool."""
    engine = here.extensions["engine"]
    with ExitStack() as stack:
        taken = [stack.enter_context(engine.connect()) for _ in range(engine.pool.checkedin())]
        return {each.connection.dbapi_connection.info.backend_pid for each in taken}


def dry_run(app, here, phones):
    answer = upload(here, app.auth, phones, dry_run="true")
    assert (answer.status_code, answer.json["created"]) == (200, len(phones))
    assert app.stored(phones) == []


def refused(app, here, phones):
    app.sql("INSERT INTO contacts (phone) VALUES (%s)", (phones[-1],))
    answer = upload(here, app.auth, phones, on_duplicate="fail")
    assert answer.status_code == 409
    app.sql("DELETE FROM contacts WHERE phone = %s", (phones[-1],))


def cut_short(app, here, phones):
    """In the second of two chunks that are merged at once; the first is in."""
    with ThreadPoolExecutor(1) as pool, Held.contact(app, phones[99]):
        uploading = pool.submit(upload, here, app.auth, phones)
        until(lambda: app.newest()["rows_done"] == 50 and app.waiting())
        [waiting] = app.waiting()
        app.sql("SELECT pg_cancel_backend(%s)", (waiting,))
        assert uploading.result().status_code == 503
    found = app.newest()
    assert (found["status"], found["rows_done"]) == ("interrupted", 50)
    assert app.post(f"/api/imports/{found['id']}/cancel").json()["status"] == "cancelled"


@pytest.mark.parametrize(("before", "created"), [(dry_run, 200), (refused, 200), (cut_short, 149)])
def test_an_import_is_whole_by_the_sessions_of_one_that_changed_nothing_or_failed(offline, here, before, created):
    phones = numbers(200)
    assert upload(here, offline.auth, numbers(200)).status_code == 200
    kept = sessions(here)
    assert len(kept) >= LANES
    before(offline, here, phones)
    until(lambda: offline.sql(LOCKS) == [(0,)])
    answer = upload(here, offline.auth, phones)
    assert (answer.status_code, answer.json["status"], answer.json["rows_done"]) == (200, "completed", 200)
    assert answer.json["created"] == created
    assert offline.stored(phones) == phones
    assert sessions(here) == kept
