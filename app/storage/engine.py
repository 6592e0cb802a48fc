"""The connection pool."""

from typing import Any

from sqlalchemy import Engine, create_engine

from config import Settings


def make_engine(settings: Settings) -> Engine:
    """An engine on DATABASE_URL with the options of ``config.SQLALCHEMY_ENGINE_OPTIONS``."""
    return create_engine(driver_url(settings.database_url), **settings.engine_options)


def driver_url(url: str) -> str:
    """*url* naming psycopg2: SQLAlchemy 2.1 takes psycopg 3 where a URL names no driver, and 'postgres:' not at all."""
    return "postgresql+psycopg2:" + url.partition(":")[2]


def raw_cursor(connection: Any) -> Any:
    """The psycopg2 cursor below a SQLAlchemy connection, in its transaction: for COPY."""
    return connection.connection.dbapi_connection.cursor()
