"""pandas: read_csv, then DataFrame.to_sql."""

from pathlib import Path

from sqlalchemy import create_engine

from app.storage.engine import driver_url

DESCRIPTION = "pandas read_csv and to_sql"
LACKS = ("validation", "duplicates", "update", "outbox and list", "resume")
ROWS = 50_000
REQUIRES = "pandas"


def load(url: str, path: Path) -> None:
    """Raises SQLAlchemyError."""
    import pandas

    frame = pandas.read_csv(path, dtype=str)
    frame.to_sql("contacts", create_engine(driver_url(url)), if_exists="append", index=False)
