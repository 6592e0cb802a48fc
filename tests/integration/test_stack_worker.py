import os
import signal
from pathlib import Path

import psutil
import pytest
import redis
from importing import App, numbers, people, until

from loadtest.errors import StackDied, UsageError
from loadtest.stack.local import LocalStack
from loadtest.stack.tree import gone

ENV = {"OPENPHONE_SYNC": "off", "GUNICORN_WORKERS": "1", "WORKER_PROCESSES": "2"}


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    with LocalStack(tmp_path_factory.mktemp("home")) as running:
        running.start(web=False)
        yield running


@pytest.fixture(scope="module")
def trial(own):
    """With a worker and a beat."""
    return own.trial("test", ENV, worker=True)


def completed(own, trial):
    """Whether an import that the request leaves to the worker is done."""
    app = App(own, trial)
    phones = numbers(3)
    answer = app.upload(people(phones), mode="async")
    assert answer.status_code == 202, answer.text
    return until(lambda: app.imported(answer.json()["id"])["status"] == "completed") and app.stored(phones) == phones


def test_a_trial_with_a_worker_has_its_own_and_a_beat_and_they_are_told_apart(own, trial):
    assert [each.kind for each in trial.ps("worker")] == ["master", "worker", "worker"]
    assert [each.kind for each in trial.ps("beat")] == ["master"]
    assert {"worker:test", "beat:test"} <= own.stats().keys()
    assert trial.env["IMPORT_WORKER"] == "on"
    assert "celery@" in own.logs("worker:test")
    assert "celery beat" in trial.logs("beat")
    assert completed(own, trial)


@pytest.mark.parametrize("service", ["redis", "db"])
def test_worker_and_beat_outlive_a_restart_of_what_they_are_connected_to(own, trial, service):
    before = trial.ps("worker"), trial.ps("beat")
    own.restart(service, {})
    assert completed(own, trial)
    assert (trial.ps("worker"), trial.ps("beat")) == before
    assert own.alive() == []


def test_a_worker_that_is_killed_is_named_as_dead_and_stays_so_until_it_is_started(own, trial):
    before = [psutil.Process(each.pid) for each in trial.ps("worker")]
    trial.kill_service("worker")
    assert all(gone(each) for each in before)
    assert trial.ps("worker") == []
    assert own.alive() == ["worker:test"]
    with pytest.raises(StackDied, match=r"worker:test ended half way; the end of "):
        own.check()
    trial.restart_service("worker", {"WORKER_PROCESSES": "1"})
    assert own.alive() == []
    assert [each.kind for each in trial.ps("worker")] == ["master", "worker"]
    assert trial.env["WORKER_PROCESSES"] == "1"


def test_a_service_that_was_stopped_has_not_died(own, trial):
    trial.stop_service("beat")
    assert trial.ps("beat") == []
    assert own.alive() == []


def test_what_web_notes_of_the_ends_of_its_workers_is_read_by_its_own_beat(trial):
    noted = Path(trial.env["WORKER_DEATHS_FILE"])
    os.kill(trial.ps()[1].pid, signal.SIGKILL)
    until(noted.exists, seconds=30)
    trial.restart_service("beat")
    until(lambda: not noted.exists(), seconds=30)


def test_a_trial_that_is_stopped_leaves_nothing_of_its_worker(own, trial):
    left = [psutil.Process(each.pid) for each in trial.ps("worker")]
    assert len(left) == 2
    trial.stop()
    assert all(gone(each) for each in left)
    with redis.Redis.from_url(own.url("redis")) as client:
        assert client.keys("*") == []


def test_a_trial_without_a_worker_tells_its_web_so(offline):
    assert offline.trial.env["IMPORT_WORKER"] == "off"
    for service in ("worker", "beat", "mysql"):
        with pytest.raises(UsageError, match=f"no background service '{service}' of offline.*; there are: none"):
            offline.trial.kill_service(service)


def test_a_setting_that_wants_a_worker_is_refused_where_there_is_none(stack):
    with pytest.raises(UsageError, match="OPENPHONE_SYNC=background: needs the worker"):
        stack.trial("bad", {"OPENPHONE_SYNC": "background"})
