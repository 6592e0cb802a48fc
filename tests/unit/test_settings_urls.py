import subprocess
import sys

import pytest
from sqlalchemy import make_url

import config
from app.storage.engine import driver_url, make_engine

MINIMAL = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "OPENPHONE_SYNC": "off"}
BAD = [
    ("DATABASE_URL", "postgresql://ada:hunter2@host:abc/db"),
    ("DATABASE_URL", "postgresql://ada:hunter2@host:65536/db"),
    ("DATABASE_URL", "postgresql://ada:hunter2@host:-1/db"),
    ("DATABASE_URL", "postgresql://ada:hunter2@host:/db"),
    ("DATABASE_URL", "postgresql://ada:hunter2@one:5432,two:5432/db"),
    ("DATABASE_URL", "postgresql://ada:hunter2@[::1/db"),
    ("DATABASE_URL", "postgresql://ada:hunter2@host/db?nonsense=1"),
    ("DATABASE_URL", "postgresql://ada@host/db?password=hunter2&nonsense=1"),
    ("DATABASE_URL", "postgresql://ada:hunter2@host/db?ssl=true"),
    ("DATABASE_URL", "postgresql://ada:hunter2@host/db?host=/run&port=abc"),
    ("REDIS_URL", "redis://:hunter2@host:abc/0"),
    ("REDIS_URL", "redis://:hunter2@host:65536/0"),
    ("REDIS_URL", "redis://:hunter2@host/first"),
    ("REDIS_URL", "redis://:hunter2@host?nonsense=1"),
    ("REDIS_URL", "rediss://:hunter2@host?ssl_cert_reqs=sometimes"),
    ("REDIS_URL", "unix://:hunter2@/run/redis.sock?db=first"),
    ("OPENPHONE_BASE_URL", "https://host:abc"),
    ("OPENPHONE_BASE_URL", "https://host:65536/"),
    ("OPENPHONE_BASE_URL", "https://host:0"),
    ("OPENPHONE_BASE_URL", "https://:443"),
    ("OPENPHONE_BASE_URL", "https://[::1"),
    ("OPENPHONE_BASE_URL", "https://host?page=1"),
    ("OPENPHONE_BASE_URL", "https://ada:hunter2@host"),
    ("WEB_BIND", "127.0.0.1:65536"),
    ("WEB_BIND", "127.0.0.1:999999999999"),
    ("WEB_BIND", "127.0.0.1:-1"),
    ("WEB_BIND", "127.0.0.1:"),
    ("WEB_BIND", "127.0.0.1"),
    ("WEB_BIND", "127.0.0.1:1,127.0.0.1:2"),
]
GOOD_DATABASES = [
    "postgresql://ada:@/db?host=/run/postgresql",
    "postgresql://ada:secret@host:5432/db?sslmode=require&connect_timeout=3",
    "postgres://ada:pa#ss@host:5432/db",
    "postgresql+psycopg2://ada:p%40ss@[::1]:5432/db",
    "postgresql://ada:pa[s?s@host/db",
    "postgresql://one,two/db",
    "postgresql://host",
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_address_is_refused_in_a_line_that_says_what_is_allowed_and_repeats_no_secret(name, value):
    with pytest.raises(config.ConfigError) as error:
        config.load_settings({**MINIMAL, name: value})
    message = str(error.value)
    assert message.startswith(f"{name}=")
    assert ": must be " in message
    assert "\n" not in message
    assert "hunter2" not in message
    if name not in config.SECRETS and "hunter2" not in value:
        assert repr(value) in message


@pytest.mark.parametrize("value", GOOD_DATABASES)
def test_a_database_address_that_passes_is_one_that_sqlalchemy_makes_a_connection_of(value):
    settings = config.load_settings({**MINIMAL, "DATABASE_URL": value})
    url = make_url(driver_url(settings.database_url))
    _, options = url.get_dialect()().create_connect_args(url)
    assert options


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_URL", "redis://:secret@host:6379/15"),
        ("REDIS_URL", "redis://"),
        ("REDIS_URL", "rediss://host?ssl_cert_reqs=none"),
        ("REDIS_URL", "unix:///run/redis.sock?db=1"),
        ("OPENPHONE_BASE_URL", "http://[::1]:8091"),
        ("OPENPHONE_BASE_URL", "https://host/proxy/"),
        ("WEB_BIND", "0.0.0.0:0"),
        ("WEB_BIND", "localhost:65535"),
    ],
)
def test_an_address_that_can_be_used_passes(name, value):
    settings = config.load_settings({**MINIMAL, name: value})
    assert getattr(settings, name.lower()) == value


def test_no_secret_is_in_the_settings_as_a_log_would_print_them():
    secrets = {
        "DATABASE_URL": "postgresql://ada:hunter2@host/db",
        "REDIS_URL": "redis://:hunter3@host",
        "OPENPHONE_API_KEY": "hunter4",
    }
    assert "hunter" not in repr(config.load_settings({**MINIMAL, **secrets}))


def test_no_parameter_of_a_statement_is_in_a_database_error():
    assert make_engine(config.load_settings(MINIMAL)).hide_parameters


def test_the_harness_reads_its_own_settings_without_the_apps_libraries():
    code = (
        "import config, sys; config.load_harness_settings({'TIMEOUTLAB_HOST': 'http://h'}); "
        "sys.exit(bool({'psycopg2', 'redis', 'phonenumbers'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=config.ROOT, check=False).returncode == 0
