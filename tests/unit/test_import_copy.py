"""What COPY is to read: as PostgreSQL's documentation has its text format."""

import re

from hypothesis import given
from hypothesis import strategies as st

from app.imports.copy import rows, table

CELL = st.text(
    st.one_of(st.sampled_from('\\\t\n\r.Nn,"\x85\u2028'), st.characters(exclude_characters="\0", codec="utf-8"))
)
TABLE = st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[CELL] * width), min_size=1, max_size=5))
MEANT = {r"\\": "\\", r"\t": "\t", r"\n": "\n", r"\r": "\r"}


def read(data):
    """The cells, by the format's own rules: what is behind a backslash is a letter for a character."""
    assert b"\r" not in data
    lines = data.decode().removesuffix("\n").split("\n")
    return [tuple(re.sub(r"\\.", lambda found: MEANT[found[0]], cell) for cell in line.split("\t")) for line in lines]


@given(TABLE)
def test_cells_come_out_of_a_table_as_they_went_in(records):
    assert read(table(rows(zip(*records, strict=True)))) == records


def test_a_row_that_can_not_be_kept_spoils_no_other():
    assert rows([["a\n", "b\0c", "\\"], ["1", "2", "3"]])[::2] == ["a\\n\t1", "\\\\\t3"]


def test_no_cell_ends_the_data_or_is_null_by_what_it_says():
    assert table(rows([["\\.", "\\N", ""]])) == b"\\\\.\n\\\\N\n\n"
