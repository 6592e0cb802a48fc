import threading
import time
from itertools import chain, repeat

import pytest
import requests

from loadtest.errors import HarnessError
from loadtest.sizing import kill, trials, watch
from loadtest.sizing.layer import WorkerTimeout
from loadtest.sizing.trials import answering

IMPORT = "/api/imports/5c1e/resume"


@pytest.fixture(autouse=True)
def short(monkeypatch):
    for module in (kill, watch):
        monkeypatch.setattr(module, "POLL_SECONDS", 0.001)
        monkeypatch.setattr(module, "FOUND_WITHIN_SECONDS", 0.05)


@pytest.fixture
def app(monkeypatch):
    """`app(*said)`: what the app says of its newest import, again and again the last of it; and what it was asked."""
    asked = []

    def says(*said):
        answers = chain(said, repeat(said[-1]))
        lock = threading.Lock()

        def last_import(_):
            with lock:
                status = next(answers)
            if isinstance(status, Exception):
                raise status
            return {"id": "5c1e", "status": status} if status else {}

        for module in (kill, watch):
            monkeypatch.setattr(module, "last_import", last_import)
        monkeypatch.setattr(kill, "call", lambda *call: asked.append(call[1:3]))
        return asked

    return says


def looked(over=None, body=lambda: time.sleep(0.02)):
    seen = watch.Watch(None, over or threading.Event())
    with seen:
        body()
    return seen


AT = WorkerTimeout("line", 101, time.time() - 1, time.time() - 15)


def test_a_watch_tells_when_the_import_was_called_interrupted(app):
    app("running", requests.ConnectionError(), "running", "interrupted")
    seen = looked()
    assert time.time() - AT.at >= seen.found_after(AT) >= 1


def test_it_goes_on_for_a_while_after_the_client_has_left(app, monkeypatch):
    monkeypatch.setattr(watch, "FOUND_WITHIN_SECONDS", 5)  # it ends when it has found what it looks for
    app(*["running"] * 20, "interrupted")
    assert looked(body=lambda: None).found_after(AT) is not None


@pytest.mark.parametrize("status", ["completed", "completed_with_errors", "failed", "running", ""])
def test_an_import_that_is_never_called_interrupted_was_not_found(app, status):
    app(status)
    assert looked().found_after(AT) is None


def test_what_was_not_killed_was_not_found_dead(app):
    app("interrupted")
    assert looked().found_after(None) is None


@pytest.mark.timeout(10)
@pytest.mark.parametrize("how", ["the upload fails", "the run is ended"])
def test_a_watch_does_not_keep_a_run_that_is_over(app, monkeypatch, how):
    monkeypatch.setattr(watch, "FOUND_WITHIN_SECONDS", 3600)
    app(requests.ConnectionError())
    over = threading.Event()
    if how == "the run is ended":
        looked(over, body=over.set)
        return

    def fail():
        raise HarnessError("locust recorded no request")

    with pytest.raises(HarnessError):
        looked(over, body=fail)


def test_an_import_is_resumed_until_it_is_done(app):
    asked = app("interrupted", "running", "interrupted", "completed")
    assert kill._resume(None, 2, threading.Event()) is True
    assert asked == [("POST", IMPORT)] * 2


def test_a_resume_waits_until_the_dead_worker_is_known_to_be_gone(app):
    asked = app("running", "running", "running", "interrupted", "completed_with_errors")
    assert kill._resume(None, 2, threading.Event()) is True
    assert asked == [("POST", IMPORT)]


def test_a_resume_that_is_killed_too_is_followed_by_another(app, monkeypatch):
    app("interrupted", "interrupted", "completed")

    def killed(*_):
        raise requests.ConnectionError("Remote end closed connection")

    monkeypatch.setattr(kill, "call", killed)
    assert kill._resume(None, 2, threading.Event()) is True


@pytest.mark.parametrize(("status", "times"), [("interrupted", kill.RESUMES), ("failed", 0), ("cancelled", 0), ("", 0)])
def test_a_resume_that_leads_nowhere_comes_to_an_end(app, status, times):
    asked = app(status)
    assert kill._resume(None, 2, threading.Event()) is False
    assert len(asked) == times


def test_a_completed_import_is_not_resumed(app):
    asked = app("completed")
    assert kill._resume(None, 2, threading.Event()) is True
    assert asked == []


@pytest.mark.timeout(10)
def test_nothing_is_resumed_in_a_run_that_is_over(app, monkeypatch):
    monkeypatch.setattr(kill, "FOUND_WITHIN_SECONDS", 3600)
    asked = app("running")
    over = threading.Event()
    over.set()
    assert kill._resume(None, 2, over) is False
    assert asked == []


def reply(status, body):
    made = requests.Response()
    made.status_code, made._content, made.url = status, body, "http://127.0.0.1:1/api/imports?limit=1"
    return made


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b""), (200, b"<html>"), (200, b"[]"), (200, b"{}"), (200, b'{"imports": null}'), (503, b"{}"), (429, b"{}")],
)
def test_an_answer_that_cannot_be_read_is_no_answer(monkeypatch, status, body):
    monkeypatch.setattr(trials, "call", lambda *_: reply(status, body))
    with pytest.raises(HarnessError, match="the kill: no answer from the stack: "), answering("the kill"):
        trials.last_import(None)


@pytest.mark.parametrize(
    ("body", "found"), [(b'{"imports": []}', {}), (b'{"imports": [{"id": 1}, {"id": 2}]}', {"id": 1})]
)
def test_the_newest_import_is_the_first(monkeypatch, body, found):
    monkeypatch.setattr(trials, "call", lambda *_: reply(200, body))
    assert trials.last_import(None) == found


def test_a_report_that_lacks_a_field_names_it():
    with pytest.raises(HarnessError, match="the kill: the app's answer has no 'stage_seconds'"), answering("the kill"):
        {}["stage_seconds"]
