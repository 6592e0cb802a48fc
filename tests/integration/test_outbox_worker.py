"""The background outbox as it runs: beat wakes, the worker's processes drain."""

import os
import signal

import pytest
from draining import ENV, counted
from importing import App, numbers, people, until

from loadtest.openphone.limiter import Limit


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


def test_at_a_limit_with_windows_out_of_phase_no_429_is_drawn(app):
    limit = Limit(per_second=10)
    app.trial.restart({"OPENPHONE_RATE_PER_SECOND": str(limit.per_second)})
    app.trial.restart_service("worker")
    app.profile(limit=limit.model_dump(), seed=7, latency={"kind": "fixed", "ms": 100})
    phones = numbers(60)
    done = app.upload(people(phones), mode="async").json()
    until(lambda: app.imported(done["id"])["status"] == "completed" and told(app, done["id"]) == 60, 60)
    assert app.synced() == phones
    assert (app.mock("counters")["requests"], app.mock("counters")["rate_limited"]) == (60, 0)
