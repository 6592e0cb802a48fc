"""The background outbox as it runs: beat wakes, the worker's processes drain."""

import os
import signal

import pytest
from draining import ENV, counted
from importing import App, numbers, people, until


@pytest.fixture(scope="module")
def app(stack):
    with stack.trial(
        "outbox-worker", {**ENV, "WORKER_PROCESSES": "2"}, {"limit": {"per_second": 0}}, worker=True
    ) as trial:
        yield App(stack, trial)


def told(app, import_id):
    return app.imported(import_id)["contacts_synced"]


def test_processes_that_are_killed_in_the_middle_of_their_batches_lose_and_double_nothing(app):
    app.profile(latency={"kind": "fixed", "ms": 30})
    phones = numbers(100)
    done = app.upload(people(phones), mode="sync").json()
    assert done["status"] == "completed"
    for number in range(1, 4):
        until(lambda number=number: app.mock("counters")["requests"] >= 15 * number, 60)
        for process in app.trial.ps("worker")[1:]:
            os.kill(process.pid, signal.SIGKILL)
    until(lambda: told(app, done["id"]) == 100, 60)
    assert app.synced() == app.stored(phones) == phones
    assert counted(app.imported(done["id"])) == (100, 100, 0, 0)
    assert app.mock("counters")["created"] == 100


def test_a_worker_that_is_asked_to_stop_says_what_was_told(app):
    app.profile(latency={"kind": "fixed", "ms": 30})
    phones = numbers(100)
    done = app.upload(people(phones), mode="async").json()
    until(lambda: told(app, done["id"]), 60)
    app.trial.restart_service("worker")
    until(lambda: told(app, done["id"]) == 100, 60)
    assert app.synced() == phones
    counters = app.mock("counters")
    assert (counters["created"], counters["duplicate_external_ids"]) == (100, 0)
