"""The connection pool."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import psycopg2
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError

from config import Settings


def make_engine(settings: Settings) -> Engine:
    """An engine on DATABASE_URL with the options of ``config.SQLALCHEMY_ENGINE_OPTIONS``."""
    # Parameters are people's names and numbers: nothing for a log or an error message.
    return create_engine(driver_url(settings.database_url), hide_parameters=True, **settings.engine_options)


def driver_url(url: str) -> str:
    """*url* naming psycopg2: SQLAlchemy 2.1 takes psycopg 3 where a URL names no driver, and 'postgres:' not at all."""
    return "postgresql+psycopg2:" + url.partition(":")[2]


def transaction(connection: Connection) -> AbstractContextManager[Any]:
    """A transaction of its own, or the one that is open: what is one step of many may also be part of one."""
    return nullcontext() if connection.in_transaction() else connection.begin()


@contextmanager
def raw_cursor(connection: Connection) -> Iterator[Any]:
    """The psycopg2 cursor below a SQLAlchemy connection, in its transaction: for COPY.

    What it raises is raised as SQLAlchemy would: a caller need not know which of the two a statement went through.
    """
    dbapi_connection: Any = connection.connection.dbapi_connection
    with dbapi_connection.cursor() as cursor:
        try:
            yield cursor
        except psycopg2.Error as error:
            raise DBAPIError.instance("COPY", None, error, psycopg2.Error) from error
