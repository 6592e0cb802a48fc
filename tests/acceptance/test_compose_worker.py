import time

import pytest
from operating import SAMPLE_CONTACTS

WHOLE = ((SAMPLE_CONTACTS, SAMPLE_CONTACTS), (SAMPLE_CONTACTS, SAMPLE_CONTACTS))


@pytest.fixture
def slow(checkout):
    """A stack with no import in it, whose OpenPhone takes ten seconds for the sample."""
    checkout.up(GUNICORN_TIMEOUT="60", WORKER_PROCESSES="2")
    checkout.empty()
    checkout.profile(latency={"kind": "fixed", "ms": 10})
    return checkout


def left_to_the_worker(checkout):
    answer = checkout.upload(mode="async")
    assert answer.status_code == 202, answer.text
    assert answer.json()["status"] in ("received", "running")


def until(found, seconds=60):
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline, "waited for in vain"
        time.sleep(0.1)


def half_way(checkout):
    until(lambda: 0 < checkout.newest()["contacts_synced"] < SAMPLE_CONTACTS)


def completed(checkout):
    until(lambda: checkout.newest()["finished_at"])
    return checkout.newest()["status"] == "completed_with_errors" and checkout.both_sides() == WHOLE


def workers(checkout):
    return {each.id[:12]: each for each in checkout.containers("worker")}


def test_a_worker_that_crashes_half_way_is_started_again_by_docker_and_the_import_goes_on(slow):
    left_to_the_worker(slow)
    half_way(slow)
    slow.run("exec", "-T", "worker", "kill", "-9", "-1")  # all but the init, which ends with what it has started
    assert completed(slow)
    [worker] = workers(slow).values()
    assert worker.attrs["RestartCount"] == 1
    slow.until_healthy()
    assert "import interrupted" in slow.call("logs", "--no-color", "beat")


def test_what_one_of_two_workers_had_when_it_was_killed_the_other_takes_over(slow):
    slow.up("--scale", "worker=2")
    assert len(workers(slow)) == 2
    left_to_the_worker(slow)
    half_way(slow)
    [[process]] = slow.sql("SELECT process FROM imports")
    workers(slow)[process.partition(":")[0]].kill()
    assert completed(slow)
    [[other]] = slow.sql("SELECT process FROM imports")
    assert other.partition(":")[0] in workers(slow).keys() - {process.partition(":")[0]}
    slow.up("--scale", "worker=1")
