import json
import re

import jsonschema
import pytest
from running_cli import TWENTY_MS, files_left, left_of, run

from loadtest.report.as_json import SCHEMA
from loadtest.sizing import record

# 12 s: two sizes measured at 20 ms a call beside each other, then a kill and its resume, all of them for real.


@pytest.fixture(scope="module")
def sized(tmp_path_factory):
    """A whole run: its folder, exit code, stdout and stderr."""
    home = tmp_path_factory.mktemp("home")
    (home / "slow.toml").write_text(TWENTY_MS)
    result = run(
        home, "sizing", "--rows", "100,200", "--profile", home / "slow.toml",
        "--json", home / "out.json", "--markdown", home / "out.md", "--record", home / "raw.json",
        # What a caller may have set, and must not change what is measured.
        GUNICORN_WORKERS="2", OPENPHONE_SYNC="off", OPENPHONE_RATE_PER_SECOND="1", LOG_LEVEL="error",
        GUNICORN_TIMEOUT="1", API_RATE_PER_MINUTE="1", DATABASE_URL="postgresql://production",
    )  # fmt: skip
    return home, *result


@pytest.fixture(scope="module")
def out(sized):
    return json.loads((sized[0] / "out.json").read_text())


def test_it_passes_and_says_what_is_running_on_stderr_alone(sized):
    _, code, out, err = sized
    assert code == 0, err
    lines = err.splitlines()
    assert re.fullmatch(r"3 trials, about \d+ s", lines[0])
    assert [line.split()[0] for line in lines[1:]].count("running") == 3
    assert [line.split()[0] for line in lines[1:]].count("done") == 3
    assert "running" not in out
    assert "VERDICT: PASS" in out


def test_the_json_is_as_its_schema_says(out):
    jsonschema.validate(out, json.loads(SCHEMA.read_text()), jsonschema.Draft202012Validator)
    assert (out["verdict"], out["exit_code"], out["judged"]) == ("pass", 0, "slow")
    assert (out["settings"]["workers"], out["settings"]["repeat"]) == (2, 1)


def test_every_size_was_measured_and_every_contact_counted_on_both_sides(out):
    found = {(row["profile"], row["rows"]): row for row in out["rows"]}
    assert list(found) == [("slow", 100), ("slow", 200)]
    for (_, rows), row in found.items():
        expected = rows - rows * 5 // 100 - rows * 2 // 100  # the manifest: 5% invalid, 2% duplicates
        assert (row["source"], row["n"], row["timeout_verdict"]) == ("measured", 1, "holds")
        assert (row["rows_total"], row["rows_rejected"]) == (rows, rows * 5 // 100)
        assert row["contacts_expected"] == row["contacts_db"] == row["contacts_openphone"] == expected
        assert (row["lost"], row["duplicated"]) == (0, 0)
        assert row["openphone_calls"] == expected
        assert row["seconds"] == [row["slowest_seconds"]]
        assert row["injected_seconds"] >= expected * 0.020
        assert row["seconds"][0] > row["stage_seconds"]["openphone"] > row["injected_seconds"]
        assert 0 < row["openphone_cpu_seconds"] < row["stage_seconds"]["openphone"]


def test_the_kill_was_seen_from_both_sides_and_nothing_was_lost_or_doubled(out):
    (kill,) = out["kills"]
    assert (kill["rows"], kill["profile"], kill["timeout"], kill["layer"]) == (200, "slow", 2, "gunicorn")
    assert 2 < kill["killed_after_seconds"] <= 4
    assert kill["in_band"]
    assert kill["client_saw"] in ("500", "eof", "reset")
    assert re.search(r"WORKER TIMEOUT \(pid:\d+\)$", kill["log_line"])
    assert kill["found_interrupted_after_seconds"] <= 2
    assert kill["contacts_expected"] == kill["contacts_after_resume"] == kill["contacts_openphone_after_resume"] == 186
    assert (kill["lost"], kill["duplicated"], kill["problems"]) == (0, 0, [])


def test_the_raw_recording_has_a_sample_for_each_upload(sized):
    raw = record.load(sized[0] / "raw.json")
    assert sorted(sample.trial for sample in raw.samples) == [
        "kill-200", "slow-100", "slow-200",
    ]  # fmt: skip
    assert all(sample.request_bytes > 5000 for sample in raw.samples if sample.saw == "200")


def test_the_markdown_has_the_same_verdict(sized):
    assert "PASS" in (sized[0] / "out.md").read_text()


def test_nothing_is_left_but_logs(sized):
    assert left_of(sized[0]) == []
    assert files_left(sized[0]) == []
    (run,) = (sized[0] / "runs").iterdir()
    assert {"db.log", "web-slow-100.log", "web-kill-200.log"} <= {path.name for path in run.iterdir()}
