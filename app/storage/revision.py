"""Which schema the code wants, and which a database has. Without Alembic, whose import takes a start half a second."""

from pathlib import Path

from sqlalchemy import Connection, text

VERSIONS = Path(__file__).with_name("migrations") / "versions"
# Revisions are numbered, in the names of their files, too.
WANTED = max(path.stem.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))


def is_current(connection: Connection) -> bool:
    """Whether the schema is the one this code was written for."""
    if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return False
    return list(connection.scalars(text("SELECT version_num FROM alembic_version"))) == [WANTED]
