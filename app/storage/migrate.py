"""Brings the database's schema up to date; several starts at once do it once."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg2.errorcodes import LOCK_NOT_AVAILABLE
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from app.storage.revision import is_current

if TYPE_CHECKING:
    from alembic.config import Config

# The statement timeout is a request's; a migration, and the wait for another start's, may take longer.
UNBOUNDED = "SET statement_timeout = 0"
UNBOUNDED_HERE = "SET LOCAL statement_timeout = 0"
LOCK = "SELECT pg_advisory_lock(hashtext('timeoutlab migrations'))"
HOLDER = """
SELECT coalesce(string_agg(format('backend %s since %s', pid, backend_start::timestamptz(0)), ', '), 'already gone')
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND objsubid = 1
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND objid::bigint = hashtext('timeoutlab migrations')::bigint & 4294967295
"""
# Most migrations are over before a word about them would help.
QUIET_SECONDS = 2
SAY_SECONDS = 10


class MigrationError(Exception):
    """The schema can't be migrated; the message says why."""


def alembic_config() -> "Config":
    """Alembic's configuration, without an ini file."""
    from alembic.config import Config  # noqa: PLC0415 - only where there is something to migrate

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(engine: Engine, say: Callable[[str], None] = lambda _: None) -> None:
    """Applies what is missing. A second caller waits for the first, then finds nothing to do.

    That wait has no end of its own, as a migration has none: *say* gets a line every 10 seconds of it. Raises
    MigrationError.
    """
    with engine.connect() as connection:
        if is_current(connection):
            return
    with engine.connect() as lock:
        lock.execution_options(isolation_level="AUTOCOMMIT")
        lock.execute(text(UNBOUNDED))
        _wait_for(lock, say)
        # Dropped with the connection, so that the lock goes whatever happens.
        lock.detach()
        with engine.begin() as connection:
            connection.execute(text(UNBOUNDED_HERE))
            _apply(connection)


def _apply(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = alembic_config()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise MigrationError(f"the schema can't be migrated, it may be newer than this code: {error}") from error


def _wait_for(lock: Connection, say: Callable[[str], None]) -> None:
    waited = 0
    while True:
        patience = SAY_SECONDS if waited else QUIET_SECONDS
        lock.execute(text(f"SET lock_timeout = '{patience}s'"))
        try:
            lock.execute(text(LOCK))
        except OperationalError as error:
            if getattr(error.orig, "pgcode", None) != LOCK_NOT_AVAILABLE:
                raise
        else:
            return
        waited += patience
        holder = lock.scalar(text(HOLDER))
        say(f"waiting for another start to migrate the database, {waited} s so far; its lock is held by {holder}")
