import csv
import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.imports.source import CELL_MAX_CHARS, OpenQuoteError, PiecesIO, records, rows

BOM = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", []),
        (BOM, []),
        (b"\n\r\n\n", []),
        (b"phone", [["phone"]]),
        (b"phone\n1\n", [["phone"], ["1"]]),
        (BOM + b"phone,x\r\n1,2\r\n", [["phone", "x"], ["1", "2"]]),
        (b"phone\r1\r2\r", [["phone"], ["1"], ["2"]]),
        (b"phone\n\n1\n\n\n2", [["phone"], ["1"], ["2"]]),
        (b'a,b\n1,"x\r\ny"\n', [["a", "b"], ["1", "x\r\ny"]]),
        (b'a,b\n1,"she said ""no"""\n', [["a", "b"], ["1", 'she said "no"']]),
        (b'a,b\n1,a "quote" within\n', [["a", "b"], ["1", 'a "quote" within']]),
        (b'a,b\n1, "space, first"\n', [["a", "b"], ["1", ' "space', ' first"']]),
        (b"a,b\n1\n1,2,3\n,\n", [["a", "b"], ["1"], ["1", "2", "3"], ["", ""]]),
        (b"a\n\x00\n\x1a\n", [["a"], ["\0"], ["\x1a"]]),
        (b"a\n" + "é\u2028ü\x85".encode() + b"\n", [["a"], ["é\u2028ü\x85"]]),
        (b"a\n" + b"x" * 200_000 + b"\n", [["a"], ["x" * 200_000]]),
    ],
)
def test_bytes_in_records_out(data, found):
    assert list(records([data])) == found


def test_rows_are_numbered_without_header_and_blank_lines_and_a_quoted_cell_may_hold_several_lines():
    found = list(rows([b'phone,notes\n1,"a\nb"\n\n2,c\n']))
    assert [(row.number, row.cells) for row in found] == [(1, ["1", "a\nb"]), (2, ["2", "c"])]
    assert found[0].size == 4 + 2 * 8


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b'"', 1),
        (b'a,b\n1,"x', 2),
        (b'a,b\n1,"x\n2,y\n3,z\n', 2),
        (b'a,b\n1,"two\nlines"\n\n2,"x\n', 5),
        (b'a,b\r\n1,"x""\r\n', 2),
        (b'a,b\r1,2\r"x\r', 3),
        (b'a,b\n1,"' + b"x" * (CELL_MAX_CHARS + 1), 2),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_quote_that_is_never_closed_is_told_with_the_line_of_its_record(data, line):
    with pytest.raises(OpenQuoteError) as error:
        list(records([data]))
    assert error.value.line == line


def test_rows_go_on_behind_the_ones_that_are_done():
    data = b"phone\n" + b"".join(b"%d\n" % number for number in range(1, 8))
    assert [(row.number, row.cells) for row in rows([data], after=5)] == [(6, ["6"]), (7, ["7"])]
    assert list(rows([data], after=7)) == []


@given(
    table=st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=4), max_size=6),
    cuts=st.lists(st.integers(0, 400), max_size=5),
)
def test_what_a_csv_writer_wrote_is_read_back_wherever_the_pieces_are_cut(table, cuts):
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["one", "two"], *table])
    data = text.getvalue().encode()
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    cut_up = [data[start:end] for start, end in pairwise(edges)]
    assert list(records(cut_up)) == [["one", "two"], *table]
    assert io.BufferedReader(PiecesIO(cut_up)).read() == data
