"""A request's readers: processes beside the one that imports, and nothing but a help to it."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from importing import Held, csv_of, numbers, until

ROWS = 350  # seven chunks
NOTES = ["x" * 600] * 4  # so that a reader waits for whoever takes its chunks


@pytest.fixture
def phones():
    return numbers(ROWS)


def file_of(phones):
    return csv_of([[phone, *NOTES] for phone in phones], ("phone", "notes", "more", "still more", "yet more"))


def readers_of(app):
    """The readers of the import that is under way."""
    process = app.sql("SELECT process FROM imports ORDER BY number DESC LIMIT 1")[0][0]
    one, other = psutil.Process(int(process.rpartition(":")[2])).children()
    return one, other


def is_in(app, phones, report):
    """All of them, of which one was there before."""
    told = tuple(report[name] for name in ("status", "rows_done", "created", "updated"))
    return told == ("completed", ROWS, ROWS - 1, 1) and app.stored(phones) == phones


def test_a_request_has_readers_until_it_is_answered(offline, phones):
    with ThreadPoolExecutor(1) as pool:
        with Held.contact(offline, phones[10]):
            uploading = pool.submit(offline.upload, file_of(phones))
            until(offline.waiting)
            readers = readers_of(offline)
            assert readers[1].cmdline() == psutil.Process(readers[1].ppid()).cmdline()
        assert is_in(offline, phones, uploading.result().json())
    assert not any(reader.is_running() for reader in readers)


def test_a_reader_that_is_killed_costs_nothing(offline, phones):
    marked = len(offline.trial.logs())
    with ThreadPoolExecutor(1) as pool:
        with Held.contact(offline, phones[10]):
            uploading = pool.submit(offline.upload, file_of(phones))
            until(offline.waiting)
            readers_of(offline)[1].kill()
        assert is_in(offline, phones, uploading.result().json())
    assert "reader lost" in offline.trial.logs()[marked:]


def test_readers_end_with_the_worker_that_is_killed_and_a_resume_reads_on(offline, phones):
    with ThreadPoolExecutor(1) as pool, Held.contact(offline, phones[10]):
        uploading = pool.submit(offline.upload, file_of(phones))
        until(offline.waiting)
        readers = readers_of(offline)
        os.kill(readers[0].ppid(), signal.SIGKILL)
        assert uploading.result().status_code == 502
        _, alive = psutil.wait_procs(readers, 5)
        assert alive == []
        found = until(lambda: (newest := offline.newest())["status"] == "interrupted" and newest)
    assert is_in(offline, phones, offline.resume(found["id"]).json())
