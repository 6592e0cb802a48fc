"""An upload before it is accepted: is it a CSV of this kind, in which dialect, and what is its fingerprint?"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from itertools import repeat
from typing import IO

from app.imports import interpreter, source
from app.imports.budget import Budget
from app.imports.dialect import Dialect, detect, not_csv
from app.imports.encoding import BOMS, UnreadableError
from app.imports.excerpt import File
from app.imports.kinds.kind import Kind
from app.imports.layout import Layout, match, names_shown
from app.imports.pieces import PIECE_BYTES, pieces
from app.imports.preview import Preview
from app.imports.source import PART_ROWS, Progress
from app.imports.trailer import Trailer
from app.problem import Problem

__all__ = ["PIECE_BYTES", "Upload", "inspect", "pieces", "too_large"]

# First bytes of what people upload by mistake.
SIGNATURES = {
    b"PK\x03\x04": "an Excel workbook or a ZIP file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip file",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
}


@dataclass(frozen=True)
class Upload:
    """A checked upload. *stream* can be read again from its start.

    *trailer* is the licence line at its end, which *rows* does not count.
    """

    stream: IO[bytes]
    filename: str
    size: int
    sha256: str
    layout: Layout
    rows: int
    dialect: Dialect
    trailer: str | None

    def pieces(self) -> Iterator[bytes]:
        """The upload from its start, in pieces of at most a mebibyte."""
        return pieces(self.stream)


def inspect(
    stream: IO[bytes],
    filename: str,
    kind: Kind,
    max_bytes: int,
    *,
    budget: Budget | None = None,
    preview: Preview | None = None,
) -> Upload:
    """Reads the whole upload once. Raises Problem (400, 413, 422), so that nothing unreadable is ever stored.

    *preview*: begins with it, where this process is to import the file itself. Raises HandOffError where *budget* does
    not allow for it.
    """
    size, lines = _size(stream, max_bytes)
    stream.seek(0)
    start = stream.read(PIECE_BYTES)
    for signature, what in SIGNATURES.items():
        if start.startswith(signature):
            raise not_csv(f"The file is {what}. Save it as CSV (UTF-8) and upload that.")
    budget = budget or Budget()
    if preview and preview.wants(lines):
        with suppress(Problem):  # it is found again below, with the place where it is in the file
            preview.begin(stream, _file(BytesIO(_whole_lines(start)), kind, lines))
    sha256 = _fingerprint(stream)
    file = _file(stream, kind, lines)
    seen = preview.seen(stream, file, budget) if preview else None
    rows, trailer = (seen.rows, seen.trailer) if seen else _read(stream, file, budget, preview)
    if not rows:
        raise Problem(
            422,
            "no-rows",
            "No rows",
            "The file has a header line and no rows. Add the rows and upload again.",
            found=names_shown(file.layout.as_read),
        )
    return Upload(stream, filename, size, sha256, file.layout, rows, file.dialect, trailer)


def _whole_lines(start: bytes) -> bytes:
    """Those of the *start* of a file; in UTF-16 a line end is two bytes, and may end in the second."""
    end = start.rfind(b"\n") + 1
    return start[: end + end % 2] if start[:2] in BOMS else start[:end]


def _file(stream: IO[bytes], kind: Kind, lines: int) -> File:
    """What is known of *stream* by all its bytes and its first record. Raises Problem (400)."""
    dialect = detect(stream, kind)
    try:
        header = next(source.records(pieces(stream), dialect), [])
    except UnreadableError as error:
        raise not_csv(str(error), line=error.line) from None
    return File(kind, dialect, _layout(header, kind), lines)


def _layout(header: Sequence[str], kind: Kind) -> Layout:
    """The columns of a file, by its first record. Raises Problem (400)."""
    if not any(name.strip() for name in header):
        raise not_csv("The file, or its first line, is empty. Upload a CSV with a header line and rows.")
    if any("\0" in name for name in header):
        raise not_csv(
            "The first line holds NUL bytes: this is not text, or UTF-16 without the mark at its start. "
            "Save the file as 'CSV UTF-8' and upload that."
        )
    return match(header, kind)


def _read(stream: IO[bytes], file: File, budget: Budget, preview: Preview | None) -> tuple[int, str | None]:
    """How many rows there are, by reading all of them once, and what stands behind them. Raises Problem (400)."""
    progress = Progress()
    records = source.records(budget.checked(pieces(stream), every=1), file.dialect, progress)
    next(records)
    trailer = Trailer(file.kind, file.layout)
    found = source.batches(trailer.without(records), progress, repeat(PART_ROWS), PIECE_BYTES)
    rows = 0
    try:
        with interpreter.tuned():
            for part in budget.checked(found, every=1):
                if preview:
                    preview.add(part)
                rows += len(part)
    except UnreadableError as error:
        raise not_csv(str(error), line=error.line) from None
    return rows, trailer.text


def _size(stream: IO[bytes], max_bytes: int) -> tuple[int, int]:
    """Bytes and line ends. Raises Problem (413)."""
    size = lines = 0
    for piece in pieces(stream):
        size += len(piece)
        lines += piece.count(b"\n")
    if size > max_bytes:
        raise too_large(max_bytes)
    return size, lines


def _fingerprint(stream: IO[bytes]) -> str:
    """SHA-256."""
    digest = hashlib.sha256()
    for piece in pieces(stream):
        digest.update(piece)
    return digest.hexdigest()


def too_large(max_bytes: int) -> Problem:
    """The 413 of an upload over IMPORT_MAX_BYTES."""
    return Problem(
        413,
        "too-large",
        "The file is too large",
        f"An upload may have {max_bytes:,} bytes (IMPORT_MAX_BYTES). Split the file and upload the parts.",
        max_bytes=max_bytes,
    )
