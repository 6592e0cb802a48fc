import json

import pytest
from running_cli import left_of, run, start

from loadtest.stack.leftovers import all_runs
from loadtest.stack.ports import free_port
from loadtest.stack.state import Up


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Where a stack is up, on a port that is not the default; down again at the end."""
    home = tmp_path_factory.mktemp("home")
    try:
        code, _, err = run(home, "up", "--port", free_port(), GUNICORN_WORKERS="2", GUNICORN_TIMEOUT="45")
        assert (code, err) == (0, "")
        yield home
    finally:
        run(home, "down")
        assert left_of(home) == []


@pytest.fixture(scope="module")
def provoking(home):
    """`verify --provoke`, begun before the other tests: most of its 15 s it waits."""
    with start(home, "verify", "--provoke", "--json", home / "provoked.json") as process:
        yield process


def checked(path):
    written = json.loads(path.read_text())
    assert (written["schema"], written["stack"]) == (1, "local")
    return written["checks"]


def test_a_stack_as_it_was_started_is_as_set(home, provoking):
    code, out, err = run(home, "verify", "--json", home / "out.json")
    assert (code, err) == (0, "")
    assert "Every layer that was looked at is as set." in out
    found = {(each["layer"], each["name"]): each["found"] for each in checked(home / "out.json")}
    assert found["ps, master", "--timeout"] == found["ps, workers", "--timeout"] == "45"
    assert found["ps", "workers running"] == "2"
    assert found["ps, master", "--bind"] == Up.load(home).settings["WEB_BIND"]
    assert found["environment", "setproctitle"] == "not installed"


def test_a_setting_that_was_exported_after_the_start_is_named_as_not_in_force(home):
    later = {"GUNICORN_TIMEOUT": "60", "DATABASE_URL": "postgresql://another"}
    code, out, err = run(home, "verify", "--json", home / "out.json", **later)
    assert (code, err) == (1, "")
    assert "ps, master: --timeout is 45, set is 60" in out
    assert "ps, workers: --timeout is 45, set is 60" in out
    differing = [each for each in checked(home / "out.json") if not each["ok"]]
    assert {each["name"] for each in differing} == {"--timeout", "proxy_read_timeout"}


def test_a_request_that_is_too_long_is_killed_in_the_band_and_loses_nothing(home, provoking):
    out, err = provoking.communicate()
    assert (provoking.returncode, err) == (0, ""), out
    band, counted = [each for each in checked(home / "provoked.json") if each["layer"] == "behaviour"]
    assert (band["name"], band["found"]) == ("an import of 6 s, --timeout=3", "killed within (3 s, 5 s]")
    assert (counted["name"], counted["found"]) == ("found interrupted, resumed, counted", "nothing lost")
    # Its stack was its own, and is gone; the one that is up is still there.
    assert len(all_runs(home)) == 2
    assert Up.load(home).dead() == []
