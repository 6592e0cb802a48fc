"""IMPORT_CONCURRENCY: chunks of one import that are merged at once are in one after the other, or not at all."""

import os
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest
from importing import Held, numbers, people, until

pytestmark = pytest.mark.postgresql
CHUNK = 50
MERGED = """
SELECT count(*) FROM pg_stat_activity
WHERE state = 'idle in transaction' AND datname = current_database()
    AND (query LIKE 'WITH %' OR query LIKE '%pg_locks%')
"""


@pytest.fixture
def phones(offline):
    """Of three chunks; one of each is there already, by another name."""
    found = numbers(3 * CHUNK)
    assert offline.upload(people(found[25::CHUNK], "Old")).json()["created"] == 3
    return found


def one_waits_for_another(app):
    """Whether a chunk waits for a lock, and one behind it has done all but its checkpoint."""
    return app.waiting() and app.sql(MERGED) == [(1,)]


def is_in(app, phones, report):
    came_of = {name: report[name] for name in ("status", "rows_done", "created", "updated", "unchanged")}
    return app.stored(phones) == phones and came_of == {
        "status": "completed", "rows_done": 150, "created": 147, "updated": 3, "unchanged": 0
    }  # fmt: skip


def test_a_chunk_is_not_in_before_the_one_in_front_of_it(offline, phones):
    with ThreadPoolExecutor(1) as pool:
        with Held.contact(offline, phones[25]):
            uploading = pool.submit(offline.upload, people(phones))
            until(lambda: one_waits_for_another(offline))
            assert offline.newest()["rows_done"] == 0
            assert offline.stored(phones) == phones[25::CHUNK]
        assert is_in(offline, phones, uploading.result().json())


def test_of_chunks_that_a_kill_meets_together_none_is_in(offline, phones):
    with ThreadPoolExecutor(1) as pool:
        with Held.contact(offline, phones[25]):
            uploading = pool.submit(offline.upload, people(phones))
            until(lambda: one_waits_for_another(offline))
            os.kill(int(offline.sql("SELECT process FROM imports ORDER BY number DESC")[0][0].rpartition(":")[2]), 9)
        assert uploading.result().status_code == 502
    found = until(lambda: (newest := offline.newest())["status"] == "interrupted" and newest)
    assert found["rows_done"] == 0
    until(lambda: offline.stored(phones) == phones[25::CHUNK])
    assert is_in(offline, phones, offline.resume(found["id"]).json())


def test_of_chunks_behind_one_that_fails_none_is_in(offline, phones):
    with ThreadPoolExecutor(1) as pool, Held.contact(offline, phones[25]):
        uploading = pool.submit(offline.upload, people(phones))
        until(lambda: one_waits_for_another(offline))
        offline.sql("SELECT pg_terminate_backend(%s, 5000)", (offline.waiting()[0],))
        assert uploading.result().status_code == 503
        assert offline.stored(phones) == phones[25::CHUNK]
    assert is_in(offline, phones, offline.resume(offline.newest()["id"]).json())


def test_a_chunk_gives_way_to_whom_the_one_in_front_of_it_waits_for(offline, phones):
    url = offline.trial.env["DATABASE_URL"]
    row = "SELECT first_name FROM contacts WHERE phone = %s FOR UPDATE"
    with ThreadPoolExecutor(1) as pool, psycopg2.connect(url) as other, other.cursor() as cursor:
        cursor.execute("SET statement_timeout = '20s'")
        cursor.execute(row, (phones[25],))
        uploading = pool.submit(offline.upload, people(phones))
        until(lambda: one_waits_for_another(offline))
        cursor.execute(row, (phones[25 + CHUNK],))  # which the second chunk has changed
        assert cursor.fetchall() == [("Old",)]
        other.rollback()
        assert is_in(offline, phones, uploading.result().json())
