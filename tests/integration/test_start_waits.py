"""A start beside a database that is not there yet."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, suppress

import psycopg2
import pytest
from importing import until

import config
from loadtest.stack.ports import HOST
from loadtest.stack.postgres import Postgres

NAME = "start_test"
STARTS = 4


@pytest.fixture
def empty(stack):
    stack.sql(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)", database="postgres")
    stack.sql(f"CREATE DATABASE {NAME}", database="postgres")
    yield f"{stack.url('db').rpartition('/')[0]}/{NAME}"
    stack.sql(f"DROP DATABASE {NAME} WITH (FORCE)", database="postgres")


@pytest.fixture
def closed_port():
    """A port that nobody else is given, and nobody listens on."""
    with closing(socket.socket()) as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((HOST, 0))
        yield held.getsockname()[1]


@pytest.fixture
def start():
    """``start(url, command)``: a process with that DATABASE_URL, ended after the test."""
    started = []

    def begin(url, command=(sys.executable, "-m", "app.admin", "migrate"), **env):
        inherited = {name: value for name, value in os.environ.items() if name not in config.variables()}
        env = {**inherited, "VIRTUAL_ENV": sys.prefix, "DATABASE_URL": url, "OPENPHONE_SYNC": "off", **env}
        process = subprocess.Popen(
            command, cwd=config.ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield begin
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def ended(process, seconds=30):
    """Exit code, lines of stderr."""
    out, err = process.communicate(timeout=seconds)
    assert out == ""
    return process.returncode, err.splitlines()


def at(port):
    return f"postgresql://ada:hunter2@{HOST}:{port}/none"


@pytest.fixture
def late(stack):
    """A PostgreSQL of the test's own that is stopped."""
    server = Postgres(stack.run)
    server.name = "db-late"
    server.start()
    server.service.stop()
    yield server
    server.stop()


def test_a_start_before_the_database_waits_for_it_and_migrates_it(late, start):
    process = start(late.url())
    first = process.stderr.readline()
    assert first == f"migrate: waiting for PostgreSQL at {HOST}:{late.port}, up to 60 s: Connection refused\n"
    assert process.poll() is None
    late.service.start(late.answers)
    assert ended(process) == (0, [])
    assert late.sql("SELECT count(*) FROM alembic_version") == [(1,)]


def test_a_start_gives_up_after_the_time_that_is_set_and_says_what_to_do(closed_port, start):
    began = time.monotonic()
    code, lines = ended(start(at(closed_port), DATABASE_WAIT_SECONDS="2"))
    assert 2 <= time.monotonic() - began < 10
    assert code == 4
    assert lines == [
        f"migrate: waiting for PostgreSQL at {HOST}:{closed_port}, up to 2 s: Connection refused",
        f"migrate: waited 2 s for PostgreSQL at {HOST}:{closed_port}: Connection refused. Start it, or correct"
        " DATABASE_URL; DATABASE_WAIT_SECONDS is how long a start waits",
    ]


def test_a_long_wait_is_told_of_every_ten_seconds(closed_port, start):
    code, lines = ended(start(at(closed_port), DATABASE_WAIT_SECONDS="11"))
    assert code == 4
    assert len(lines) == 3
    assert re.fullmatch(rf"migrate: still waiting for .*:{closed_port}, 10 of 11 s: Connection refused", lines[1])


def test_a_host_that_is_not_known_yet_is_waited_for(start):
    code, lines = ended(start("postgresql://ada:hunter2@db.invalid/none", DATABASE_WAIT_SECONDS="1"))
    assert code == 4
    assert lines[0].startswith("migrate: waiting for PostgreSQL at db.invalid:5432, up to 1 s: could not translate")
    assert "hunter2" not in "".join(lines)


@pytest.mark.parametrize("no_wait", [("create-key", "Ada"), ("list-keys",)])
def test_only_a_migration_waits(closed_port, start, no_wait):
    code, [line] = ended(start(at(closed_port), (sys.executable, "-m", "app.admin", *no_wait)))
    assert code == 4
    assert line.startswith(f"{no_wait[0]}: DATABASE_URL: no connection to PostgreSQL: ")


@pytest.mark.parametrize(
    ("part", "wrong", "said"),
    [
        (r":[^:@/]*@", ":hunter2@", "password authentication failed"),
        (rf"/{NAME}$", "/no_such_database", 'database "no_such_database" does not exist'),
    ],
)
def test_what_waiting_will_not_mend_ends_a_start_at_once(empty, start, part, wrong, said):
    began = time.monotonic()
    code, [line] = ended(start(re.sub(part, wrong, empty)))
    assert time.monotonic() - began < 10
    assert code == 4
    assert line.startswith("migrate: DATABASE_URL: no connection to PostgreSQL: ")
    assert said in line
    assert "hunter2" not in line


@pytest.mark.parametrize("command", [(sys.executable, "-m", "app.admin", "migrate"), ("./entrypoint.sh", "web")])
def test_a_start_that_waits_ends_at_sigterm_at_once(closed_port, start, command):
    process = start(at(closed_port), command)
    process.stderr.readline()  # it waits
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    code, lines = ended(process)  # returns when all that the start had begun is gone, too: they share its stderr
    assert time.monotonic() - began < 5
    if command[0] == "./entrypoint.sh":
        assert (code, lines) == (143, ["entrypoint.sh: stopped before web was started"])
    else:
        assert (code, lines) == (-signal.SIGTERM, [])


def test_the_entrypoint_says_why_it_ends(closed_port, start):
    code, lines = ended(start(at(closed_port), ("./entrypoint.sh", "web"), DATABASE_WAIT_SECONDS="1"))
    assert code == 4
    assert lines[-1] == (
        "entrypoint.sh: web is not started: `python -m app.admin migrate` ended with exit code 4, see above"
    )
    assert lines[-2].startswith("migrate: waited 1 s for PostgreSQL at ")


def test_starts_at_once_on_an_empty_database_migrate_it_once(stack, empty, start):
    codes, said = zip(*[ended(process, 60) for process in [start(empty) for _ in range(STARTS)]], strict=True)
    assert codes == (0,) * STARTS
    # On a busy machine one may wait for so long that it says so.
    assert all(line.startswith("migrate: waiting for another start") for lines in said for line in lines), said
    assert stack.sql("SELECT count(*) FROM alembic_version", database=NAME) == [(1,)]
    assert stack.sql("SELECT count(*) FROM pg_tables WHERE tablename = 'imports'", database=NAME) == [(1,)]


def test_a_start_that_waits_for_anothers_migration_says_so(empty, start):
    with closing(psycopg2.connect(empty)) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('timeoutlab migrations')), pg_backend_pid()")
        [(_, backend)] = cursor.fetchall()
        process = start(empty)
        said = process.stderr.readline()
    assert (
        f"waiting for another start to migrate the database, 2 s so far; its lock is held by backend {backend} " in said
    )
    assert ended(process) == (0, [])


def test_a_migration_outlives_the_wait_for_the_database(empty, start):
    with closing(psycopg2.connect(empty)) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('timeoutlab migrations'))")
        process = start(empty, DATABASE_WAIT_SECONDS="1")
        process.stderr.readline()  # after two seconds
    assert until(lambda: process.poll() is not None)
    assert process.returncode == 0
