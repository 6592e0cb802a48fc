import pytest
from operating import SAMPLE_CONTACTS, Checkout

from loadtest.stack.base import SERVICES


@pytest.fixture
def second(generations):
    if "second" not in generations:
        pytest.skip("COMPOSE2 names no second generation of compose")
    running = Checkout(generations["second"])
    try:
        yield running
    finally:
        running.down()


def test_the_second_generation_runs_the_same_file_and_down_leaves_nothing(second):
    assert sorted(second.call("config", "--services").split()) == sorted(SERVICES)
    second.up(GUNICORN_TIMEOUT="50", GUNICORN_WORKERS="2")
    assert len(second.gunicorn()) == 1 + 2
    assert all(" --timeout=50 " in line for line in second.gunicorn())
    second.profile()
    assert second.upload().status_code == 200
    assert second.both_sides() == ((SAMPLE_CONTACTS, SAMPLE_CONTACTS), (SAMPLE_CONTACTS, SAMPLE_CONTACTS))
    second.down()
    assert second.left() == []
