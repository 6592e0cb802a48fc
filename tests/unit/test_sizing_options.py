import pytest

import config
from loadtest.errors import HarnessError, UsageError
from loadtest.report.output import save
from loadtest.sizing import options
from loadtest.sizing import profile as profiles
from loadtest.sizing.trials import ASSUMED, Trials
from loadtest.stack import machine


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    for name in config.variables():
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(("asked", "env", "number"), [(None, None, 4), (None, "8", 8), (6, "8", 6), (2, None, 2)])
def test_the_workers_that_are_reported_are_those_that_run(monkeypatch, asked, env, number):
    if env:
        monkeypatch.setenv("GUNICORN_WORKERS", env)
    assert options.workers(asked) == number


def test_one_worker_could_not_tell_of_an_import_while_it_runs(monkeypatch):
    monkeypatch.setenv("GUNICORN_WORKERS", "1")
    with pytest.raises(UsageError, match="GUNICORN_WORKERS=1: must be 2 or more"):
        options.workers(None)


def test_what_the_callers_environment_adds_to_a_trial_is_told_and_no_secret_of_it(monkeypatch):
    monkeypatch.setenv("IMPORT_CHUNK_ROWS", "50")
    decided = ("GUNICORN_TIMEOUT", "GUNICORN_WORKERS", "LOG_LEVEL", "OPENPHONE_SYNC")
    for name in (*decided, "OPENPHONE_API_KEY", "DATABASE_URL"):
        monkeypatch.setenv(name, "secret")
    assert options.passed_on() == {"IMPORT_CHUNK_ROWS": "50"}


class Stack:
    def trial(self, name, env, profile):
        return name, env, profile


def opened(tmp_path, text, rows=10, timeout=60.0):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return Trials(Stack(), tmp_path, "contacts", 2).open("mine", profiles.load(str(path)), rows, timeout, 7)


def test_a_trial_runs_under_its_timeout_and_what_its_profile_takes_for_granted(tmp_path):
    name, env, mock = opened(tmp_path, "[mock]\nlimit = { per_second = 0 }\n[env]\n")
    assert name == "mine"
    without_worker = {"IMPORT_WORKER": "off", "IMPORT_HANDOFF": "off", "IMPORT_AUTO_RESUME": "off"}
    workers = {"GUNICORN_TIMEOUT": "60", "GUNICORN_WORKERS": "2"}
    assert env == {**ASSUMED, **without_worker, **workers, "LOG_LEVEL": "info"}
    assert (mock["seed"], mock["limit"]) == (7, {"per_second": 0})
    config.load_settings({**env, "DATABASE_URL": "postgresql://db", "OPENPHONE_API_KEY": "key"})


def test_what_a_profile_says_counts_but_never_against_the_log_that_kills_are_timed_from(tmp_path):
    text = "[env]\nOPENPHONE_SYNC = 'off'\nLOG_LEVEL = 'error'\nAPI_RATE_PER_MINUTE = '7'\n"
    env = opened(tmp_path, text)[1]
    assert (env["OPENPHONE_SYNC"], env["LOG_LEVEL"], env["API_RATE_PER_MINUTE"]) == ("off", "info", "7")


def test_the_machine_is_told_with_its_load_before_the_run():
    told = machine.describe()
    assert list(told) == ["processor", "cores", "memory_gib", "python", "kernel", "load_before"]
    assert told["processor"]
    assert told["cores"] >= 1
    assert told["memory_gib"] > 0.1


def test_a_result_that_cannot_be_written_after_all_is_one_line(tmp_path):
    with pytest.raises(HarnessError, match=r"gone/out\.json: could not be written: No such file or directory"):
        save(tmp_path / "gone" / "out.json", lambda path: path.write_text("{}"))
    save(None, lambda path: path.write_text("{}"))
