"""Which delimiter a file's records have. It matters here for one thing: where a quote opens a cell."""

import csv
import io
import re

from loadtest.client.errors import NotCsvError

DELIMITERS = (",", ";", "\t", "|")
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
# Excel's own first line; others quote it.
SEP_MAX_CHARS = 64
SEP = re.compile(r'\s*"?\s*sep\s*=\s*"?([^\r\n])"?\s*"?\s*', re.IGNORECASE)
ALIKE = 0.5


def sep_line(sample: str) -> tuple[str, str | None]:
    """The line ``sep=;`` at the start of *sample* and the delimiter that it names; ``""`` and None without one.

    Raises NotCsvError for a delimiter that the import app can't read.
    """
    line = io.StringIO(sample, newline="").readline()
    found = SEP.fullmatch(line) if len(line) <= SEP_MAX_CHARS else None
    if found is None:
        return "", None
    if found[1] not in DELIMITERS:
        raise NotCsvError(1, f"names {found[1]!r} as the delimiter; comma, semicolon, tab and pipe can be read")
    return line, found[1]


def delimiter_of(sample: str) -> str:
    """The one with which most rows are as wide as the header, of several the one with the widest header."""
    return max(DELIMITERS, key=lambda delimiter: _score(sample, delimiter))


def _score(sample: str, delimiter: str) -> tuple[bool, bool, int]:
    records = [cells for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if cells]
    header, rows = (records or [[]])[0], records[1:]
    alike = sum(len(cells) == len(header) for cells in rows)
    return len(header) > 1, not rows or alike >= ALIKE * len(rows), len(header)
