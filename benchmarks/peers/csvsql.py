"""csvkit's csvsql --insert."""

from pathlib import Path

from app.storage.engine import driver_url

DESCRIPTION = "csvkit's csvsql --insert"
LACKS = ("validation", "duplicates", "update", "outbox and list", "resume")
ROWS = 50_000
REQUIRES = "csvkit"


def load(url: str, path: Path) -> None:
    """Raises SQLAlchemyError."""
    from csvkit.utilities.csvsql import CSVSQL

    options = ["--insert", "--no-create", "--no-inference", "--tables", "contacts", "--db", driver_url(url)]
    CSVSQL([*options, str(path)]).run()
