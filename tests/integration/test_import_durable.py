import hashlib
import threading
from contextlib import suppress

import psycopg2
import pytest
from importing import csv_of, numbers, until

HELD = "WITH held AS (SELECT id FROM contacts WHERE phone = %s FOR UPDATE) SELECT pg_sleep(60) FROM held"


class Blocked:
    """An upload whose first chunk waits for a contact that another session holds."""

    def __init__(self, app, data, phone):
        self.app = app
        self.answers = []
        app.sql("INSERT INTO contacts (phone) VALUES (%s) ON CONFLICT DO NOTHING", (phone,))
        self._threads = [
            threading.Thread(target=self._hold, args=(phone,)),
            threading.Thread(target=lambda: self.answers.append(app.upload(data))),
        ]

    def __enter__(self):
        self._threads[0].start()
        until(lambda: self.app.sql("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"))
        self._threads[1].start()
        until(self.waiting)
        return self

    def __exit__(self, *_):
        self.app.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
        for thread in self._threads:
            thread.join()

    def waiting(self):
        """The backend of the import."""
        blocked = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return [pid for (pid,) in self.app.sql(blocked)]

    def _hold(self, phone):
        with suppress(psycopg2.Error):
            self.app.sql(HELD, (phone,))


@pytest.fixture
def app(online):
    online.profile()
    return online


def test_an_upload_is_in_the_database_byte_for_byte_before_its_first_row_and_gone_after_the_last(app):
    phones = numbers(90)
    columns = ("phone", "notes", *(f"column {number}" for number in range(9)))
    data = csv_of(([phone, *["é\n" * 450] * 10] for phone in phones), columns)
    assert len(data) > 2**20
    with Blocked(app, data, phones[3]) as blocked:
        found = app.newest()
        assert (found["status"], found["rows_done"], found["bytes"]) == ("running", 0, len(data))
        pieces = app.sql("SELECT number, data FROM upload_pieces WHERE import_id = %s ORDER BY number", (found["id"],))
        assert [number for number, _ in pieces] == list(range(len(pieces)))
        assert len(pieces) > 1
        stored = b"".join(bytes(piece) for _, piece in pieces)
        assert hashlib.sha256(stored).hexdigest() == hashlib.sha256(data).hexdigest() == found["sha256"]
    assert blocked.answers[0].status_code == 200
    assert app.sql("SELECT count(*) FROM upload_pieces WHERE import_id = %s", (found["id"],)) == [(0,)]
    assert app.stored(phones) == phones
    notes = app.sql("SELECT DISTINCT notes FROM contacts WHERE phone = ANY(%s)", (phones,))
    assert notes == [(("é\n" * 450).strip(),)]


def test_an_import_that_loses_its_connection_is_answered_503_with_its_location_and_can_be_resumed(app):
    phones = numbers(30)
    with Blocked(app, csv_of([[phone, "Ada"] for phone in phones]), phones[20]) as blocked:
        for pid in blocked.waiting():
            app.sql("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        until(lambda: blocked.answers)
        [answer] = blocked.answers
        assert answer.status_code == 503
        assert answer.json()["type"] == "urn:timeoutlab:problem:database-unavailable"
        found = app.get(answer.headers["Location"]).json()
        assert (found["status"], found["rows_done"]) == ("interrupted", 14)
    done = app.resume(found["id"])
    assert (done.status_code, done.json()["status"]) == (200, "completed")
    assert app.stored(phones) == app.synced(phones) == phones


def test_a_statement_that_takes_too_long_is_answered_503_and_named_as_postgresqls(app):
    phones = numbers(5)
    with Blocked(app, csv_of([[phone, "Ada"] for phone in phones]), phones[0]) as blocked:
        for pid in blocked.waiting():
            app.sql("SELECT pg_cancel_backend(%s)", (pid,))  # the same SQLSTATE as a statement timeout
        until(lambda: blocked.answers)
        assert (blocked.answers[0].status_code, blocked.answers[0].json()["sqlstate"]) == (503, "57014")
    assert app.resume(app.newest()["id"]).json()["status"] == "completed"
    assert app.synced(phones) == phones
