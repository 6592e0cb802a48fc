import json
import re
import signal

import jsonschema
import pytest
from running_cli import TWENTY_MS, files_left, left_of, run, start, until, uploading

from loadtest.report.as_json import SCHEMA
from loadtest.sizing import record

# 25 s: an import that is interrupted half way, then a whole run in the same place: measured at 20 ms a call, killed,
# resumed, and measured without any calls. Less would not show that what one run leaves does not disturb the next.

# What a caller may have set, and must not change what is measured.
ENV = {
    "GUNICORN_WORKERS": "2",
    "GUNICORN_TIMEOUT": "1",
    "OPENPHONE_SYNC": "off",
    "OPENPHONE_RATE_PER_SECOND": "1",
    "API_RATE_PER_MINUTE": "1",
    "LOG_LEVEL": "error",
    "DATABASE_URL": "postgresql://production",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "slow.toml").write_text(TWENTY_MS)
    return home


@pytest.fixture(scope="module")
def interrupted(home):
    """A run that gets SIGINT, it alone, while an import is under way: exit code, stdout, stderr, what is left of it."""
    with start(home, "sizing", "--rows", "1000", "--profile", home / "slow.toml", **ENV) as command:
        started = until(command, lambda: uploading(home))
        running = left_of(home)
        command.send_signal(signal.SIGINT)
        out, err = command.communicate()
    assert {"db", "redis", "openphone", "web:slow-1000"} <= set(started)
    assert len(running) > len(started), "the command, its workers and its driver"
    return command.returncode, out, err, left_of(home) + files_left(home)


@pytest.fixture(scope="module")
def sized(home, interrupted):
    """The run after it: its folder, exit code, stdout and stderr."""
    result = run(
        home, "sizing", "--rows", "200", "--profile", home / "slow.toml", "--profile", "offline",
        "--json", home / "out.json", "--markdown", home / "out.md", "--record", home / "raw.json", **ENV,
    )  # fmt: skip
    return home, *result


@pytest.fixture(scope="module")
def out(sized):
    return json.loads((sized[0] / "out.json").read_text())


def test_ctrl_c_during_an_upload_stops_everything_and_says_so_in_one_line(interrupted):
    code, out, err, left = interrupted
    assert (code, out, left) == (130, "", [])
    assert err.splitlines()[-1] == "stopped by Ctrl-C; everything that was started has been stopped"
    assert "Traceback" not in err


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
    assert list(found) == [("slow", 200), ("offline", 200)]
    for (profile, _), row in found.items():
        # the manifest: 5% invalid, 2% duplicates
        stored = 186 if profile == "slow" else None
        assert (row["source"], row["n"], row["timeout_verdict"]) == ("measured", 1, "holds")
        assert (row["rows_total"], row["rows_rejected"]) == (200, 10)
        assert (row["contacts_expected"], row["contacts_db"], row["contacts_openphone"]) == (186, 186, stored)
        assert (row["lost"], row["duplicated"]) == (0, 0)
        assert row["seconds"] == [row["slowest_seconds"]]
    slow, offline = found.values()
    assert (slow["openphone_calls"], offline["openphone_calls"]) == (186, 0)
    assert slow["injected_seconds"] >= 186 * 0.020
    assert slow["seconds"][0] > slow["stage_seconds"]["openphone"] > slow["injected_seconds"]
    assert 0 < slow["openphone_cpu_seconds"] < slow["stage_seconds"]["openphone"]


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
    assert sorted(sample.trial for sample in raw.samples) == ["kill-200", "offline-200", "slow-200"]
    assert all(sample.request_bytes > 5000 for sample in raw.samples if sample.saw == "200")


def test_the_markdown_has_the_same_verdict(sized):
    assert "PASS" in (sized[0] / "out.md").read_text()


def test_nothing_is_left_but_logs(sized):
    assert left_of(sized[0]) == []
    assert files_left(sized[0]) == []
    runs = sorted((sized[0] / "runs").iterdir())
    assert len(runs) == 2
    assert {"db.log", "web-slow-200.log", "web-kill-200.log"} <= {path.name for path in runs[1].iterdir()}
