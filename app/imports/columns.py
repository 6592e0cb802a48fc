"""The cells of many rows by column, for rows that are as most rows are; the others are looked at one by one.

A column is read at C's speed where a row is not: what a cell says is found once for each text that a column has.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from json.encoder import encode_basestring
from operator import itemgetter, not_

from app.imports.cells import CellError, unusual
from app.imports.phone import e164, plain_numbers

Column = Sequence[str]
WRONG = "?"  # in place of a phone: its row is an error


@dataclass(frozen=True, slots=True)
class Block:
    """What rows say of things of one target: *columns* by field, equally long, with a key each.

    *rows*: the row of each, counted from 0 within the columns. A field that has no column, or "", is not said.
    """

    keys: Column
    rows: Sequence[int]
    columns: Mapping[str, Column]

    def of_names(self, names: Iterable[str]) -> Iterator[Column]:
        """The columns of these *names*, empty ones where nothing is said."""
        nothing = ("",) * len(self.keys)
        return (self.columns.get(name) or nothing for name in names)


class Columns:
    """The trimmed cells of *rows*, of *width* cells each, by field; *position* and *unknown* are a layout's.

    *phones*: those of the rows, by field, where another's `phones` has them already. *several*: most columns will be
    asked for.
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
        *,
        phones: Mapping[str, Column] | None = None,
        several: bool = True,
    ) -> None:
        self.count = len(rows)
        self.region = region
        self.wrong: set[int] = set()
        self.clearing: set[int] = set()
        self.nothing: Column = ("",) * len(rows)  # of a field that the file has not
        self._position = position
        self._unknown = unknown
        self._rows = self._even(rows, width)
        self._columns = list(zip(*self._rows, strict=True)) if several and rows else []
        self._trimmed: list[Column | None] = [None] * width
        self._sizes = [0] * width
        self._phones = {name: self._right(column) for name, column in (phones or {}).items()}

    def check(self, header: Sequence[str], cell_max_chars: int) -> None:
        """Looks at what no one asked for, too: a cell may be too long, or hold what can't be kept; header lines."""
        for place in range(len(header)):
            self._column(place)
            if self._sizes[place] > cell_max_chars:
                sizes = [*map(len, self._cells(place))]
                if max(sizes) > cell_max_chars:
                    self.reject(map(cell_max_chars.__lt__, sizes))
        if header[0] in self._cells(0):
            self.reject(row == list(header) for row in self._rows)

    def text(self, name: str) -> Column:
        """The trimmed cells of field *name*; "" where nothing is said."""
        place = self._position.get(name)
        return self.nothing if place is None else self._column(place)

    def read(self, name: str, understand: Callable[[str], str]) -> Column:
        """The cells as *understand* writes them."""
        column = self.text(name)
        found = {}
        wrong = set()
        for said in unusual(column, understand):
            try:
                found[said] = understand(said)
            except CellError:
                wrong.add(said)
        if wrong:
            self.reject(map(wrong.__contains__, column))
        return list(map(found.get, column, column)) if found else column

    def phone(self, name: str) -> Column:
        """The phones as E.164; a row without one is wrong."""
        phones = self.phone_or_none(name)
        if "" in phones:
            self.reject(map(not_, phones))
        return phones

    def phone_or_none(self, name: str) -> Column:
        """The phones as E.164, "" where there is none."""
        if name not in self._phones:
            column = self.text(name)
            found = plain_numbers(column, self.region)
            for at in [*compress(range(self.count), map(not_, found))]:
                if column[at]:
                    try:
                        found[at] = e164(column[at], self.region)
                    except CellError:
                        self.wrong.add(at)
            self._phones[name] = found
        return self._phones[name]

    @property
    def phones(self) -> Mapping[str, Column]:
        """Those that were asked for, WRONG where the row is."""
        return {name: self._marked(column) for name, column in self._phones.items()}

    def unknown(self, *more: Mapping[str, Column]) -> Column:
        """What the columns that no one knows say, and *more*, as JSON; "" where they say nothing."""
        columns = {name: self._column(place) for name, place in self._unknown.items()}
        for others in more:
            columns |= others
        return objects(columns) if columns else self.nothing

    def reject(self, wrong: Iterable[bool]) -> None:
        """The rows are errors for which *wrong* is true."""
        self.wrong.update(compress(range(self.count), wrong))

    def _marked(self, phones: Column) -> Column:
        if not self.wrong:
            return phones
        return [WRONG if at in self.wrong else phone for at, phone in enumerate(phones)]

    def _right(self, phones: Column) -> Column:
        if WRONG not in phones:
            return phones
        self.reject(phone == WRONG for phone in phones)
        return ["" if phone == WRONG else phone for phone in phones]

    def _column(self, place: int) -> Column:
        found = self._trimmed[place]
        if found is None:
            cells = self._cells(place)
            together = "".join(cells)
            if "\0" in together:
                self.reject("\0" in cell for cell in cells)
            if "[" in together:
                self.clearing.update(at for at, cell in enumerate(cells) if "[" in cell)
            self._sizes[place] = len(together)
            found = self._trimmed[place] = list(map(str.strip, cells))
        return found

    def _cells(self, place: int) -> Column:
        return self._columns[place] if self._columns else list(map(itemgetter(place), self._rows))

    def _even(self, rows: Sequence[Sequence[str]], width: int) -> Sequence[Sequence[str]]:
        sizes = list(map(len, rows))
        if sizes.count(width) == len(sizes):
            return rows
        ragged = [at for at, size in enumerate(sizes) if size != width]
        self.wrong.update(ragged)
        even = list(rows)
        for at in ragged:
            even[at] = [""] * width
        return even


def objects(columns: Mapping[str, Column]) -> list[str]:
    """A JSON object for each row of what *columns* say by their names; "" where they say nothing."""
    members = [_members(name, column) for name, column in columns.items() if any(column)]
    if not members:
        return [""] * len(next(iter(columns.values())))
    return [f"{{{said[:-1]}}}" if said else "" for said in map("".join, zip(*members, strict=True))]


def _members(name: str, column: Column) -> list[str]:
    """With what stands between it and the next."""
    label = encode_basestring(name)
    together = "".join(column)
    if together.isprintable() and '"' not in together and "\\" not in together:
        return [f'{label}:"{cell}",' if cell else "" for cell in column]
    return [f"{label}:{encode_basestring(cell)}," if cell else "" for cell in column]
