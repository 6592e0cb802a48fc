import json
import os
import socket
import subprocess
import sys

import psutil
import pytest
import requests

import config
from loadtest.stack.base import SERVICES
from loadtest.stack.ports import HOST, free_port


def command(home, *arguments, **env):
    code = "import sys; from loadtest.cli import main; sys.exit(main())"
    inherited = {name: value for name, value in os.environ.items() if name not in config.variables()}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**inherited, "TIMEOUTLAB_HOME": str(home), **env},
        cwd=config.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_up_lives_on_after_the_command_until_down(tmp_path):
    port = str(free_port())
    try:
        first = command(tmp_path, "up", "--port", port, GUNICORN_TIMEOUT="30", DATABASE_URL="postgresql://production")
        assert (first.returncode, first.stderr) == (0, "")
        state = json.loads((tmp_path / "up.json").read_text())
        url, key = f"http://{HOST}:{port}", state["api_key"]
        assert url in first.stdout
        assert f"curl -H 'Authorization: Bearer {key}' -F file=@fixtures/samples/contacts-1000.csv" in first.stdout
        assert "production" not in first.stdout
        listed = requests.get(f"{url}/api/imports", headers={"Authorization": f"Bearer {key}"}, timeout=10)
        assert listed.json()["imports"] == []

        # what an operator types
        shown = subprocess.run(["ps", "auxww"], capture_output=True, text=True, check=True).stdout
        bind = state["settings"]["WEB_BIND"]
        web = [line for line in shown.splitlines() if "gunicorn" in line and f"--bind={bind} " in line]
        assert len(web) == 1 + 4
        assert all(" --timeout=30 " in line for line in web)

        second = command(tmp_path, "up", "--port", port)
        assert second.returncode == 0
        assert second.stdout.startswith("already up, since ")
        assert key in second.stdout
    finally:
        last = command(tmp_path, "down")
    assert last.returncode == 0
    assert [name for name in SERVICES if f"{name} (pid " not in last.stdout] == []
    assert not [each for each in psutil.process_iter(["cmdline"]) if f"--bind={bind}" in str(each.info)]
    assert not (tmp_path / "up.json").exists()

    again = command(tmp_path, "down")
    assert (again.returncode, again.stdout, again.stderr) == (0, "nothing is up\n", "")


def test_up_on_a_port_in_use_names_it_and_starts_nothing(tmp_path):
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = command(tmp_path, "up", "--port", str(port))
    assert refused.returncode == 4
    assert refused.stderr.startswith(f"error: port {port} on 127.0.0.1 is in use by pid {os.getpid()} (")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("value", ["abc", "0"])
def test_up_with_a_bad_setting_says_so_in_one_line_and_starts_nothing(tmp_path, value):
    refused = command(tmp_path, "up", "--port", str(free_port()), GUNICORN_TIMEOUT=value)
    assert refused.returncode == 2
    assert f"GUNICORN_TIMEOUT='{value}'" in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert not (tmp_path / "runs").exists()
