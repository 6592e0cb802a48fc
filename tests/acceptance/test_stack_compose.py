import json
import os
import subprocess
import sys
import time

import pytest
import requests
from operating import SAMPLE, SAMPLE_CONTACTS

import config
from loadtest.sizing.trials import last_import
from loadtest.stack import engine
from loadtest.stack.compose import ComposeStack
from loadtest.stack.leftovers import all_runs
from loadtest.stack.ports import free_port


@pytest.fixture(scope="module")
def home(tmp_path_factory, generations):
    return tmp_path_factory.mktemp("home")


def timeoutlab(home, *arguments, **env):
    inherited = {name: value for name, value in os.environ.items() if name not in config.variables()}
    return subprocess.run(
        [sys.executable, "-m", "loadtest.cli", *map(str, arguments)],
        env={**inherited, "TIMEOUTLAB_HOME": str(home), **env}, cwd=config.ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def left(home):
    return [each.name for run in all_runs(home) if run.project for each in engine.containers(run.project)]


def test_sizing_in_containers_measures_kills_and_counts_both_sides_and_says_which_stack_it_was(home):
    profile = home / "quick.toml"
    profile.write_text(
        'summary = "10 ms a call"\nassumptions = "made up for a test"\n[mock]\n'
        'latency = { kind = "fixed", ms = 10 }\nlimit = { per_second = 0 }\n[env]\n'
    )
    out = home / "out.json"
    done = timeoutlab(home, "sizing", "--stack", "compose", "--rows", 500, "--profile", profile, "--workers", 2,
                      "--json", out)  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    result = json.loads(out.read_text())
    assert result["stack"] == "compose"
    [row] = [each for each in result["rows"] if each["rows"] == 500]
    assert row["source"] == "measured"
    [kill] = result["kills"]
    assert (kill["layer"], kill["client_saw"]) == ("gunicorn", "500")
    assert (kill["lost"], kill["duplicated"]) == (0, 0)
    assert left(home) == []


def test_a_trial_in_containers_has_a_worker_if_it_asks_for_one(home):
    with ComposeStack(home) as stack:
        stack.start(web=False)
        trial = stack.trial("test", {"OPENPHONE_SYNC": "off", "GUNICORN_WORKERS": "1"}, worker=True)
        assert [each.kind for each in trial.ps("beat")] == ["master"]
        trial.kill_service("worker")
        assert (stack.alive(), trial.ps("worker")) == (["worker:test"], [])
        waiting = requests.post(
            f"{trial.url}/api/imports", headers={"Authorization": f"Bearer {trial.api_key}"}, timeout=30,
            files={"file": ("list.csv", SAMPLE.read_bytes())}, data={"kind": "contacts", "mode": "async"},
        )  # fmt: skip
        assert waiting.status_code == 202, waiting.text
        trial.restart_service("worker", {"WORKER_PROCESSES": "2"})
        assert [each.kind for each in trial.ps("worker")] == ["master", "worker", "worker"]
        while not last_import(trial)["finished_at"]:
            time.sleep(0.1)
        assert trial.sql("SELECT count(*) FROM contacts") == [(SAMPLE_CONTACTS,)]
        assert stack.alive() == []
    assert left(home) == []


def test_up_verify_and_down_in_containers(home):
    try:
        up = timeoutlab(home, "up", "--stack", "compose", "--port", free_port(), GUNICORN_TIMEOUT="45")
        assert up.returncode == 0, up.stderr
        assert "docker exec timeoutlab-" in up.stdout
        as_set = timeoutlab(home, "verify", "--stack", "compose", "--json", home / "verified.json")
        assert as_set.returncode == 0, as_set.stdout
        assert json.loads((home / "verified.json").read_text())["stack"] == "compose"
        later = timeoutlab(home, "verify", "--stack", "compose", GUNICORN_TIMEOUT="60")
        assert later.returncode == 1
        assert "ps, master: --timeout is 45, set is 60" in later.stdout
        assert "nginx: proxy_read_timeout is 60s, set is 75s" in later.stdout
    finally:
        down = timeoutlab(home, "down")
    assert down.returncode == 0
    assert left(home) == []


def test_verify_finds_what_a_restart_did_not_change_in_the_stack_of_the_checkout(checkout):
    checkout.up(GUNICORN_TIMEOUT="45", BUILD_TARGET="runtime")
    home = config.ROOT / ".timeoutlab" / "acceptance"
    ours = {name: checkout.env[name] for name in ("COMPOSE_PROJECT_NAME", "NGINX_PORT", "POSTGRES_PASSWORD")}
    as_set = {**ours, **{name: checkout.env[name] for name in config.variables() if name in checkout.env}}
    assert timeoutlab(home, "verify", "--stack", "compose", **as_set).returncode == 0
    found = timeoutlab(home, "verify", "--stack", "compose", **{**as_set, "GUNICORN_TIMEOUT": "75"})
    assert found.returncode == 1
    assert "ps, workers: --timeout is 45, set is 75" in found.stdout
    assert "docker-compose up -d" in found.stdout
