"""Parts of a file that can be read at once, each from a line where a record seems to begin.

docs/decisions/0020-a-file-read-in-parts.md
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import IO, NamedTuple

from app.imports.pieces import pieces

# In these a byte that is a line end, or a quote, is nothing else.
PLAIN = frozenset(("utf-8", "windows-1252"))


class Slice(NamedTuple):
    """The bytes from *begin* to before *end*, and how many rows make each chunk; further ones are as the last."""

    begin: int
    end: int
    sizes: Sequence[int]


def slices(stream: IO[bytes], encoding: str, lines: int, sizes: Iterator[int], most: int) -> list[Slice]:
    """Those of *stream*, which has so many *lines*: at *most* so many, each in chunks of the next *sizes*.

    Together they are the whole. Where one begins may yet be no record's start, if quotes stand where they are text:
    reading the one before shows it.
    """
    size = stream.seek(0, 2)
    groups = _groups(lines, sizes, most if encoding in PLAIN else 1)
    wanted = (1 + rows for rows in accumulate(map(sum, groups[:-1])))  # the header is a line
    begins = [0, *_starts(pieces(stream), wanted), size]
    if len(begins) != len(groups) + 1 or begins != sorted(set(begins)):
        return [Slice(0, size, [each for group in groups for each in group])]
    return [Slice(begin, end, group) for (begin, end), group in zip(pairwise(begins), groups, strict=True)]


def _groups(lines: int, sizes: Iterator[int], most: int) -> list[list[int]]:
    """The sizes of the chunks of so many *lines*, in groups of about as many rows."""
    groups: dict[int, list[int]] = {}
    rows = 0
    while rows < lines:
        size = next(sizes)
        groups.setdefault(rows * most // lines, []).append(size)
        rows += size
    return [*groups.values()]


def _starts(pieces: Iterable[bytes], wanted: Iterator[int]) -> Iterator[int]:
    """Where the line behind so many others begins, or the next at which no quote is open; none where it is far."""
    after = next(wanted, None)
    lines = quotes = at = 0
    for piece in pieces:
        within = piece.count(b"\n")
        while after is not None and after <= lines + within:
            start = len(piece) - len(piece.split(b"\n", after - lines)[-1])
            if start := _closed(piece, start, is_open=(quotes + piece.count(b'"', 0, start)) % 2 == 1):
                yield at + start
            after = next(wanted, None)
        if after is None:
            return
        lines += within
        quotes += piece.count(b'"')
        at += len(piece)


def _closed(piece: bytes, start: int, *, is_open: bool) -> int:
    """Where the next line from *start* on begins before which no quote *is_open*; 0 where none does in *piece*."""
    while is_open:
        end = piece.find(b"\n", piece.find(b'"', start) + 1 or len(piece)) + 1
        if not end:
            return 0
        is_open ^= piece.count(b'"', start, end) % 2 == 1
        start = end
    return start
