"""The connection pool."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any

import psycopg2
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, PoolResetState

from config import Settings

LOCKED = "may have advisory locks"
# Milliseconds that the next statement may take, asked before each one; the session's default where nothing is set.
statement_limit: ContextVar[Callable[[], int] | None] = ContextVar("statement_limit", default=None)


def make_engine(settings: Settings, options: Mapping[str, Any] | None = None) -> Engine:
    """An engine on DATABASE_URL with *options*, by default those of ``config.SQLALCHEMY_ENGINE_OPTIONS``."""
    # Parameters are people's names and numbers: nothing for a log or an error message.
    engine = create_engine(
        driver_url(settings.database_url), hide_parameters=True, **(options or settings.engine_options)
    )
    event.listen(engine, "before_cursor_execute", _bound)
    event.listen(engine, "reset", _unlock)
    return engine


def _bound(_connection: Connection, cursor: Any, *_: object) -> None:
    """LOCAL: of the open transaction only, so that a connection goes back to the pool as it came."""
    limit = statement_limit.get()
    if limit is not None:
        # By a cursor of its own: one on the server's side takes nothing but a query.
        with cursor.connection.cursor() as plain:
            plain.execute(f"SET LOCAL statement_timeout = {limit()}")


def driver_url(url: str) -> str:
    """*url* naming psycopg2: SQLAlchemy 2.1 takes psycopg 3 where a URL names no driver, and 'postgres:' not at all."""
    return "postgresql+psycopg2:" + url.partition(":")[2]


def transaction(connection: Connection) -> AbstractContextManager[Any]:
    """A transaction of its own, or the one that is open: what is one step of many may also be part of one."""
    return nullcontext() if connection.in_transaction() else connection.begin()


def unlock_on_return(connection: Connection) -> None:
    """For a session that is to take advisory locks: it goes back to the pool without them."""
    connection.info[LOCKED] = True


def _unlock(session: Any, record: ConnectionPoolEntry | None, _state: PoolResetState) -> None:
    """Whichever way it comes back, forgotten ones included; the pool ends a session of which an error is raised here.

    Ending each would do, but a new one takes some 20 ms of CPU until it knows the tables as this one does. One without
    *record* was taken out of the pool, and ends anyway.
    """
    if record and record.info.pop(LOCKED, False):
        session.rollback()
        with session.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
        session.rollback()  # which brings no lock of a session back


@contextmanager
def raw_cursor(connection: Connection) -> Iterator[Any]:
    """The psycopg2 cursor below a SQLAlchemy connection, in its transaction: for COPY.

    What it raises is raised as SQLAlchemy would: a caller need not know which of the two a statement went through.
    """
    dbapi_connection: Any = connection.connection.dbapi_connection
    with dbapi_connection.cursor() as cursor:
        try:
            _bound(connection, cursor)
            yield cursor
        except psycopg2.Error as error:
            raise DBAPIError.instance("COPY", None, error, psycopg2.Error) from error
