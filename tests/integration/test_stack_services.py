import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis
import requests

from loadtest.errors import StackDied, StartError, UsageError
from loadtest.stack import pgfiles
from loadtest.stack.leftovers import all_runs, sweep
from loadtest.stack.local import LocalStack
from loadtest.stack.postgres import Postgres
from loadtest.stack.runs import MARK, Run
from loadtest.stack.tree import gone, marked


def test_postgresql_keeps_its_durable_defaults_and_takes_a_dozen_trials(stack):
    (version,) = stack.sql("SELECT current_setting('server_version_num')::int")[0]
    assert version // 10_000 == 18
    durable = "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')"
    assert {setting for _, setting in stack.sql(durable)} == {"on"}
    assert int(stack.sql("SHOW max_connections")[0][0]) >= 200


def test_the_database_wants_its_password(stack):
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(stack.url("db"), password="wrong")


def test_sql_takes_parameters_and_commits(stack):
    stack.sql("CREATE TABLE kept (n int)")
    assert stack.sql("INSERT INTO kept VALUES (%s), (%s)", (1, 2)) == []
    assert stack.sql("SELECT n FROM kept WHERE n > %(least)s", {"least": 1}) == [(2,)]
    stack.sql("DROP TABLE kept")


def test_redis_and_the_mock_answer_where_their_urls_say(stack):
    with redis.Redis.from_url(stack.url("redis")) as client:
        assert client.ping()
    assert requests.get(f"{stack.url('openphone')}/_mock/health", timeout=10).status_code == 200


def test_every_service_has_processes_a_log_and_figures(stack):
    assert stack.ps("db")[0].kind == "master"
    assert "ready to accept connections" in stack.logs("db")
    assert set(stack.stats()) >= {"db", "redis", "openphone"}
    assert all(used.rss_bytes > 0 and used.processes > 0 for used in stack.stats().values())


def test_a_service_that_does_not_exist_is_a_usage_error_that_names_those_that_do(stack):
    with pytest.raises(UsageError, match=r"no service 'mysql'; there are: db, redis, openphone"):
        stack.logs("mysql")


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    with LocalStack(tmp_path_factory.mktemp("home")) as running:
        running.start(web=False)
        yield running


def test_db_keeps_its_data_over_a_restart(own):
    own.sql("CREATE TABLE kept AS SELECT 7 AS n")
    own.restart("db", {})
    assert own.sql("SELECT n FROM kept") == [(7,)]


def test_a_service_that_dies_half_way_is_named_with_the_end_of_its_log_and_can_be_started_again(own):
    own.check()
    os.kill(own.ps("redis")[0].pid, signal.SIGKILL)
    while not own.alive():
        pass
    assert own.alive() == ["redis"]
    with pytest.raises(StackDied) as died:
        own.check()
    assert str(died.value).startswith("redis ended half way; the end of ")
    assert "Ready to accept connections" in str(died.value)
    own.restart("redis", {})
    assert own.alive() == []


def test_stop_leaves_no_process_and_no_data(tmp_path):
    with LocalStack(tmp_path) as own:
        own.start(web=False)
        left = [psutil.Process(each.pid) for name in ("db", "redis", "openphone") for each in own.ps(name)]
        place = Path(left[0].cwd())
        assert place.exists()
    assert all(gone(each) for each in left)
    assert not place.exists()
    with pytest.raises(StackDied, match="the stack is not running"):
        own.sql("SELECT 1")


def test_a_harness_that_is_killed_leaves_nothing_for_long(tmp_path):
    code = (
        "import sys, time, pathlib; from loadtest.stack.local import LocalStack;"
        "stack = LocalStack(pathlib.Path(sys.argv[1])); stack.start(web=False);"
        "print(*(stack.ps(name)[0].pid for name in ('db', 'redis', 'openphone')), flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as harness:
        left = [psutil.Process(int(pid)) for pid in harness.stdout.readline().split()]
        place = Path(left[0].cwd())
        assert sweep(tmp_path) == [], "the harness still runs"
        harness.send_signal(signal.SIGKILL)
        harness.wait()
    assert len(left) == 3
    assert not any(gone(each) for each in left)
    assert {each.name for each in sweep(tmp_path)} == {"db", "redis", "openphone"}
    assert all(gone(each) for each in left)
    assert not place.exists()


def test_when_one_service_cannot_start_the_others_are_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr("loadtest.stack.openphone.HOST", "192.0.2.1")  # no address of this machine
    with pytest.raises(StartError, match="openphone ended before it was ready") as error:
        LocalStack(tmp_path).start(web=False)
    assert "192.0.2.1" in str(error.value)
    (run,) = all_runs(tmp_path)
    assert [each for each, mark in marked(MARK) if mark == run.mark] == []
    assert (run.owner, run.started, run.scratch) == (None, [], [])


def test_ctrl_c_during_the_start_stops_what_was_started(tmp_path):
    code = (
        "import sys, pathlib; from loadtest.stack.local import LocalStack;"
        "LocalStack(pathlib.Path(sys.argv[1])).start(web=False)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stderr=subprocess.PIPE, text=True) as harness:
        while not any(run.started for run in all_runs(tmp_path)):
            assert harness.poll() is None
        harness.send_signal(signal.SIGINT)
        assert "KeyboardInterrupt" in harness.communicate()[1]
    (run,) = all_runs(tmp_path)
    assert [each for each, mark in marked(MARK) if mark == run.mark] == []
    assert (run.owner, run.started, run.scratch) == (None, [], [])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_postgresql_runs_from_a_checkout_that_only_root_can_enter(tmp_path, monkeypatch):
    passable = pgfiles._open
    monkeypatch.setattr(pgfiles, "_open", lambda path: "site-packages" not in str(path) and passable(path))
    run = Run.create(tmp_path)
    db = Postgres(run)
    try:
        db.start()
        assert db.sql("SELECT 1") == [(1,)]
        assert "site-packages" not in psutil.Process(db.service.pid).exe()
    finally:
        db.stop()
        run.end_all()
