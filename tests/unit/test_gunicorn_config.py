import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import config

ROOT = Path(config.__file__).parent
MINIMAL = {"DATABASE_URL": "postgresql://nobody:secret-word@127.0.0.1:1/none", "OPENPHONE_SYNC": "off"}
BAD_NUMBERS = ["abc", "-1", "300s", "1.5", " 30", "30 ", "+5", "1_000", "٣٠", "", str(10**9), "1e2", "0x10"]


def environment(**values):
    inherited = {key: value for key, value in os.environ.items() if key not in config.variables()}
    return {**inherited, "VIRTUAL_ENV": sys.prefix, **MINIMAL, **values}


def started(service="web", **values):
    command = [str(ROOT / "entrypoint.sh"), service]
    return subprocess.run(
        command, env=environment(**values), capture_output=True, text=True, timeout=60, check=False, cwd="/"
    )


def test_the_defaults_are_the_operators():
    settings = config.load_settings(MINIMAL)
    assert (settings.gunicorn_timeout, settings.gunicorn_workers) == (300, 4)


def test_the_constants_follow_the_environment(monkeypatch):
    for name in ("GUNICORN_TIMEOUT", "GUNICORN_WORKERS", "DB_STATEMENT_TIMEOUT_MS"):
        monkeypatch.delenv(name, raising=False)
    assert (config.GUNICORN_TIMEOUT, config.GUNICORN_WORKERS) == (300, 4)
    monkeypatch.setenv("GUNICORN_TIMEOUT", "45")
    assert config.GUNICORN_TIMEOUT == 45


def test_the_engine_options_hold_every_bound(monkeypatch):
    for name in ("GUNICORN_TIMEOUT", "DB_STATEMENT_TIMEOUT_MS"):
        monkeypatch.delenv(name, raising=False)
    options = config.SQLALCHEMY_ENGINE_OPTIONS
    assert options["pool_pre_ping"] is True
    assert options["pool_recycle"] == 3600
    assert options["max_overflow"] == -1
    assert options["connect_args"]["connect_timeout"] == 10
    assert "statement_timeout=270000" in options["connect_args"]["options"]


@pytest.mark.parametrize("timeout", [1, 2, 30, 300, 86_400])
def test_a_statement_ends_before_the_worker_does(timeout):
    settings = config.load_settings({**MINIMAL, "GUNICORN_TIMEOUT": str(timeout)})
    assert 0 < settings.statement_timeout_ms < timeout * 1000


def test_the_statement_timeout_can_be_set():
    settings = config.load_settings({**MINIMAL, "DB_STATEMENT_TIMEOUT_MS": "1234"})
    assert "statement_timeout=1234 " in settings.engine_options["connect_args"]["options"] + " "


def test_a_short_timeout_of_requests_is_none_for_the_workers_statements():
    def limit(**values):
        options = config.load_settings({**MINIMAL, "GUNICORN_TIMEOUT": "2", **values}).worker_engine_options
        return re.search(r"statement_timeout=(\d+)", options["connect_args"]["options"])[1]

    assert limit() == "3600000"
    assert limit(DB_STATEMENT_TIMEOUT_MS="1234") == "1234"


@pytest.mark.parametrize("value", BAD_NUMBERS)
@pytest.mark.parametrize("name", ["GUNICORN_TIMEOUT", "GUNICORN_WORKERS", "DB_STATEMENT_TIMEOUT_MS"])
def test_a_bad_number_is_named_with_its_value_and_what_is_allowed(name, value):
    with pytest.raises(config.ConfigError) as error:
        config.load_settings({**MINIMAL, name: value})
    message = str(error.value)
    assert "\n" not in message
    assert message.startswith(f"{name}={value!r}: must be a whole number of ")


@pytest.mark.parametrize("value", [*BAD_NUMBERS, "0", "33"])
def test_an_import_makes_one_call_at_a_time_unless_set_and_never_more_than_32(value):
    assert config.load_settings(MINIMAL).openphone_concurrency == 1
    assert config.load_settings({**MINIMAL, "OPENPHONE_CONCURRENCY": "32"}).openphone_concurrency == 32
    with pytest.raises(config.ConfigError, match=r"OPENPHONE_CONCURRENCY=.* from 1 to 32"):
        config.load_settings({**MINIMAL, "OPENPHONE_CONCURRENCY": value})


def test_no_timeout_at_all_must_be_asked_for():
    with pytest.raises(config.ConfigError, match=r"GUNICORN_TIMEOUT='0'.* only with GUNICORN_ALLOW_NO_TIMEOUT=1"):
        config.load_settings({**MINIMAL, "GUNICORN_TIMEOUT": "0"})
    allowed = {**MINIMAL, "GUNICORN_TIMEOUT": "0", "GUNICORN_ALLOW_NO_TIMEOUT": "1"}
    assert config.load_settings(allowed).gunicorn_timeout == 0


@pytest.mark.parametrize("name", [name for name in config.variables() if name != "OPENPHONE_API_KEY"])
def test_no_variable_may_be_set_and_empty(name):
    with pytest.raises(config.ConfigError, match=name):
        config.load_settings({**MINIMAL, name: ""})


def test_a_secret_is_never_repeated_in_an_error():
    with pytest.raises(config.ConfigError) as error:
        config.load_settings({**MINIMAL, "DATABASE_URL": "mysql://root:hunter2@host/db"})
    assert "DATABASE_URL" in str(error.value)
    assert "hunter2" not in str(error.value)


def test_every_wrong_variable_has_a_line_of_its_own():
    with pytest.raises(config.ConfigError) as error:
        config.load_settings({**MINIMAL, "GUNICORN_TIMEOUT": "abc", "GUNICORN_WORKERS": "0", "LOG_LEVEL": "loud"})
    assert [line.split("=")[0] for line in str(error.value).splitlines()] == [
        "GUNICORN_TIMEOUT",
        "GUNICORN_WORKERS",
        "LOG_LEVEL",
    ]


@pytest.mark.parametrize("value", ["abc", "0", "300s", ""])
def test_the_entrypoint_stops_at_a_bad_value_before_anything_is_started(value):
    done = started(GUNICORN_TIMEOUT=value)
    assert done.returncode == 2
    # One line and no word of the database: it was not even tried to be migrated.
    assert re.fullmatch(rf"GUNICORN_TIMEOUT='{value}': must be .*\n", done.stderr)
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql://ada:hunter2@127.0.0.1:port/none"),
        ("DATABASE_URL", "postgresql://ada:hunter2@127.0.0.1:1/none?nonsense=1"),
        ("REDIS_URL", "redis://:hunter2@127.0.0.1:port/0"),
        ("OPENPHONE_BASE_URL", "http://127.0.0.1:port"),
        ("WEB_BIND", "127.0.0.1:65536"),
        ("GUNICORN_WORKER_TMP_DIR", "/nowhere"),
        ("GUNICORN_WORKER_TMP_DIR", __file__),
        ("PHONE_DEFAULT_REGION", "XX"),
    ],
)
def test_what_would_fail_half_way_through_a_start_stops_it_before_anything_is_started(name, value):
    done = started(**{name: value})
    assert done.returncode == 2
    assert re.fullmatch(rf"{name}=.*: must be .*\n", done.stderr)
    assert "hunter2" not in done.stderr
    assert done.stdout == ""


def test_everything_wrong_with_the_machine_is_said_at_once():
    done = started(GUNICORN_WORKER_TMP_DIR="/nowhere", PHONE_DEFAULT_REGION="XX")
    assert [line.split("=")[0] for line in done.stderr.splitlines()] == [
        "GUNICORN_WORKER_TMP_DIR",
        "PHONE_DEFAULT_REGION",
    ]


def test_what_another_machine_has_is_asked_at_a_start_only():
    settings = config.load_settings({**MINIMAL, "GUNICORN_WORKER_TMP_DIR": "/nowhere", "PHONE_DEFAULT_REGION": "XX"})
    with pytest.raises(config.ConfigError, match="/nowhere"):
        config.check_machine(settings)


def test_the_entrypoint_refuses_gunicorns_own_variable():
    done = started(GUNICORN_CMD_ARGS="--timeout=999")
    assert done.returncode == 2
    assert re.fullmatch(r"GUNICORN_CMD_ARGS=.*must not be set.*\n", done.stderr)


def test_the_entrypoint_refuses_what_would_hide_the_timeout_from_ps(tmp_path):
    (tmp_path / "setproctitle.py").write_text("")
    done = started(PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert re.fullmatch(r"setproctitle is installed: .*pip uninstall setproctitle.*\n", done.stderr)


def test_the_entrypoint_names_the_services_it_knows():
    done = subprocess.run(
        [str(ROOT / "entrypoint.sh"), "nothing"], env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == "entrypoint.sh: unknown service 'nothing'; there are: web, worker, beat\n"


@pytest.mark.parametrize("service", ["worker", "beat"])
def test_a_background_service_does_not_start_where_web_is_told_that_there_is_none(service):
    done = started(service, IMPORT_WORKER="off")
    assert done.returncode == 2
    assert done.stderr.startswith(f"IMPORT_WORKER='off': must be on to start {service}")
    assert done.stderr.count("\n") == 1


def test_a_worker_takes_a_task_only_when_a_process_is_free_for_it():
    line = config.worker_arguments(config.load_settings({**MINIMAL, "WORKER_PROCESSES": "3"}))
    assert {"--app=app.tasks", "--concurrency=3", "--disable-prefetch", "--pool=prefork"} <= set(line)


@pytest.mark.parametrize("service", ["web", "worker", "beat"])
def test_the_arguments_of_each_service_can_be_asked_for(capsys, monkeypatch, service):
    for name in config.variables():
        monkeypatch.delenv(name, raising=False)
    for name, value in MINIMAL.items():
        monkeypatch.setenv(name, value)
    assert config.main([service]) == 0
    arguments = config.ARGUMENTS[service](config.load_settings(MINIMAL))
    assert capsys.readouterr() == ("\n".join([*arguments, ""]), "")


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["web", "worker"]])
def test_anything_else_is_told_how_to_ask(capsys, arguments):
    assert config.main(arguments) == 2
    assert capsys.readouterr() == ("", "usage: python -m config web|worker|beat\n")


def test_the_command_line_spells_out_what_the_bound_depends_on():
    line = config.gunicorn_arguments(config.load_settings({**MINIMAL, "GUNICORN_TIMEOUT": "30"}))
    assert {"--timeout=30", "--workers=4", "--worker-class=sync", "--threads=1", "--no-control-socket"} <= set(line)
    assert sum(argument.startswith("--bind") for argument in line) == 1


def test_ps_shows_the_timeout_of_a_started_master_and_its_workers():
    settings = config.load_settings(
        {**MINIMAL, "GUNICORN_TIMEOUT": "37", "GUNICORN_WORKERS": "2", "WEB_BIND": "127.0.0.1:0"}
    )
    command = [str(Path(sys.executable).parent / "gunicorn"), *config.gunicorn_arguments(settings), "app:create_app()"]
    master = subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        lines = shown_by_ps(master.pid, processes=3)
    finally:
        master.send_signal(signal.SIGTERM)
        master.wait(30)
    assert len(lines) == 3
    assert all(" --timeout=37 " in line and " --workers=2 " in line for line in lines)


def shown_by_ps(master, processes):
    for _ in range(200):
        output = subprocess.run(
            ["ps", "-eo", "pid,ppid,args", "-ww"], capture_output=True, text=True, check=True
        ).stdout
        lines = [line for line in output.splitlines() if str(master) in line.split()[:2]]
        if len(lines) == processes:
            return lines
        time.sleep(0.1)
    return lines


def documented(text):
    """Group -> keys, of a file in the form of .env.example; a key that is commented out counts."""
    groups, group = {}, ""
    for line in text.splitlines():
        heading = re.match(r"# (app|harness|compose)\b.*", line)
        if heading:
            group = heading[1]
        key = re.match(r"(?:# )?([A-Z][A-Z0-9_]*)=\S", line)
        if key:
            groups.setdefault(group, []).append(key[1])
    return groups


def differences(found, expected):
    return {"missing": sorted(set(expected) - set(found)), "unknown": sorted(set(found) - set(expected))}


NONE = {"missing": [], "unknown": []}


def test_the_example_environment_has_the_apps_keys_and_the_harness_keys_in_groups_of_their_own():
    groups = documented((ROOT / ".env.example").read_text())
    assert set(groups) == {"app", "compose", "harness"}
    assert differences(groups["app"], config.variables()) == NONE
    assert differences(groups["harness"], config.variables(config.HarnessSettings)) == NONE
    assert len(groups["app"]) == len(set(groups["app"]))


def test_the_example_environment_can_be_used_as_it_is():
    lines = (ROOT / ".env.example").read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    settings = config.load_settings(values)
    defaults = config.load_settings({"DATABASE_URL": MINIMAL["DATABASE_URL"], "OPENPHONE_API_KEY": "key"})
    differing = {name for name in type(settings).model_fields if getattr(settings, name) != getattr(defaults, name)}
    assert differing <= {"database_url", "openphone_api_key"}


def test_the_example_environment_can_be_loaded_into_a_shell_as_it_says():
    [load] = re.findall(r"set -a; \. \./\.env; set \+a", (ROOT / ".env.example").read_text())
    script = f"{load.replace('.env', '.env.example')}; exec {sys.executable} -m config web"
    inherited = {key: value for key, value in os.environ.items() if key not in config.variables()}
    done = subprocess.run(["sh", "-c", script], cwd=ROOT, env=inherited, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "--timeout=300" in done.stdout.splitlines()
