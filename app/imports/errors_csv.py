"""The rows that were not imported, as a CSV to be corrected and uploaded again."""

import csv
import io
from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import Engine, text

from app.imports.layout import ERROR_COLUMNS, lead_of, own

# Cells that a spreadsheet would run as a formula; the wide ones in a Japanese or Chinese one.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
BOM = "\ufeff"  # or Excel takes the file for one in its own code page
ABOUT = "SELECT header, delimiter FROM imports WHERE id = :id"
ROWS = """
SELECT row_number, "column", value, reason, fix, cells FROM row_errors WHERE import_id = :id ORDER BY row_number
"""


def errors_csv(engine: Engine, import_id: UUID) -> Iterator[str]:
    """The rejected rows as they were, behind columns that say where, what, why and what to do.

    With the delimiter of the file that they come from. Uploaded again, those columns are passed over.
    """
    buffer = io.StringIO(BOM)
    buffer.seek(0, io.SEEK_END)
    with engine.connect() as connection:
        about = connection.execute(text(ABOUT), {"id": import_id}).one()
        writer = csv.writer(buffer, delimiter=about.delimiter)
        writer.writerow([*ERROR_COLUMNS, *map(harmless, own(about.header, lead_of(about.header)))])
        errors = connection.execution_options(yield_per=1000).execute(text(ROWS), {"id": import_id})
        for error in errors:
            said = [error.column, error.value, error.reason, error.fix]
            writer.writerow([error.row_number, *map(harmless, [*said, *error.cells])])
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def harmless(cell: str) -> str:
    """*cell*, behind an apostrophe where a spreadsheet would run it, or where it begins with one itself."""
    return f"'{cell}" if cell.startswith((*FORMULA, "'")) else cell
