import pytest

from app.imports.layout import COLUMNS_MAX
from app.imports.load import KEPT_CHARS, Chunk, batches, kept, visible
from app.imports.normalise import RowProblem
from app.imports.report import harmless
from app.imports.source import Row


def rows(*sizes):
    return [Row(number, ["x" * size]) for number, size in enumerate(sizes, 1)]


def numbers(found):
    return [[row.number for row in batch] for batch in found]


def test_a_chunk_ends_at_its_rows_or_its_characters_whichever_comes_first():
    assert numbers(batches(rows(1, 1, 1, 1, 1), 2, 100)) == [[1, 2], [3, 4], [5]]
    assert numbers(batches(rows(4, 4, 4, 99, 1), 100, 24)) == [[1, 2], [3, 4], [5]]  # 8 more for each cell
    assert numbers(batches(rows(1, 1), 2, 100)) == [[1, 2]]
    assert list(batches([], 2, 100)) == []


def test_a_chunk_is_handed_on_before_the_rows_behind_it_are_read():
    def endless():
        yield from rows(1, 1)
        raise AssertionError("read on")

    assert numbers([next(batches(endless(), 2, 100))]) == [[1, 2]]


def test_a_later_row_of_a_phone_overrides_what_it_says_and_keeps_what_it_leaves_open():
    chunk = Chunk()
    chunk.add({"phone": "+1", "first_name": "Ada", "email": "a@b.co", "notes": None})
    chunk.add({"phone": "+2", "first_name": "Bo", "email": None, "notes": None})
    chunk.add({"phone": "+1", "first_name": "Zoë", "email": None, "notes": "new"})
    chunk.add(RowProblem(Row(4, ["x"]), "phone", "x", "phone_invalid", ""))
    assert (chunk.rows, chunk.duplicates, len(chunk.problems)) == (4, 1, 1)
    assert list(chunk.contacts.values()) == [
        {"phone": "+1", "first_name": "Zoë", "email": "a@b.co", "notes": "new"},
        {"phone": "+2", "first_name": "Bo", "email": None, "notes": None},
    ]


def test_a_rejected_row_is_kept_as_it_was_up_to_a_bound():
    assert list(kept(["a", "", "é" * 1000])) == ["a", "", "é" * 1000]
    assert list(kept(["x" * (KEPT_CHARS - 1), "yz", "", "w"])) == [
        "x" * (KEPT_CHARS - 1), "y... (cut)", "", "... (cut)",
    ]  # fmt: skip
    assert len(list(kept([""] * (COLUMNS_MAX + 5)))) == COLUMNS_MAX


def test_a_nul_byte_is_shown_as_a_sign_that_postgresql_can_hold():
    assert visible("a\0b") == "a\u2400b"


@pytest.mark.parametrize("cell", ["=1+1", "+14045550123", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(cell):
    assert harmless(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "a=b", "404-555-0123", "Zoë", "'=1"])
def test_any_other_cell_stays_as_it_is(cell):
    assert harmless(cell) == cell
