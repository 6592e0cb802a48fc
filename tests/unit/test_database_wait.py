import socket
import struct
import threading
from contextlib import closing

import psycopg2
import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError, OperationalError

from app.storage.wait import GaveUp, Wait, why_to_wait

REFUSED = (
    'connection to server at "db" (10.0.0.1), port 5432 failed: Connection refused\n'
    "\tIs the server running on that host and accepting TCP/IP connections?\n"
)


def failed(message):
    return OperationalError("", {}, psycopg2.OperationalError(message))


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (REFUSED, "Connection refused"),
        (REFUSED + REFUSED.replace("Connection refused", "No route to host"), "Connection refused"),
        (
            'could not translate host name "db" to address: Name or service not known\n',
            'could not translate host name "db" to address: Name or service not known',
        ),
        ('connection to server at "db" (10.0.0.1), port 5432 failed: timeout expired\n', "timeout expired"),
        (
            'connection to server on socket "/run/.s.PGSQL.5432" failed: No such file or directory\n'
            "\tIs the server running locally and accepting connections on that socket?\n",
            "No such file or directory",
        ),
        (
            'connection to server at "db" (10.0.0.1), port 5432 failed: FATAL:  the database system is starting up\n',
            "the database system is starting up",
        ),
    ],
)
def test_where_nobody_answers_yet_there_is_a_reason_to_wait(message, reason):
    assert why_to_wait(failed(message)) == reason


@pytest.mark.parametrize(
    "message",
    [
        'connection to server at "db", port 5432 failed: FATAL:  password authentication failed for user "ada"\n',
        'connection to server at "db", port 5432 failed: FATAL:  database "none" does not exist\n',
        # two hosts
        REFUSED
        + 'connection to server at "b", port 5432 failed: FATAL:  password authentication failed for user "a"\n',
        'connection to server at "db", port 5432 failed: server does not support SSL, but SSL was required\n',
        'root certificate file "/nowhere" does not exist\n',
        'connection to server at "db", port 5432 failed: could not load private key file: No such file or directory\n',
        "canceling statement due to statement timeout",
    ],
)
def test_what_waiting_will_not_mend_is_no_reason(message):
    assert why_to_wait(failed(message)) is None


def refusing(server, sqlstate, message):
    """Answers the first connection as PostgreSQL does one that it does not take."""
    with closing(server.accept()[0]) as client:
        client.recv(4096)
        fields = b"".join(
            kind + value.encode() + b"\0" for kind, value in ((b"S", "FATAL"), (b"C", sqlstate), (b"M", message))
        )
        client.sendall(b"E" + struct.pack("!i", len(fields) + 5) + fields + b"\0")


def connection_error(sqlstate, message):
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        answering = threading.Thread(target=refusing, args=(server, sqlstate, message))
        answering.start()
        url = f"postgresql+psycopg2://ada:hunter2@127.0.0.1:{server.getsockname()[1]}/x?sslmode=disable"
        with pytest.raises(DBAPIError) as error:
            create_engine(url).connect()
        answering.join()
    return error.value


@pytest.mark.parametrize("state", ["starting up", "shutting down", "not yet accepting connections", "in recovery mode"])
def test_a_database_that_takes_no_connections_yet_is_waited_for(state):
    assert (
        why_to_wait(connection_error("57P03", f"the database system is {state}")) == f"the database system is {state}"
    )


def test_a_database_that_is_full_is_not_waited_for():
    assert why_to_wait(connection_error("53300", "sorry, too many clients already")) is None


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("postgresql://ada:hunter2@db/x", "db:5432"),
        ("postgres://ada:hunter2@db:6000/x", "db:6000"),
        ("postgresql+psycopg2://a@one:1,two:2/x", "one:1,two:2"),
        ("postgresql:///x?host=/run/postgresql", "/run/postgresql:5432"),
        ("postgresql:///x", "localhost:5432"),
        ("postgresql://a@one,two/x?port=6000", "one:6000,two:6000"),
    ],
)
def test_where_it_waits_is_said_without_the_password(url, where):
    assert Wait(url, 1, print).where == where


class Late:
    """Work that finds nobody there *times* times."""

    def __init__(self, times, message=REFUSED):
        self.left, self.message, self.done = times, message, False

    def __call__(self):
        if self.left:
            self.left -= 1
            raise failed(self.message)
        self.done = True


def test_the_wait_ends_when_the_work_is_done():
    said = []
    work = Late(2)
    Wait("postgresql://ada:hunter2@db/x", 30, said.append).until(work)
    assert work.done
    assert said == ["waiting for PostgreSQL at db:5432, up to 30 s: Connection refused"]


def test_nothing_is_said_where_nothing_is_waited_for():
    said = []
    Wait("postgresql://db/x", 30, said.append).until(Late(0))
    assert said == []


def test_no_time_to_wait_is_no_wait():
    with pytest.raises(OperationalError):
        Wait("postgresql://db/x", 0, print).until(Late(1))


def test_the_end_of_patience_says_for_how_long_and_what_to_do():
    with pytest.raises(
        GaveUp, match=r"waited 1 s for PostgreSQL at db:5432: Connection refused\. Start it, or correct"
    ):
        Wait("postgresql://ada:hunter2@db/x", 1, [].append).until(Late(1000))
