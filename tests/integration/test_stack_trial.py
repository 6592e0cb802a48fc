from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import redis
import requests

from loadtest.errors import HarnessError, StackDied, StartError, UsageError
from loadtest.stack.databases import query_rows
from loadtest.stack.openphone import get_account


def databases(stack):
    return {name for (name,) in stack.sql("SELECT datname FROM pg_database")}


def imports(trial, key):
    return requests.get(f"{trial.url}/api/imports", headers={"Authorization": f"Bearer {key}"}, timeout=10)


@pytest.fixture(scope="module")
def pair(stack):
    with ThreadPoolExecutor(2) as pool, ExitStack() as opened:
        envs = {"GUNICORN_WORKERS": "1"}, {"GUNICORN_WORKERS": "2", "GUNICORN_TIMEOUT": "45"}
        yield [opened.enter_context(trial) for trial in pool.map(lambda env: stack.trial("test", env), envs)]


def test_trials_side_by_side_have_their_own_web_database_account_and_prefix(stack, pair):
    one, two = pair
    for name in ("DATABASE_URL", "REDIS_PREFIX", "OPENPHONE_API_KEY", "WEB_BIND"):
        assert one.env[name] != two.env[name]
    assert one.name != two.name
    assert one.url != two.url

    assert imports(one, one.api_key).json()["imports"] == []
    assert imports(one, "nobody's").status_code == 401
    assert one.sql("SELECT count(*) FROM contacts") == [(0,)]

    assert [each.kind for each in one.ps()] == ["master", "worker"]
    assert [each.kind for each in two.ps()] == ["master", "worker", "worker"]
    assert all("--timeout=45" in each.args and "--workers=2" in each.args for each in two.ps())
    assert "GET /api/imports" in one.logs()
    assert "GET /api/imports" not in two.logs()
    assert {"web:test", "db"} <= {name.rstrip("-0123456789") for name in stack.stats()}


def test_a_trial_keeps_address_and_data_over_a_restart_and_leaves_only_its_log_when_stopped(stack, pair):
    trial = pair[0]
    database, url = trial.sql("SELECT current_database()")[0][0], trial.url
    trial.sql("CREATE TABLE kept AS SELECT 7 AS n")
    trial.restart({"GUNICORN_TIMEOUT": "60"})
    assert trial.url == url
    assert "--timeout=60 --workers=1" in trial.ps()[0].args
    assert trial.sql("SELECT n FROM kept") == [(7,)]
    assert imports(trial, trial.api_key).status_code == 200

    with redis.Redis.from_url(stack.url("redis")) as client:
        client.set(f"{trial.env['REDIS_PREFIX']}pace", "1")
        trial.stop()
        assert client.keys(f"{trial.env['REDIS_PREFIX']}*") == []
    assert database not in databases(stack)
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=10)
    with pytest.raises(HarnessError, match="404"):
        get_account(stack.url("openphone"), trial.openphone_key, "counters")
    with pytest.raises(StackDied):
        trial.ps()
    assert "Listening at" in trial.logs()
    trial.stop()


def test_a_bad_setting_or_profile_is_a_usage_error_and_leaves_nothing(stack):
    before = databases(stack), set(stack.stats())
    with pytest.raises(UsageError, match="GUNICORN_TIMEOUT='300s'"):
        stack.trial("bad", {"GUNICORN_TIMEOUT": "300s"})
    with pytest.raises(UsageError, match="latency"):
        stack.trial("bad", profile={"latency": {"kind": "fixed", "ms": -1}})
    assert (databases(stack), set(stack.stats())) == before


def test_a_web_that_cannot_start_is_a_start_error_with_its_own_words(stack):
    with pytest.raises(StartError, match="web:lost ended before it was ready") as error:
        stack.trial("lost", {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "DATABASE_WAIT_SECONDS": "1"})
    assert "DATABASE_URL" in str(error.value)
    assert stack.alive() == []


def test_a_database_of_its_own_has_the_schema_and_nobody_at_it_and_goes_with_its_block(stack):
    with stack.database("own") as url, stack.database("own") as other:
        assert url != other
        assert query_rows(url, "SELECT count(*) FROM contacts") == [(0,)]
        name = url.rpartition("/")[2]
        assert stack.sql("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", (name,)) == [(0,)]
    assert name not in databases(stack)
