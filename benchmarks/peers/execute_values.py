"""psycopg2's execute_values with ON CONFLICT DO UPDATE."""

from pathlib import Path

import psycopg2
from psycopg2.extras import execute_values

from benchmarks.peers import COLUMNS
from benchmarks.peers.rows import rows

DESCRIPTION = "psycopg2 execute_values, ON CONFLICT DO UPDATE"
LACKS = ("validation", "outbox and list", "resume")
ROWS = 50_000
REQUIRES = "psycopg2"
PAGE_ROWS = 1_000
UPSERT = f"""
INSERT INTO contacts ({", ".join(COLUMNS)}) VALUES %s
ON CONFLICT (phone) DO UPDATE SET {", ".join(f"{name} = EXCLUDED.{name}" for name in COLUMNS[1:])}, updated_at = now()
"""  # noqa: S608 - our own words


def load(url: str, path: Path) -> None:
    """Raises psycopg2.Error."""
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        execute_values(cursor, UPSERT, (list(row.values()) for row in rows(path)), page_size=PAGE_ROWS)
    connection.close()
