import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.imports.errors_csv import harmless
from app.imports.kinds import KINDS
from app.imports.layout import ERROR_COLUMNS, match
from app.imports.normalise import Normaliser
from app.imports.source import Row

RUN = ["=1+1", "+14045550123", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"]
WIDE = ["\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20SUM(A1)"]


@pytest.mark.parametrize("cell", [*RUN, *WIDE])
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(cell):
    assert harmless(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["'=1", "'", "''", "'n Sync"])
def test_a_cell_with_an_apostrophe_gets_another_one_so_that_it_keeps_its_own(cell):
    assert harmless(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "a=b", "404-555-0123", "Zoë", " =1"])
def test_any_other_cell_stays_as_it_is(cell):
    assert harmless(cell) == cell


@given(st.text(max_size=20))
def test_a_cell_is_itself_again_when_its_row_is_uploaded_again(cell):
    layout = match([*ERROR_COLUMNS, "phone", "note"], KINDS["contacts"])
    row = Row(1, ["7", "", "", "", "", "n/a", harmless(cell)])
    problem = Normaliser(KINDS["contacts"], layout, "US", 100).one(row)
    assert problem.cells == ["n/a", cell]
