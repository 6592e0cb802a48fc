"""A file's records as they are written, one after the other."""

import csv
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from loadtest.client.errors import NotCsvError

CELL_MAX_CHARS = 16 * 2**20  # the import app's own bound
RECORD_MAX_CHARS = CELL_MAX_CHARS + 2**20
CELLS_MAX = 2 * 16_384
csv.field_size_limit(CELL_MAX_CHARS)
TRAILER_MAX_CHARS = 10_000
# Stands behind the last record; if it does not come out as a record of its own, a quote is still open.
END = secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Record:
    """*text*: as in the file, line end included, so that all texts together are the file. A blank line has no cells."""

    text: str
    cells: list[str]

    @property
    def is_blank(self) -> bool:
        """It is no row."""
        return not self.cells

    @property
    def may_be_trailer(self) -> bool:
        """It is what the app takes for a line of licence, if it is a file's last and the header has several cells."""
        if len(self.cells) != 1:
            return False
        [cell] = self.cells
        return " " in cell.strip() and "\0" not in cell and len(cell) <= TRAILER_MAX_CHARS


def read(text: TextIO, delimiter: str, first_line: int = 1) -> Iterator[Record]:
    """The records from where *text* stands, which is line *first_line* of the file.

    Raises NotCsvError. csv.reader, which the import app has too, decides where a record ends: it asks for another line
    only while a quote is open. In memory is one record, RECORD_MAX_CHARS at the most.
    """
    lines = _Lines(text, delimiter, first_line)
    try:
        for cells in csv.reader(lines, delimiter=delimiter):
            if cells == [END]:
                return
            if cells and END in cells[-1]:
                raise NotCsvError(lines.open_quote(), "the quote that is opened here is never closed")
            yield Record(lines.take(), cells)
    except csv.Error:
        raise lines.too_long() from None


class _Lines:
    """The lines that csv.reader asks for, kept until their record is complete."""

    def __init__(self, text: TextIO, delimiter: str, first_line: int) -> None:
        self._text = text
        self._delimiter = delimiter
        self._began = first_line
        self._taken: list[str] = []
        self._chars = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(RECORD_MAX_CHARS + 1 - self._chars):
            self._taken.append(line)
            self._chars += len(line)
            if self._chars > RECORD_MAX_CHARS:
                raise self.too_long()
            if len(line) > CELLS_MAX and line.count(self._delimiter) >= CELLS_MAX:
                raise NotCsvError(self._began, f"over {CELLS_MAX:,} cells in a line; is a line end missing?")
            yield line
        yield END

    def take(self) -> str:
        """The record that is complete now."""
        text = "".join(self._taken)
        self._began += len(self._taken)
        self._taken.clear()
        self._chars = 0
        return text

    def too_long(self) -> NotCsvError:
        """The record, or a cell in it, has more characters than the import app reads."""
        return NotCsvError(
            self._began,
            f"the record that begins here has more than {CELL_MAX_CHARS:,} characters; is a closing quote missing?",
        )

    def open_quote(self) -> int:
        """The line of the quote that is open at the end: that of the record's last cell."""
        other = f"[^{re.escape(self._delimiter)}]"
        cell = re.compile(rf'(?:"[^"]*+(?:""[^"]*+)*+"?+)?+{other}*+(?:{re.escape(self._delimiter)}|\Z)')
        text = "".join(self._taken)
        start = at = 0
        while at < len(text) and (found := cell.match(text, at)):
            start, at = found.span()
        # Within a record every line end stands in a quoted cell, and each is the end of a line that was read.
        line = self._began
        for taken in self._taken:
            start -= len(taken)
            if start < 0:
                break
            line += 1
        return line
