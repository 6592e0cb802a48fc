"""The licence line at the end of some exports, which is none of their rows."""

from collections.abc import Iterable, Iterator, Sequence

from app.imports.kinds.kind import Kind
from app.imports.layout import Layout

TRAILER_MAX_CHARS = 10_000  # a longer one is no licence line


class Trailer:
    """That of a file of *kind*; its *text*, once all `records` are through."""

    def __init__(self, kind: Kind, layout: Layout) -> None:
        self.text: str | None = None
        self._wanted = kind.has_trailer and len(layout.as_read) > 1

    def without(self, records: Iterable[list[str]]) -> Iterator[list[str]]:
        """The *records* up to the file's last, but for that one where it is the trailer."""
        return self._without(records) if self._wanted else iter(records)

    def _without(self, records: Iterable[list[str]]) -> Iterator[list[str]]:
        before: list[str] | None = None
        for record in records:
            if before is not None:
                yield before
            before = record
        if before is not None and _is_trailer(before):
            self.text = before[0]
        elif before is not None:
            yield before


def _is_trailer(record: Sequence[str]) -> bool:
    cell = record[0]
    return len(record) == 1 and " " in cell.strip() and "\0" not in cell and len(cell) <= TRAILER_MAX_CHARS
