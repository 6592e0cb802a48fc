import os
import re
import signal
import threading

import pytest
import requests
from importing import Held, numbers, people, until

pytestmark = pytest.mark.postgresql

SLOW = {"latency": {"kind": "fixed", "ms": 40}}


@pytest.fixture(scope="module")
def app(online):
    return online


@pytest.fixture
def slow(app):
    app.profile(**SLOW)
    yield
    app.profile()


def running(app, call):
    """The thread of an upload that is on its way, its import, and the list that its answer will be in."""
    before = app.newest()
    answers = []

    def carry_out():
        try:
            answers.append(call())
        except requests.RequestException as error:
            answers.append(error)

    thread = threading.Thread(target=carry_out)
    thread.start()

    def begun():
        newest = app.newest()
        return newest if newest != before and newest["status"] == "running" and newest["contacts_synced"] else None

    return thread, until(begun), answers


def worker_of_the_last_import(app):
    started = r"\[(\d+)\] INFO request started POST /api/imports(?: id=\S+)?$"
    return int(re.findall(started, app.trial.logs(), re.MULTILINE)[-1])


@pytest.mark.usefixtures("slow")
def test_the_same_upload_while_it_is_running_is_answered_202_with_its_location(app):
    phones = numbers(12)
    thread, begun, answers = running(app, lambda: app.upload(people(phones)))
    again = app.upload(people(phones), filename="list.csv")
    assert again.status_code == 202
    assert again.headers["Location"] == f"/api/imports/{begun['id']}"
    assert (again.json()["id"], again.json()["status"]) == (begun["id"], "running")
    assert app.resume(begun["id"]).status_code == 202
    thread.join()
    assert (answers[0].status_code, answers[0].json()["id"]) == (200, begun["id"])
    assert app.stored(phones) == app.synced(phones) == phones


@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize(
    "other", [{"list": "another"}, {"filename": "another.csv"}, {"on_duplicate": "skip"}, {"dry_run": "true"}], ids=str
)
def test_the_same_file_for_another_list_or_purpose_is_another_import(app, other):
    phones = numbers(10)
    thread, begun, _ = running(app, lambda: app.upload(people(phones)))
    again = app.upload(people(phones), **other)
    thread.join()
    assert (again.status_code, again.json()["unchanged"] + again.json()["skipped"]) == (200, 10)
    assert again.json()["id"] != begun["id"]


def test_the_same_upload_after_it_has_finished_is_a_new_import(app):
    phones = numbers(5)
    first, second = app.upload(people(phones)).json(), app.upload(people(phones)).json()
    assert first["id"] != second["id"]
    assert (first["created"], second["unchanged"], second["contacts_to_sync"]) == (5, 5, 0)


@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize("by", ["the same upload", "resume"])
def test_an_import_whose_worker_was_killed_is_found_interrupted_and_finished(app, by):
    phones = numbers(12)
    thread, begun, answers = running(app, lambda: app.upload(people(phones), list=by))
    os.kill(worker_of_the_last_import(app), signal.SIGKILL)
    thread.join()
    assert answers[0].status_code == 502  # nginx's
    until(lambda: app.imported(begun["id"])["status"] == "interrupted", seconds=2)
    assert app.newest()["status"] == "interrupted"

    finished = app.upload(people(phones), list=by) if by == "the same upload" else app.resume(begun["id"])
    assert finished.status_code == 200
    done = finished.json()
    assert (done["id"], done["status"], done["error"]) == (begun["id"], "completed", None)
    assert (done["created"], done["contacts_to_sync"], done["contacts_synced"]) == (12, 12, 12)
    assert app.stored(phones) == app.synced(phones) == phones
    assert len(app.mock("contacts")["contacts"]) == 12
    audit = app.sql("SELECT action FROM audit_events WHERE subject = %s ORDER BY id", (begun["id"],))
    assert audit == [("import.received",), ("import.resumed",)]


def test_a_finished_import_is_not_resumed(app):
    done = app.upload(people(numbers(2))).json()
    answer = app.resume(done["id"])
    assert (answer.status_code, answer.json()) == (200, done)
    audit = app.sql("SELECT action FROM audit_events WHERE subject = %s", (done["id"],))
    assert audit == [("import.received",)]
    assert app.resume("00000000-0000-0000-0000-000000000000").status_code == 404


@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize("headers", [None, {"Idempotency-Key": "key-5"}])
def test_equal_uploads_at_the_same_moment_are_one_import(app, headers):
    phones = numbers(10)
    answers = []
    uploads = [
        threading.Thread(target=lambda: answers.append(app.upload(people(phones), headers=headers))) for _ in range(2)
    ]
    # Neither can be stored before both are there.
    with Held.table(app, "upload_pieces"):
        for upload in uploads:
            upload.start()
        until(lambda: len(app.waiting()) == 2)
    for upload in uploads:
        upload.join()
    assert sorted(answer.status_code for answer in answers) == [200, 202]
    [import_id] = {answer.json()["id"] for answer in answers}
    assert app.sql("SELECT id::text FROM imports WHERE sha256 = %s", (answers[0].json()["sha256"],)) == [(import_id,)]
    assert app.stored(phones) == app.synced(phones) == phones


def named(app, key, phones, **options):
    return app.upload(people(phones), headers={"Idempotency-Key": key}, **options)


def test_an_idempotency_key_repeats_the_first_answer_for_24_hours(app):
    phones = numbers(5)
    first = named(app, "key-1", phones)
    assert first.status_code == 200
    assert named(app, "key-1", phones).json() == first.json()
    app.sql("UPDATE idempotency_keys SET created_at = created_at - interval '23 hours 59 minutes'")
    assert named(app, "key-1", phones).json() == first.json()
    app.sql("UPDATE idempotency_keys SET created_at = created_at - interval '2 minutes'")
    later = named(app, "key-1", phones)
    assert (later.status_code, later.json()["unchanged"]) == (200, 5)
    assert later.json()["id"] != first.json()["id"]
    assert named(app, "key-1", phones).json() == later.json()


def test_an_idempotency_key_of_another_file_list_or_purpose_is_refused(app):
    phones = numbers(4)
    named(app, "key-2", phones[:2], list="one")
    for other in (
        named(app, "key-2", phones[2:], list="one"),
        named(app, "key-2", phones[:2], list="two"),
        named(app, "key-2", phones[:2], list="one", on_duplicate="skip"),
        named(app, "key-2", phones[:2], list="one", dry_run="true"),
    ):
        assert other.status_code == 422
        assert other.json()["type"] == "urn:timeoutlab:problem:idempotency-key-reused"
    assert app.stored(phones) == phones[:2]
    assert named(app, "key-3", phones[2:], list="one").json()["created"] == 2


@pytest.mark.usefixtures("slow")
def test_an_idempotency_key_first_given_to_a_running_import_names_it_from_then_on(app):
    phones = numbers(10)
    thread, begun, _ = running(app, lambda: app.upload(people(phones)))
    assert named(app, "key-4", phones).status_code == 202
    thread.join()
    again = named(app, "key-4", phones)
    assert (again.status_code, again.json()["id"]) == (200, begun["id"])
    assert named(app, "key-4", numbers(1)).status_code == 422


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb"])
def test_an_idempotency_key_that_can_not_be_stored_is_refused(app, key):
    answer = named(app, key, numbers(1))
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:timeoutlab:problem:bad-idempotency-key")
