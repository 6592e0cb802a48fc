"""ADBC: pyarrow reads the CSV, the driver ingests it by binary COPY."""

from pathlib import Path

DESCRIPTION = "ADBC, adbc_ingest of a pyarrow table"
LACKS = ("validation", "duplicates", "update", "outbox and list", "resume")
ROWS = 50_000
REQUIRES = "adbc_driver_postgresql.dbapi"


def load(url: str, path: Path) -> None:
    """Raises adbc_driver_manager.Error."""
    import adbc_driver_postgresql.dbapi
    import pyarrow
    from pyarrow import csv

    from benchmarks.peers import COLUMNS

    convert = csv.ConvertOptions(column_types=dict.fromkeys(COLUMNS, pyarrow.string()), strings_can_be_null=True)
    table = csv.read_csv(path, convert_options=convert, parse_options=csv.ParseOptions(newlines_in_values=True))
    with adbc_driver_postgresql.dbapi.connect(url) as connection:
        with connection.cursor() as cursor:
            cursor.adbc_ingest("contacts", table, mode="append")
        connection.commit()
