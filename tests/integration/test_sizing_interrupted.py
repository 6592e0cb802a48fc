import os
import signal

import pytest
from running_cli import TWENTY_MS, files_left, left_of, start, until, uploading

from loadtest.stack.leftovers import all_runs

# A stack each (3 s), and a trial (3 s) for the second: nothing less shows what a whole command leaves behind.


@pytest.fixture
def home(tmp_path):
    (tmp_path / "slow.toml").write_text(TWENTY_MS)
    return tmp_path


def sizing(home):
    return start(home, "sizing", "--rows", "1000", "--profile", home / "slow.toml", GUNICORN_WORKERS="2")


def test_ctrl_c_in_a_terminal_during_the_start_stops_what_was_started(home):
    with sizing(home) as command:
        until(command, lambda: any(each.started for each in all_runs(home)))
        os.killpg(command.pid, signal.SIGINT)  # a terminal sends it to the whole group
        out, err = command.communicate()
    assert (command.returncode, out) == (130, "")
    assert err.splitlines()[-1] == "stopped by Ctrl-C; everything that was started has been stopped"
    assert "Traceback" not in err
    assert left_of(home) + files_left(home) == []


def test_a_service_that_is_killed_during_an_upload_is_named_with_the_end_of_its_log(home):
    with sizing(home) as command:
        os.kill(until(command, lambda: uploading(home))["db"], signal.SIGKILL)
        out, err = command.communicate()
    assert (command.returncode, out) == (3, "")
    _, _, message = err.partition("error: ")
    assert message.startswith("db ended half way; the end of ")
    assert "database system is ready" in message
    assert "Traceback" not in err
    assert left_of(home) + files_left(home) == []
