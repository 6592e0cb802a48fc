"""A CSV that is to be split: how it is written, and its records."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Self

from loadtest.client.delimiter import delimiter_of, sep_line
from loadtest.client.encoding import encoding_of
from loadtest.client.errors import NotCsvError
from loadtest.client.records import Record, read
from loadtest.errors import UsageError

SAMPLE_CHARS = 2**16
BOM = "\ufeff"
# First bytes of what people take for a CSV by mistake.
SIGNATURES = {
    b"PK\x03\x04": "an Excel workbook or a ZIP file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip file",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
}


@dataclass(frozen=True)
class Table:
    """*lead* is what stands before the header: the byte order mark, Excel's ``sep=`` line. *size* in bytes."""

    path: Path
    size: int
    sha256: str
    encoding: str
    delimiter: str
    lead: str
    stamp: tuple[int, int]

    @classmethod
    def open(cls, path: Path) -> Self:
        """Reads the whole file twice, a piece at a time. Raises UsageError that names the line."""
        with _readable(path), path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            size = stream.tell()
            _refuse_others(stream)
            encoding = encoding_of(stream)
            with path.open(encoding=encoding, newline="") as text:
                sample = text.read(SAMPLE_CHARS)
            bom = BOM if sample.startswith(BOM) else ""
            line, named = sep_line(sample[len(bom) :])
            lead = bom + line
            delimiter = named or delimiter_of(sample[len(lead) :])
            return cls(path, size, sha256, encoding, delimiter, lead, _stamp(path))

    @cached_property
    def header(self) -> Record:
        """The record that names the columns, with the blank lines before it. Raises UsageError."""
        with _readable(self.path), self._open() as records:
            return _header(records)

    @property
    def preamble(self) -> bytes:
        """What each part begins with: all of the file up to its first row."""
        return self.encode(self.lead + self.header.text)

    def rows(self) -> Iterator[Record]:
        """The records behind the header, blank lines included. Raises UsageError, also when the file has changed."""
        with _readable(self.path), self._open() as records:
            _header(records)
            yield from records
            if _stamp(self.path) != self.stamp:
                raise UsageError(f"{self.path}: was changed while it was being read; run again")

    def encode(self, text: str) -> bytes:
        """*text* as it was in the file."""
        return text.encode(self.encoding)

    @contextmanager
    def _open(self) -> Iterator[Iterator[Record]]:
        with self.path.open(encoding=self.encoding, newline="") as text:
            text.read(len(self.lead))
            yield read(text, self.delimiter, first_line=2 if self.lead.strip(BOM) else 1)


def _header(records: Iterator[Record]) -> Record:
    blank = ""
    for record in records:
        if record.is_blank:
            blank += record.text
            continue
        if any("\0" in cell for cell in record.cells):
            raise NotCsvError(1, "NUL bytes: this is no text, or UTF-16 without the mark at its start")
        if any(cell.strip() for cell in record.cells):
            return Record(blank + record.text, record.cells)
        break
    raise NotCsvError(1, "no header: the first line must name the columns")


def _refuse_others(stream: IO[bytes]) -> None:
    stream.seek(0)
    start = stream.read(8)
    for signature, what in SIGNATURES.items():
        if start.startswith(signature):
            raise NotCsvError(1, f"the file is {what}; save it as CSV (UTF-8)")


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Makes what is wrong with the file an error of the file."""
    try:
        yield
    except NotCsvError as error:
        raise UsageError(f"{path}: not a CSV that can be split: {error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: was changed while it was being read; run again") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error
