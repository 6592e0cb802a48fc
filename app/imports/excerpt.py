"""Part of a file, to be read by itself."""

from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain, islice, repeat
from typing import NamedTuple

from app.imports import source
from app.imports.dialect import Dialect
from app.imports.kinds.kind import Kind
from app.imports.layout import Layout
from app.imports.slices import Slice
from app.imports.source import Progress, Rows
from app.imports.trailer import Trailer


class File(NamedTuple):
    """What is known of a file by its bytes and its first record: of so many *lines*, and about as many rows."""

    kind: Kind
    dialect: Dialect
    layout: Layout
    lines: int


class Excerpt:
    """The rows of *part* of a *file*, in chunks of at most *chunk_bytes*. *pieces* are those of the part.

    *trailer* is the text behind its rows, where it *is_last* and all of them have been read.
    """

    def __init__(
        self, file: File, part: Slice, pieces: Callable[[], Iterator[bytes]], chunk_bytes: int, *, is_last: bool
    ) -> None:
        self.trailer: str | None = None
        self.file = file
        self._part = part
        self._pieces = pieces
        self._chunk_bytes = chunk_bytes
        self._is_last = is_last

    def rows(self, after: int = 0) -> Iterator[tuple[Rows, bool]]:
        """Those behind the first *after* ones, in parts, and whether a chunk ends there; the first row is number 1.

        Raises UnreadableError, UnicodeDecodeError.
        """
        layout, progress, sizes = self.file.layout, Progress(), self._part.sizes
        is_start = self._part.begin == 0
        records = source.records(self._pieces(), self.file.dialect, progress, is_start=is_start)
        deque(islice(records, is_start + after), maxlen=0)  # the header, and what is done
        trailer = Trailer(self.file.kind, layout)
        yield from source.parts(
            trailer.without(records) if self._is_last else records,
            progress,
            repeat(sizes[-1]) if after else chain(sizes, repeat(sizes[-1])),
            self._chunk_bytes,
            first=1 + after,
            overhead=layout.overhead,
        )
        self.trailer = trailer.text
