import json
import os
import signal
from pathlib import Path

import jsonschema
import pytest
from running_cli import TWENTY_MS, files_left, left_of, run, start, until, uploading

from loadtest.report.as_json import SCHEMA
from loadtest.stack.leftovers import all_runs

# Each of these starts a stack (3 s) and a trial (2 s): nothing less shows what a whole command leaves behind.


@pytest.fixture
def home(tmp_path):
    (tmp_path / "slow.toml").write_text(TWENTY_MS)
    return tmp_path


def sizing(home):
    return start(home, "sizing", "--rows", "1000", "--profile", home / "slow.toml", GUNICORN_WORKERS="2")


def stopped(command, home, by):
    out, err = command.communicate()
    assert (command.returncode, out) == (130, "")
    *_, last = err.splitlines()
    assert last == f"stopped by {by}; everything that was started has been stopped"
    assert "Traceback" not in err
    assert left_of(home) == []
    assert files_left(home) == []


def test_ctrl_c_during_an_upload_stops_everything_and_a_second_run_works(home):
    with sizing(home) as command:
        assert {"db", "redis", "openphone", "web:slow-1000"} <= set(until(command, lambda: uploading(home)))
        assert len(left_of(home)) > 5
        command.send_signal(signal.SIGINT)
        stopped(command, home, "Ctrl-C")

    result = run(home, "sizing", "--rows", "200", "--profile", "offline", "--json", home / "out.json")
    assert result[0] == 0, result[2]
    written = json.loads((home / "out.json").read_text())
    jsonschema.validate(written, json.loads(SCHEMA.read_text()), jsonschema.Draft202012Validator)
    (row,) = written["rows"]
    assert (row["rows"], row["profile"], row["source"], row["contacts_db"]) == (200, "offline", "measured", 186)
    assert row["contacts_openphone"] is None


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_to_the_whole_group_during_the_start_stops_what_was_started(home, name):
    with sizing(home) as command:
        until(command, lambda: any(each.started for each in all_runs(home)))
        os.killpg(command.pid, signal.Signals[name])
        stopped(command, home, "Ctrl-C" if name == "SIGINT" else name)


def test_a_service_that_is_killed_during_an_upload_is_named_with_the_end_of_its_log(home):
    with sizing(home) as command:
        os.kill(until(command, lambda: uploading(home))["db"], signal.SIGKILL)
        out, err = command.communicate()
    assert (command.returncode, out) == (3, "")
    _, _, message = err.partition("error: ")
    assert message.startswith("db ended half way; the end of ")
    assert "database system is ready" in message
    assert "Traceback" not in err
    assert left_of(home) == []
    assert files_left(home) == []
    assert not list(Path(home).glob("timeoutlab-error-*"))
