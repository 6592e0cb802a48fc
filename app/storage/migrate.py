"""Brings the database's schema up to date; several starts at once do it once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

# The statement timeout is a request's; a migration, and the wait for another start's, may take longer.
UNBOUNDED = "SET statement_timeout = 0"
UNBOUNDED_HERE = "SET LOCAL statement_timeout = 0"
LOCK = "SELECT pg_advisory_lock(hashtext('timeoutlab migrations'))"


def alembic_config() -> Config:
    """Alembic's configuration, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(engine: Engine) -> None:
    """Applies what is missing. A second caller waits for the first, then finds nothing to do."""
    with engine.connect() as lock:
        lock.execution_options(isolation_level="AUTOCOMMIT")
        lock.execute(text(UNBOUNDED))
        lock.execute(text(LOCK))
        # Dropped with the connection, so that the lock goes whatever happens.
        lock.detach()
        config = alembic_config()
        with engine.begin() as connection:
            connection.execute(text(UNBOUNDED_HERE))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def is_current(connection: Connection) -> bool:
    """Whether the schema is the one this code was written for."""
    heads = set(ScriptDirectory.from_config(alembic_config()).get_heads())
    return set(MigrationContext.configure(connection).get_current_heads()) == heads
