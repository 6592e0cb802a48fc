"""Parts of a file: together they are it, and what is read of them is what is read of it."""

from io import BytesIO
from itertools import chain, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.imports.dialect import Dialect
from app.imports.encoding import UnreadableError
from app.imports.slices import slices
from app.imports.source import records

CELLS = st.text('x,"\n\r ;é', max_size=6)


def cut(data, rows, most=2, encoding="utf-8"):
    """The slices of a file in chunks of so many *rows*; they are found to be all of it."""
    found = slices(BytesIO(data), encoding, data.count(b"\n"), repeat(rows), most)
    assert b"".join(data[each.begin : each.end] for each in found) == data
    assert 1 <= len(found) <= most
    return found


def read(data, found):
    """The records of all slices, one after the other. Raises UnreadableError."""
    return [
        *chain.from_iterable(
            records([data[each.begin : each.end]], Dialect(), is_start=each.begin == 0) for each in found
        )
    ]


def test_parts_have_as_many_rows_as_their_chunks():
    data = b"phone\n" + b"".join(b"%d\n" % row for row in range(700))
    found = cut(data, 100, most=3)
    assert [data[each.begin : each.end].count(b"\n") for each in found] == [301, 200, 200]
    assert [each.sizes for each in found] == [[100] * 3, [100] * 2, [100] * 3]


def test_a_part_does_not_begin_within_a_quote():
    data = b"phone,notes\n" + b'1,"a\nb ""c""\nd"\n' * 40
    found = cut(data, 7, most=4)
    assert len(found) == 4
    assert all(data[each.begin :].startswith(b"1,") for each in found[1:])
    assert read(data, found) == [*records([data], Dialect())]


def test_where_to_cut_is_found_at_once_however_long_a_quote_is_open():
    data = b'phone,notes\n1,"' + b"x\n" * 400_000 + b'"\n' + b"2,y\n" * 20
    found = cut(data, 100_000)
    assert read(data, found)[-20:] == [["2", "y"]] * 20


@pytest.mark.parametrize("data", [b"phone", b"phone\n", b"phone\n1", b"phone\r1\r2\r", b'phone\n"1\n2\n3\n4\n'])
def test_what_can_not_be_cut_is_one_part(data):
    [whole] = cut(data, 1)
    assert whole[:2] == (0, len(data))


def test_where_a_line_end_may_be_half_a_character_there_is_one_part():
    assert len(cut(("phone\n" + "ਊ\n" * 99).encode("utf-16-le"), 10, encoding="utf-16-le")) == 1


def test_a_first_record_is_none_but_at_the_start():
    data = b"phone\n" + b"sep=;\n\xef\xbb\xbfx\n" * 20
    assert read(data, cut(data, 1, most=7)) == [*records([data], Dialect())]


@given(st.lists(st.tuples(CELLS, CELLS, st.booleans()), max_size=30), st.integers(1, 9), st.integers(1, 4))
def test_what_is_read_in_parts_is_what_is_read_at_once_or_an_error(rows, size, most):
    """Of rows in any sort of quotes: one that stands where it is text misleads, and is found out."""
    lines = (f'{one},"{other}"\n' if quoted else f"{one},{other}\n" for one, other, quoted in rows)
    data = ("a,b\n" + "".join(lines)).encode()
    found = cut(data, size, most)
    try:
        expected = [*records([data], Dialect())]
    except UnreadableError:
        return
    try:
        in_parts = read(data, found)
    except UnreadableError:
        return
    assert in_parts == expected
