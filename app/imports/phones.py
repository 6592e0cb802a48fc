"""A file's phones as E.164, kept from its first reading for its second."""

from collections.abc import Mapping, Sequence

from app.imports.source import Rows

# Some 600,000 phones; of the rows behind them they are found again.
KEPT_CHARS = 2**23


class Phones:
    """The phones by field of so many rows as there is *room* for, in characters."""

    def __init__(self, room: int = KEPT_CHARS) -> None:
        self._kept: dict[tuple[int, int], Mapping[str, str]] = {}
        self._room = room

    def keep(self, rows: Rows, phones: Mapping[str, Sequence[str]]) -> None:
        """Keeps those of *rows*, if there is room."""
        kept = {name: "\n".join(column) for name, column in phones.items()}
        self._room -= sum(map(len, kept.values()))
        if self._room > 0:
            self._kept[rows.first, len(rows)] = kept

    def of(self, rows: Rows) -> Mapping[str, Sequence[str]]:
        """Those of *rows*, where the very same were kept together; else nothing."""
        return {name: text.split("\n") for name, text in self._kept.get((rows.first, len(rows)), {}).items()}
