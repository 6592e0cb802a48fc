import json

import pytest
from bench_examples import WHOLE

from benchmarks.command import dumps
from benchmarks.record import load
from loadtest.errors import UsageError


def test_what_is_written_is_read_back_and_has_ratios_and_figures(tmp_path):
    path = tmp_path / "bench.json"
    path.write_text(dumps(WHOLE))
    assert load(path) == WHOLE
    told = json.loads(path.read_text())
    assert told["ratios"]["contacts"]["rate_over_limit"] == 0.4
    assert told["machine"]["processor"] == "Abacus"
    assert len(told["samples"]) == len(WHOLE.samples)
    [ours] = [each for each in told["figures"] if (each["yardstick"], each["what"]) == ("timeoutlab", "first")]
    assert (ours["seconds"], ours["rows_per_second"], ours["n"]) == (1.25, 800.0, 3)
    assert {"kind": "contacts", "yardstick": "csvsql", "round": 1, "reason": "boom", "failed": True} in told["missing"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 2}', '{"schema": 1, "machine": {}}'])
def test_what_is_no_recording_is_refused_by_name(tmp_path, text):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"other\.json: cannot be read as a recording of `bench run`"):
        load(path)


def test_a_recording_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"gone\.json: cannot be read"):
        load(tmp_path / "gone.json")
