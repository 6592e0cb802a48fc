"""An upload before it is accepted: is it a CSV of this kind, and what is its fingerprint?"""

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from app.imports import source
from app.imports.layout import Kind, Layout, match, names_shown
from app.problem import Problem

PIECE_BYTES = 2**20
# First bytes of what people upload by mistake.
SIGNATURES = {
    b"PK\x03\x04": "an Excel workbook or a ZIP file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip file",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}


@dataclass(frozen=True)
class Upload:
    """A checked upload. *stream* can be read again from its start."""

    stream: IO[bytes]
    filename: str
    size: int
    sha256: str
    layout: Layout
    rows: int

    def pieces(self) -> Iterator[bytes]:
        """The upload from its start, in pieces of at most a mebibyte."""
        return pieces(self.stream)


def pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """*stream* from its start, in pieces of at most a mebibyte."""
    stream.seek(0)
    return iter(lambda: stream.read(PIECE_BYTES), b"")


def inspect(stream: IO[bytes], filename: str, kind: Kind, max_bytes: int) -> Upload:
    """Reads the whole upload once. Raises Problem (400, 413, 422), so that nothing unreadable is ever stored."""
    size, sha256 = _fingerprint(stream, max_bytes)
    stream.seek(0)
    start = stream.read(8)
    for signature, what in SIGNATURES.items():
        if start.startswith(signature):
            raise _not_csv(f"The file is {what}. Save it as CSV (UTF-8) and upload that.")
    _check_encoding(stream)
    layout, rows = _read(stream, kind)
    return Upload(stream, filename, size, sha256, layout, rows)


def _read(stream: IO[bytes], kind: Kind) -> tuple[Layout, int]:
    """The layout, and how many rows there are, by reading all of them once."""
    records = source.records(pieces(stream))
    try:
        header = next(records, [])
        if not any(name.strip() for name in header):
            raise _not_csv("The file, or its first line, is empty. Upload a CSV with a header line and rows.")
        if any("\0" in name for name in header):
            raise _not_csv("The first line holds NUL bytes: this is not text. Save the file as CSV (UTF-8).")
        layout = match(header, kind)
        rows = sum(1 for _ in records)
    except source.OpenQuoteError as error:
        raise _not_csv(
            f"The quote that is opened in the record at line {error.line} is never closed, so the rest of the file "
            "would be one cell. Close it, or double it if it is part of the text, and upload again.",
            line=error.line,
        ) from None
    if not rows:
        raise Problem(
            422,
            "no-rows",
            "No rows",
            "The file has a header line and no rows. Add the rows and upload again.",
            found=names_shown(header),
        )
    return layout, rows


def _fingerprint(stream: IO[bytes], max_bytes: int) -> tuple[int, str]:
    digest = hashlib.sha256()
    size = 0
    for piece in pieces(stream):
        size += len(piece)
        digest.update(piece)
    if size > max_bytes:
        raise too_large(max_bytes)
    return size, digest.hexdigest()


def _check_encoding(stream: IO[bytes]) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    for piece in pieces(stream):
        try:
            decoder.decode(piece)
        except UnicodeDecodeError as error:
            line += error.object[: error.start].count(b"\n")
            raise _not_csv(
                f"The file is not UTF-8: line {line} holds the byte 0x{error.object[error.start]:02x}. "
                "Save it as 'CSV UTF-8' and upload that.",
                line=line,
            ) from None
        line += piece.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise _not_csv(f"The file ends in the middle of a UTF-8 character (line {line}). Was it cut off?") from None


def _not_csv(detail: str, **extensions: object) -> Problem:
    return Problem(400, "not-a-csv", "Not a CSV file", detail, **extensions)


def too_large(max_bytes: int) -> Problem:
    """The 413 of an upload over IMPORT_MAX_BYTES."""
    return Problem(
        413,
        "too-large",
        "The file is too large",
        f"An upload may have {max_bytes:,} bytes (IMPORT_MAX_BYTES). Split the file and upload the parts.",
        max_bytes=max_bytes,
    )
