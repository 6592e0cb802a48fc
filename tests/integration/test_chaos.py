import itertools
import json

import pytest
from running_cli import files_left, left_of, run

# A stack, a trial, and most of it a worker that is started four times: 50 s of CPU time.
pytestmark = pytest.mark.timeout(400)
# So many that they are not all told within the ten seconds in which another goes on with a killed worker's import.
ROWS = 2500


@pytest.fixture(scope="module")
def disturbed(tmp_path_factory):
    """A round of small chunks: home, exit code, stdout, stderr."""
    home = tmp_path_factory.mktemp("home")
    env = {"IMPORT_CHUNK_ROWS": "25", "WORKER_PROCESSES": "2", "OPENPHONE_SYNC": "off", "IMPORT_AUTO_RESUME": "off"}
    return home, *run(home, "chaos", "--rows", str(ROWS), "--rounds", "1", "--json", home / "out.json", **env)


@pytest.fixture(scope="module")
def found(disturbed):
    return json.loads((disturbed[0] / "out.json").read_text())


def test_nothing_is_lost_or_doubled_whatever_is_killed(disturbed, found):
    _, code, out, err = disturbed
    assert (code, err) == (0, ""), out
    assert out.splitlines()[-1] == "VERDICT: PASS"
    assert (found["verdict"], found["exit_code"], found["sync"]) == ("pass", 0, "background")
    [only] = found["rounds"]
    assert (only["status"], only["failings"], only["doubts"]) == ("completed_with_errors", [], [])
    counts = {name: (count["expected"], count["found"]) for name, count in only["counts"].items()}
    assert counts["rows"] == counts["rows_done"] == (ROWS, ROWS)
    assert counts["contacts"] == counts["openphone"] == counts["synced"]
    assert counts["rejected"] == (ROWS // 20, ROWS // 20)
    assert counts["properties"][0] > 500


def test_every_fault_came_about_and_the_import_went_on(found):
    [only] = found["rounds"]
    happened = only["happened"]
    assert [each["fault"] for each in happened] == only["planned"]
    assert sorted(each["fault"]["what"] for each in happened) == ["flush", "kill", "kill", "kill", "restart"]
    for before, after in itertools.pairwise(happened):
        assert before["at_seconds"] + before["recovery_seconds"] <= after["at_seconds"]
    assert all(each["recovery_seconds"] < 60 for each in happened)


def test_nothing_is_left_running(disturbed, found):
    assert left_of(disturbed[0]) + files_left(disturbed[0]) == []
