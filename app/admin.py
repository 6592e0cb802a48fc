"""The operator's commands: ``python -m app.admin COMMAND``."""

import argparse
import sys

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app import audit
from app.storage.engine import make_engine
from app.storage.migrate import upgrade
from app.web.auth import create_key
from config import ConfigError, load_settings


def parser() -> argparse.ArgumentParser:
    """The command line."""
    described = argparse.ArgumentParser(prog="python -m app.admin", description="The operator's commands.")
    commands = described.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the database's schema up to date")
    create = commands.add_parser("create-key", help="make an API key and print it, once")
    create.add_argument("name", help="whose key it is, for the audit trail")
    commands.add_parser("list-keys", help="names, times and ids of the keys")
    revoke = commands.add_parser("revoke-key", help="end a key")
    revoke.add_argument("id", help="as list-keys shows it")
    return described


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; 0 done, 1 not found, 2 wrong setting, 4 no database."""
    chosen = parser().parse_args(arguments)
    try:
        engine = make_engine(load_settings())
        if chosen.command == "migrate":
            upgrade(engine)
            return 0
        with engine.begin() as connection:
            if chosen.command == "create-key":
                key_id, key = create_key(connection, chosen.name)
                audit.record(connection, "key.created", str(key_id), api_key_id=None, name=chosen.name)
                print(key)
            elif chosen.command == "list-keys":
                for row in connection.execute(
                    text("SELECT id, created_at, revoked_at, name FROM api_keys ORDER BY created_at")
                ):
                    print(
                        row.id,
                        f"{row.created_at:%Y-%m-%d %H:%M}",
                        "revoked" if row.revoked_at else "in force",
                        row.name,
                    )
            else:
                revoked = connection.execute(
                    text("UPDATE api_keys SET revoked_at = now() WHERE id::text = :id AND revoked_at IS NULL"),
                    {"id": chosen.id},
                )
                if not revoked.rowcount:
                    print(f"revoke-key: no key in force has the id {chosen.id!r}; see list-keys", file=sys.stderr)
                    return 1
                audit.record(connection, "key.revoked", chosen.id, api_key_id=None)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    except OperationalError as error:
        print(f"DATABASE_URL: PostgreSQL does not answer: {str(error.orig).strip()}", file=sys.stderr)
        return 4
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
