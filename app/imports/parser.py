"""Text to records, with a bound on what a record may take."""

import csv
import io
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import TextIO

from app.imports.encoding import UnreadableError
from app.imports.layout import COLUMNS_MAX
from app.imports.pieces import PiecesIO

# Python's own limit is too low for what spreadsheets allow. A cell over IMPORT_CELL_MAX_CHARS is an error of its row;
# one over this ends the upload at intake, as a quote that is never closed would otherwise fill the memory.
CELL_MAX_CHARS = 16 * 2**20
csv.field_size_limit(CELL_MAX_CHARS)
RECORD_MAX_CHARS = CELL_MAX_CHARS + 2**20  # as written: with its quotes, delimiters and line ends
# Twice what a header may have: a row with some cells too many is an error of its row. A cell takes some 60 bytes.
CELLS_MAX = 2 * COLUMNS_MAX
# Stands behind the file's last record; if it does not come out as a record of its own, a quote is still open.
# Random, so that no file holds it: rows behind one that did would be lost without a word.
END = secrets.token_hex(16)
DELIMITERS = (",", ";", "\t", "|")
# Excel's own first line; others quote it. Its delimiter can be a space character, a tab.
SEP_MAX_CHARS = 64
SEP = re.compile(r'\s*"?\s*sep\s*=\s*"?([^\r\n])"?\s*"?\s*', re.IGNORECASE)


class OpenQuoteError(UnreadableError):
    """A quote is opened and never closed, or so late that the cell is too long. *line* is where its record begins."""


@dataclass
class Progress:
    """How many *chars* have been read: with quotes, delimiters and line ends."""

    chars: int = 0


def parse(
    pieces: Iterable[bytes],
    encoding: str,
    delimiter: str,
    progress: Progress | None = None,
    *,
    is_start: bool = True,
) -> Iterator[list[str]]:
    """The records; the byte order mark and Excel's ``sep=`` line are none, nor are blank lines.

    *is_start*: of the file, or of its records from some line on. Raises UnreadableError, and UnicodeDecodeError where
    the bytes are not of this encoding. Memory is bounded by a record: RECORD_MAX_CHARS characters in CELLS_MAX cells.
    *progress* is kept up to the record that came out last.
    """
    lines = _Lines(pieces, encoding, delimiter, progress or Progress(), is_start=is_start)
    try:
        for cells in csv.reader(lines, delimiter=delimiter):
            if lines.are_ending:
                if cells == [END]:
                    return
                if cells and END in cells[-1]:
                    raise lines.open_quote()
            if len(cells) > CELLS_MAX:
                raise lines.too_many()
            if cells:
                yield cells
            lines.next_record = True
    except csv.Error:
        raise lines.too_long() from None


def sep_of(pieces: Iterable[bytes], encoding: str) -> str | None:
    """The delimiter that the first line names, ``sep=;``, if it is such a line. Raises UnreadableError."""
    named = _sep(_first_line(_text(pieces, encoding)))
    if named and named[1] not in DELIMITERS:
        raise UnreadableError(
            1,
            f"The first line names {named[1]!r} as the delimiter; comma, semicolon, tab and pipe can be read. "
            "Save the file with one of them and upload that.",
        )
    return named[1] if named else None


def _sep(line: str) -> re.Match[str] | None:
    return SEP.fullmatch(line) if len(line) <= SEP_MAX_CHARS else None  # a long line of spaces would take for ever


def _text(pieces: Iterable[bytes], encoding: str) -> TextIO:
    """*pieces* decoded, line ends as they are."""
    return io.TextIOWrapper(io.BufferedReader(PiecesIO(pieces)), encoding=encoding, newline="")


def _first_line(text: TextIO) -> str:
    """With its line end, without a byte order mark."""
    return text.readline(RECORD_MAX_CHARS + 1).removeprefix("\ufeff")


class _Lines:
    """The lines that csv.reader asks for, as long as they can be one record.

    *began* is the line where the record began; the last of them *are_ending*. Whoever has got a record sets
    *next_record*.
    """

    def __init__(
        self, pieces: Iterable[bytes], encoding: str, delimiter: str, progress: Progress, *, is_start: bool
    ) -> None:
        self._text = _text(chain(pieces, self._end(encoding)), encoding)
        self._is_start = is_start
        self._progress = progress
        self._delimiter = delimiter
        end = rf"[^{re.escape(delimiter)}]*+(?:{re.escape(delimiter)}|\Z)"
        quoted = r'[^"]*+(?:""[^"]*+)*+"?'
        self._cell = re.compile(f'(?:"{quoted})?+{end}')
        self._rest_of_cell = re.compile(quoted + end)
        self.next_record = True
        self.are_ending = False
        self.began = 1
        self._counted = 0

    def _end(self, encoding: str) -> Iterator[bytes]:
        """What stands behind the file; asked for before its last lines are read."""
        self.are_ending = True
        yield f"\n{END}\n".encode(encoding)

    def __iter__(self) -> Iterator[str]:
        readline, progress = self._text.readline, self._progress
        number = 1
        line = _first_line(self._text) if self._is_start else readline(RECORD_MAX_CHARS + 1)
        if self._is_start and _sep(line):
            number = 2
            line = readline(RECORD_MAX_CHARS + 1)
        while line:
            self._line = line
            size = len(line)
            if self.next_record:
                self.next_record = False
                self.began = number
                self._chars = size
            else:
                self._chars += size
            if self._chars > CELLS_MAX:
                self._check()
            progress.chars += size
            yield line
            number += 1
            line = readline(RECORD_MAX_CHARS + 1 if self.next_record else RECORD_MAX_CHARS + 1 - self._chars)

    def _check(self) -> None:
        """Raises UnreadableError for what would fill the memory once csv.reader has it."""
        if self._counted != self.began:
            self._counted = self.began
            self._delimiters = self._delimiters_outside = 0
        within = self._continues and '"' not in self._line  # the whole line is within a cell
        # The first count is quick but takes in quoted delimiters; where it is too high, the second is right.
        self._delimiters += 0 if within else self._line.count(self._delimiter)
        if self._delimiters >= CELLS_MAX and not within:
            self._delimiters_outside += sum(1 for _ in islice(self._spans(), CELLS_MAX + 1)) - 1
            if self._delimiters_outside >= CELLS_MAX:
                raise self.too_many()
        if self._chars > RECORD_MAX_CHARS:
            raise self.too_long()

    def _spans(self) -> Iterator[tuple[int, int]]:
        """Where in the line csv.reader will find cells, each with its quotes and delimiter."""
        start = 0
        if self._continues and (rest := self._rest_of_cell.match(self._line)):
            yield rest.span()
            start = rest.end()
        while start < len(self._line) and (cell := self._cell.match(self._line, start)):
            yield cell.span()
            start = cell.end()

    @property
    def _continues(self) -> bool:
        """The line begins within a cell: csv.reader asks for another line of a record only where a quote is open."""
        return self._chars > len(self._line)

    def open_quote(self) -> OpenQuoteError:
        """The record has no end."""
        return OpenQuoteError(
            self.began,
            f"The quote that is opened in the record at line {self.began} is never closed, so the rest of the "
            "file would be one cell. Close it, or double it if it is part of the text, and upload again.",
        )

    def too_many(self) -> UnreadableError:
        """The record has more cells than can be read."""
        return UnreadableError(
            self.began,
            f"The record at line {self.began} has more than {CELLS_MAX:,} cells. Is a line end missing? "
            "Correct it and upload again.",
        )

    def too_long(self) -> UnreadableError:
        """A cell, or the record as a whole, has more characters than can be read."""
        long = next((start for start, end in self._spans() if end - start > CELL_MAX_CHARS), None)
        if long is None and self._chars > RECORD_MAX_CHARS:
            return UnreadableError(
                self.began,
                f"The record at line {self.began} has more than {RECORD_MAX_CHARS:,} characters. Is a line end or a "
                "closing quote missing? Correct it and upload again.",
            )
        if (not long and self._continues) or self._line.startswith('"', long or 0):
            return OpenQuoteError(
                self.began,
                f"The quote that is opened in the record at line {self.began} is not closed within "
                f"{CELL_MAX_CHARS:,} characters. Close it, double it if it is part of the text, or shorten the cell, "
                "and upload again.",
            )
        return UnreadableError(
            self.began,
            f"A cell in the record at line {self.began} has more than {CELL_MAX_CHARS:,} characters, without a quote "
            "around it. Is a line end or a delimiter missing? Correct it, or shorten the cell, and upload again.",
        )
