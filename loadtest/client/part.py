"""One part of a file on its way to the server."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from loadtest.client.cut import Slice, cut
from loadtest.client.split import part_name
from loadtest.client.table import Table

IN_MEMORY_BYTES = 2**20  # the rest waits in a temporary file


@dataclass(frozen=True)
class Part:
    """*content* is a CSV by itself: the header, then the rows."""

    piece: Slice
    filename: str
    content: IO[bytes]
    size: int
    sha256: str


def parts(table: Table, chunk_rows: int | None, plan: list[Slice]) -> Iterator["Waiting"]:
    """The parts one by one; the next one may be asked for when the last one's content is no longer needed."""
    for piece, (_, records) in zip(plan, cut(table, chunk_rows), strict=True):
        yield Waiting(table, piece, (table.encode(record.text) for record in records), whole=len(plan) == 1)


class Waiting:
    """A part whose content is made if it is asked for: one that is in already is passed over."""

    def __init__(self, table: Table, piece: Slice, rows: Iterator[bytes], *, whole: bool) -> None:
        self.piece = piece
        self._table = table
        self._rows = rows
        self._whole = whole

    @contextmanager
    def content(self) -> Iterator[Part]:
        """The part, until the block ends. Once only."""
        with tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES) as file:
            digest = hashlib.sha256()
            for data in self._all():
                file.write(data)
                digest.update(data)
            name = self._table.path.name if self._whole else part_name(self._table.path, self.piece.number)
            yield Part(self.piece, name, file, file.tell(), digest.hexdigest())

    def _all(self) -> Iterator[bytes]:
        yield self._table.preamble
        yield from self._rows
