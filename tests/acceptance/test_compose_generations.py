import pytest
from operating import SAMPLE_CONTACTS, Checkout

from fixtures.cache import fixture
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


def test_the_second_generation_runs_the_same_file_and_down_leaves_nothing(second, tmp_path):
    assert sorted(second.call("config", "--services").split()) == sorted(SERVICES)
    second.up(GUNICORN_TIMEOUT="50", GUNICORN_WORKERS="2")
    assert len(second.gunicorn()) == 1 + 2
    assert all(" --timeout=50 " in line for line in second.gunicorn())
    second.profile()
    assert second.upload().status_code == 200
    assert second.both_sides() == ((SAMPLE_CONTACTS, SAMPLE_CONTACTS), (SAMPLE_CONTACTS, SAMPLE_CONTACTS))

    headless = {"LOCUST_HEADLESS": "1", "LOCUST_USERS": "2", "LOCUST_SPAWN_RATE": "2", "LOCUST_EXPECT_WORKERS": "2"}
    # Area 0 is the sample's.
    second.load(TIMEOUTLAB_UPLOADS="4", TIMEOUTLAB_ROWS="50", TIMEOUTLAB_AREA="1", **headless)
    [master] = second.containers("locust")
    assert master.wait()["StatusCode"] == 0, master.logs().decode()
    made = [fixture("contacts", 50, 1, area, cache_dir=tmp_path)[1] for area in range(1, 5)]
    contacts = SAMPLE_CONTACTS + sum(manifest.contacts_expected for manifest in made)
    assert second.both_sides() == ((contacts, contacts), (contacts, contacts))
    second.down()
    assert second.left() == []
