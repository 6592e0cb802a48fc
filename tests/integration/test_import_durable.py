import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from importing import Held, csv_of, numbers, people, until

pytestmark = pytest.mark.postgresql


class Upload:
    """An upload that is on its way, and its answer as soon as there is one."""

    def __init__(self, app, data):
        self._answers = []
        self._thread = threading.Thread(target=lambda: self._answers.append(app.upload(data)))
        self._thread.start()
        self.backends = until(app.waiting)

    @property
    def answer(self):
        self._thread.join()
        return self._answers[0]


@pytest.fixture
def app(online):
    online.profile()
    return online


def test_an_upload_is_in_the_database_byte_for_byte_before_its_first_row_and_gone_after_the_last(app):
    phones = numbers(90)
    columns = ("phone", "notes", *(f"column {number}" for number in range(9)))
    data = csv_of(([phone, *["é\n" * 450] * 10] for phone in phones), columns)
    assert len(data) > 2**20
    with Held.contact(app, phones[3]):
        upload = Upload(app, data)
        found = app.newest()
        assert (found["status"], found["rows_done"], found["bytes"]) == ("running", 0, len(data))
        pieces = app.sql("SELECT number, data FROM upload_pieces WHERE import_id = %s ORDER BY number", (found["id"],))
        assert [number for number, _ in pieces] == list(range(len(pieces)))
        assert len(pieces) > 1
        stored = b"".join(bytes(piece) for _, piece in pieces)
        assert hashlib.sha256(stored).hexdigest() == hashlib.sha256(data).hexdigest() == found["sha256"]
    assert upload.answer.status_code == 200
    assert app.sql("SELECT count(*) FROM upload_pieces WHERE import_id = %s", (found["id"],)) == [(0,)]
    assert app.stored(phones) == phones
    notes = app.sql("SELECT DISTINCT notes FROM contacts WHERE phone = ANY(%s)", (phones,))
    assert notes == [(("é\n" * 450).strip(),)]


def test_an_import_that_loses_its_connection_is_answered_503_with_its_location_and_can_be_resumed(app):
    phones = numbers(30)
    with Held.contact(app, phones[20]):
        upload = Upload(app, people(phones))
        app.sql("SELECT pg_terminate_backend(%s, 5000)", upload.backends)
        assert upload.answer.status_code == 503
        assert upload.answer.json()["type"] == "urn:timeoutlab:problem:database-unavailable"
        found = app.get(upload.answer.headers["Location"]).json()
        assert (found["status"], found["rows_done"]) == ("interrupted", 14)
    done = app.resume(found["id"])
    assert (done.status_code, done.json()["status"]) == (200, "completed")
    assert app.stored(phones) == app.synced(phones) == phones


def test_a_statement_that_takes_too_long_is_answered_503_and_named_as_postgresqls(app):
    phones = numbers(5)
    with Held.contact(app, phones[0]):
        upload = Upload(app, people(phones))
        app.sql("SELECT pg_cancel_backend(%s)", upload.backends)  # the same SQLSTATE as a statement timeout
        assert (upload.answer.status_code, upload.answer.json()["sqlstate"]) == (503, "57014")
    assert app.resume(app.newest()["id"]).json()["status"] == "completed"
    assert app.synced(phones) == phones


@pytest.mark.parametrize("end", ["pg_cancel_backend", "pg_terminate_backend"])
def test_an_upload_that_could_not_be_stored_is_answered_503_and_not_accepted(app, end):
    before = app.newest()
    with Held.table(app, "upload_pieces"):
        upload = Upload(app, people(numbers(2)))
        app.sql(f"SELECT {end}(%s)", upload.backends)
        assert upload.answer.status_code == 503
        assert upload.answer.json()["type"] == "urn:timeoutlab:problem:database-unavailable"
    assert app.newest() == before


def test_a_worker_that_lost_its_connection_stops_calling_openphone(app):
    app.profile(latency={"kind": "fixed", "ms": 150})
    phones = numbers(5)  # one batch
    with ThreadPoolExecutor() as pool:
        upload = pool.submit(app.upload, people(phones))
        until(lambda: app.mock("counters")["requests"])
        import_id = app.newest()["id"]
        app.sql(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks JOIN imports ON objid = number::oid"
            " WHERE locktype = 'advisory' AND objsubid = 2 AND imports.id = %s"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            (import_id,),
        )
        assert upload.result().status_code == 503
    assert app.mock("counters")["requests"] < len(phones)
    done = app.resume(import_id).json()
    assert (done["status"], done["contacts_synced"]) == ("completed", 5)
    assert app.stored(phones) == app.synced() == phones
