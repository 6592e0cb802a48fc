import pytest

import config
from loadtest.errors import UsageError
from loadtest.stack.environment import app_environment, caller_settings, check, free_settings


def test_settings_of_the_caller_do_not_reach_the_app_unless_they_are_asked_for(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://production")
    monkeypatch.setenv("GUNICORN_TIMEOUT", "30")
    env = app_environment({"GUNICORN_TIMEOUT": "60"})
    assert env["GUNICORN_TIMEOUT"] == "60"
    assert set(config.variables()) & set(env) == {"GUNICORN_TIMEOUT"}


def test_the_rest_of_the_environment_reaches_the_app_but_for_proxies(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://proxy:3128")
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    monkeypatch.setenv("SSL_CERT_FILE", "/etc/ca.pem")
    env = app_environment({})
    assert "HTTP_PROXY" not in env
    assert "https_proxy" not in env
    assert env["SSL_CERT_FILE"] == "/etc/ca.pem"


def test_only_the_settings_of_the_app_are_taken_from_the_caller():
    assert caller_settings({"GUNICORN_WORKERS": "2", "PATH": "/bin", "TIMEOUTLAB_HOME": "/x"}) == {
        "GUNICORN_WORKERS": "2"
    }


def test_what_a_recording_may_hold_is_no_secret(monkeypatch):
    monkeypatch.setenv("OPENPHONE_API_KEY", "secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@production/crm")
    monkeypatch.setenv("GUNICORN_WORKERS", "2")
    found = free_settings()
    assert found["GUNICORN_WORKERS"] == "2"
    assert "secret" not in str(found)


@pytest.mark.parametrize("value", ["abc", "300s", "-1", ""])
def test_a_bad_setting_is_a_usage_error_that_names_variable_and_value(value):
    with pytest.raises(UsageError, match=f"GUNICORN_TIMEOUT={value!r}"):
        check({"DATABASE_URL": "postgresql://db", "OPENPHONE_SYNC": "off", "GUNICORN_TIMEOUT": value})


def test_gunicorn_cmd_args_are_refused(monkeypatch):
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--timeout=5")
    with pytest.raises(UsageError, match="GUNICORN_CMD_ARGS"):
        check({"DATABASE_URL": "postgresql://db", "OPENPHONE_SYNC": "off"})
