"""A row's cells to what they say, or to the reason why not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.imports.columns import Block, Column, Columns
from app.imports.kinds.kind import Cells, FieldError, Key, Kind
from app.imports.layout import Layout, own
from app.imports.parsed import Parsed
from app.imports.source import Row, Rows


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row was not imported: *code* for programs, *reason* and what to do (*fix*) for people.

    *cells* are those of the file's own columns, without the lead of an errors.csv.
    """

    number: int
    cells: list[str]
    column: str
    value: str
    code: str
    reason: str
    fix: str


@dataclass(frozen=True, slots=True)
class Normaliser:
    """Understands the rows of one file."""

    kind: Kind
    layout: Layout
    region: str
    cell_max_chars: int

    def blocks(
        self, rows: Rows, phones: Mapping[str, Column] | None = None
    ) -> tuple[Mapping[str, Sequence[Block]], set[int]]:
        """What *rows* say by target, but for those in places of the set: they are to be asked for one by one.

        *phones*: theirs, as `shared` has found them.
        """
        columns = self._columns(rows, phones)
        blocks = self.kind.blocks(columns)
        columns.check(self.layout.header, self.cell_max_chars)
        return blocks, columns.wrong | columns.clearing

    def shared(self, rows: Rows) -> tuple[list[str], Mapping[str, Column]]:
        """The keys that *rows* may have in common with others, each as often as there is a row that has it.

        And their phones by field.
        """
        columns = self._columns(rows, several=False)
        found = self.kind.shared(columns)
        apart = columns.wrong | columns.clearing
        keys = [key for column in found for at, key in enumerate(column) if key and at not in apart]
        for at in columns.clearing:
            keys += (key for _, key in self.keys(rows[at]))
        return keys, columns.phones

    def one(self, row: Row) -> Parsed | RowProblem:
        """What the row says, or what is wrong with it."""
        cells = list(own(row.cells, self.layout.lead))
        problem = self._shape(row.number, cells)
        if problem:
            return problem
        try:
            return self.kind.parse(self._cells(row.number, cells))
        except FieldError as error:
            place = self.layout.position.get(error.field)
            column, value = ("", "") if place is None else (self.layout.header[place], cells[place])
            return RowProblem(row.number, cells, column, value, error.code, error.reason, error.fix)

    def keys(self, row: Row) -> Iterable[Key]:
        """What the row may have in common with others; nothing for one that is certainly no good row."""
        cells = own(row.cells, self.layout.lead)
        return () if len(cells) != self.layout.width else self.kind.keys(self._cells(row.number, cells))

    def _columns(self, rows: Rows, phones: Mapping[str, Column] | None = None, *, several: bool = True) -> Columns:
        layout = self.layout
        cells = [own(cells, layout.lead) for cells in rows.cells] if layout.lead else rows.cells
        return Columns(
            cells, layout.width, layout.position, layout.unknown, self.region, phones=phones, several=several
        )

    def _cells(self, number: int, cells: Sequence[str]) -> Cells:
        layout = self.layout
        texts = {field: cells[place] for field, place in layout.position.items()}
        return Cells(number, texts, {name: cells[place] for name, place in layout.unknown.items()}, self.region)

    def _shape(self, number: int, cells: list[str]) -> RowProblem | None:
        """What is wrong with a row before any cell is understood."""
        width = self.layout.width
        if len(cells) != width:
            return RowProblem(
                number,
                cells,
                "",
                "",
                "ragged_row",
                f"{len(cells)} cells where the header has {width}",
                "look for a comma or a quote too many or too few",
            )
        if max(map(len, cells)) > self.cell_max_chars or "\0" in "".join(cells):
            return self._unfit(number, cells)
        if width > 1 and tuple(cells) == self.layout.header:
            return RowProblem(number, cells, "", "", "header_repeated", "repeats the header line", "delete the row")
        return None

    def _unfit(self, number: int, cells: list[str]) -> RowProblem | None:
        """Of the first cell that is too long, or can't be kept."""
        for name, cell in zip(self.layout.header, cells, strict=True):
            if len(cell) > self.cell_max_chars:
                return RowProblem(
                    number,
                    cells,
                    name,
                    cell[:100],
                    "cell_too_long",
                    f"{len(cell)} characters, more than {self.cell_max_chars}",
                    "shorten it; is a closing quote missing?",
                )
            if "\0" in cell:
                return RowProblem(number, cells, name, cell, "nul_byte", "holds a NUL byte", "remove it")
        return None
