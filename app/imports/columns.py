"""The cells of many rows by column, for rows that are as most rows are; the others are looked at one by one.

A column is read at C's speed where a row is not: what a cell says is found once for each text that a column has.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from json.encoder import encode_basestring

from app.imports.cells import CellError
from app.imports.phone import e164

Column = Sequence[str]


@dataclass(frozen=True, slots=True)
class Block:
    """What rows say of things of one target: *columns* by field, equally long, with a key each.

    *rows*: the row of each, counted from 0 within the columns. A field that has no column, or "", is not said.
    """

    keys: Column
    rows: Sequence[int]
    columns: Mapping[str, Column]

    def of(self, kept: Sequence[bool]) -> "Block":
        """What those rows say of it that are *kept*."""
        chosen = [kept[row] for row in self.rows]
        columns = {name: list(compress(column, chosen)) for name, column in self.columns.items()}
        return Block(list(compress(self.keys, chosen)), list(compress(self.rows, chosen)), columns)

    def of_names(self, names: Iterable[str]) -> Iterator[Column]:
        """The columns of these *names*, empty ones where nothing is said."""
        nothing = ("",) * len(self.keys)
        return (self.columns.get(name) or nothing for name in names)


class Columns:
    """The trimmed cells of *rows*, of *width* cells each, by field; *position* and *unknown* are a layout's.

    *wrong* gathers the rows that are an error for certain, *clearing* those that may empty a field: what stands in a
    column for one of either is not to be used. Both are of the columns that were asked for, until `check`.
    """

    def __init__(
        self,
        rows: Sequence[Sequence[str]],
        width: int,
        position: Mapping[str, int],
        unknown: Mapping[str, int],
        region: str,
    ) -> None:
        self.count = len(rows)
        self.region = region
        self.wrong: set[int] = set()
        self.clearing: set[int] = set()
        self.nothing: Column = ("",) * len(rows)  # of a field that the file has not
        self._position = position
        self._unknown = unknown
        self._cells = self._transposed(rows, width)
        self._trimmed: dict[int, Column] = {}
        self._sizes: dict[int, int] = {}
        self._phones: dict[str, Column] = {}

    def check(self, header: Sequence[str], cell_max_chars: int) -> None:
        """Looks at what no one asked for, too: a cell may be too long, or hold what can't be kept; header lines."""
        for place, cells in enumerate(self._cells):
            self._column(place)
            if self._sizes[place] > cell_max_chars:
                self.reject(len(cell) > cell_max_chars for cell in cells)
        if header[0] in self._cells[0]:
            self.reject(row == tuple(header) for row in zip(*self._cells, strict=True))

    def text(self, name: str) -> Column:
        """The trimmed cells of field *name*; "" where nothing is said."""
        place = self._position.get(name)
        return self.nothing if place is None else self._column(place)

    def read(self, name: str, understand: Callable[[str], str]) -> Column:
        """The cells as *understand* writes them."""
        return self.each(self.text(name), understand)

    def each(self, column: Column, understand: Callable[[str], str]) -> list[str]:
        """*column* as *understand* writes it; "" stays."""
        found = {"": ""}
        wrong = set()
        for said in set(column):
            if said:
                try:
                    found[said] = understand(said)
                except CellError:
                    found[said] = ""
                    wrong.add(said)
        if wrong:
            self.reject(said in wrong for said in column)
        return list(map(found.__getitem__, column))

    def phone(self, name: str) -> Column:
        """The phones as E.164; a row without one is wrong."""
        phones = self.phone_or_none(name)
        if "" in phones:
            self.reject(not phone for phone in phones)
        return phones

    def phone_or_none(self, name: str) -> Column:
        """The phones as E.164, "" where there is none."""
        if name not in self._phones:
            self._phones[name] = self.each(self.text(name), self._e164)
        return self._phones[name]

    def unknown(self, *more: Mapping[str, Column]) -> Column:
        """What the columns that no one knows say, and *more*, as JSON; "" where they say nothing."""
        columns = {name: self._column(place) for name, place in self._unknown.items()}
        for others in more:
            columns |= others
        return objects(columns) if columns else self.nothing

    def reject(self, wrong: Iterable[bool]) -> None:
        """The rows are errors for which *wrong* is true."""
        self.wrong.update(compress(range(self.count), wrong))

    def _e164(self, said: str) -> str:
        return e164(said, self.region)

    def _column(self, place: int) -> Column:
        if place not in self._trimmed:
            cells = self._cells[place]
            together = "".join(cells)
            if "\0" in together:
                self.reject("\0" in cell for cell in cells)
            if "[" in together:
                self.clearing.update(at for at, cell in enumerate(cells) if "[" in cell)
            self._sizes[place] = len(together)
            self._trimmed[place] = list(map(str.strip, cells))
        return self._trimmed[place]

    def _transposed(self, rows: Sequence[Sequence[str]], width: int) -> list[tuple[str, ...]]:
        if set(map(len, rows)) - {width}:
            self.reject(len(cells) != width for cells in rows)
            empty = [""] * width
            rows = [cells if len(cells) == width else empty for cells in rows]
        return list(zip(*rows, strict=True))


def objects(columns: Mapping[str, Column]) -> list[str]:
    """A JSON object for each row of what *columns* say by their names; "" where they say nothing."""
    members = [
        [f"{label}{encode_basestring(cell)}" if cell else "" for cell in column]
        for label, column in ((f"{encode_basestring(name)}: ", column) for name, column in columns.items())
    ]
    joined = (", ".join(filter(None, said)) for said in zip(*members, strict=True))
    return [f"{{{said}}}" if said else "" for said in joined]
