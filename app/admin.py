"""The operator's commands: ``python -m app.admin COMMAND``."""

import argparse
import sys

import psycopg2
from psycopg2.errorcodes import UNDEFINED_COLUMN, UNDEFINED_TABLE
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app import audit, keys
from app.storage.engine import make_engine
from app.storage.migrate import MigrationError, upgrade
from app.storage.wait import GaveUp, Wait
from config import ConfigError, Settings, environment, load_settings


def parser() -> argparse.ArgumentParser:
    """The command line."""
    described = argparse.ArgumentParser(prog="python -m app.admin", description="The operator's commands.")
    commands = described.add_subparsers(dest="command", required=True)
    commands.add_parser(
        "migrate", help="bring the database's schema up to date; waits DATABASE_WAIT_SECONDS for PostgreSQL"
    )
    create = commands.add_parser("create-key", help="make an API key and print it, once")
    create.add_argument("name", type=_printable, help="whose key it is, for the audit trail")
    commands.add_parser("list-keys", help="names, times and ids of the keys")
    revoke = commands.add_parser("revoke-key", help="end a key")
    revoke.add_argument("id", type=_printable, help="as list-keys shows it")
    return described


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; 0 done, 1 not found, 2 wrong setting, 4 the database can't be used, 130 Ctrl-C."""
    chosen = parser().parse_args(arguments)
    try:
        settings = load_settings({**environment(), "OPENPHONE_SYNC": "off"})
        if chosen.command == "migrate":
            return _migrate(settings)
        return _run(chosen, make_engine(settings))
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    except (SQLAlchemyError, MigrationError) as error:
        print(f"{chosen.command}: {_cause(error)}", file=sys.stderr)
        return 4
    except GaveUp as error:
        print(f"{chosen.command}: {error}", file=sys.stderr)
        return 4
    except KeyboardInterrupt:
        return 130


def _migrate(settings: Settings) -> int:
    """The one command that waits: it is the first thing a start does, and the database may start beside it."""

    def say(line: str) -> None:
        print(f"migrate: {line}", file=sys.stderr, flush=True)

    engine = make_engine(settings)
    # Migrations are transactions: what a lost connection cut short can be begun again.
    Wait(settings.database_url, settings.database_wait_seconds, say).until(lambda: upgrade(engine, say))
    return 0


def _run(chosen: argparse.Namespace, engine: Engine) -> int:
    with engine.begin() as connection:
        if chosen.command == "create-key":
            key_id, key = keys.create(connection, chosen.name)
            audit.record(connection, "key.created", str(key_id), api_key_id=None, name=chosen.name)
            print(key)
        elif chosen.command == "list-keys":
            for row in keys.every(connection):
                state = "revoked" if row.revoked_at else "in force"
                print(row.id, f"{row.created_at:%Y-%m-%d %H:%M}", state, row.name)
        elif keys.revoke(connection, chosen.id):
            audit.record(connection, "key.revoked", chosen.id, api_key_id=None)
        else:
            print(f"revoke-key: no key in force has the id {chosen.id!r}; see list-keys", file=sys.stderr)
            return 1
    return 0


def _printable(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise argparse.ArgumentTypeError("it must have printable characters, and only those")
    return text


def _cause(error: SQLAlchemyError | MigrationError) -> str:
    """One line, without the statement."""
    if isinstance(error, MigrationError):
        return str(error)
    if not isinstance(error, DBAPIError) or not isinstance(error.orig, psycopg2.Error):
        return f"the database can't be used: {_line(error)}"
    if error.orig.pgcode is None:
        return f"DATABASE_URL: no connection to PostgreSQL: {_line(error.orig)}"
    if error.orig.pgcode in (UNDEFINED_TABLE, UNDEFINED_COLUMN):
        return "the database lacks this code's tables; run `python -m app.admin migrate` first"
    return f"PostgreSQL refuses: {error.orig.diag.message_primary} (SQLSTATE {error.orig.pgcode})"


def _line(error: BaseException) -> str:
    return "; ".join(line.strip() for line in str(error).strip().splitlines())


if __name__ == "__main__":
    raise SystemExit(main())
