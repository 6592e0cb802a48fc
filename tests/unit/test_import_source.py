import csv
import io
import tracemalloc
from itertools import chain, islice, pairwise, repeat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.imports.dialect import Dialect
from app.imports.encoding import UnreadableError
from app.imports.parser import CELLS_MAX, DELIMITERS, RECORD_MAX_CHARS
from app.imports.source import (
    CELL_MAX_CHARS,
    PART_ROWS,
    OpenQuoteError,
    PiecesIO,
    Progress,
    Row,
    Rows,
    batches,
    parts,
    records,
    sizes,
)

BOM = b"\xef\xbb\xbf"
COMMA = Dialect("utf-8", ",")
ENCODINGS = ["utf-8", "utf-16-le", "utf-16-be", "windows-1252"]
EURO = {"utf-8": b"\xe2\x82\xac", "utf-16-le": b"\xac\x20", "utf-16-be": b"\x20\xac", "windows-1252": b"\x80"}


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
        (b"a,b\r1,2\n3,4\r\n5,6", [["a", "b"], ["1", "2"], ["3", "4"], ["5", "6"]]),
        (b'a,b\r1,"x\ry"\r2,"x\ny"\r', [["a", "b"], ["1", "x\ry"], ["2", "x\ny"]]),
        (b"a\n \n1\n", [["a"], [" "], ["1"]]),
        (b"a;b\n1;2\n", [["a;b"], ["1;2"]]),
        (b"sep=,\r\na,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
        (BOM + b'"sep=,"\na,b\n', [["a", "b"]]),
        (b"\nsep=,\na,b\n", [["sep=", ""], ["a", "b"]]),
        (b"sep=,", []),
        (BOM + BOM + b"a\n", [["\ufeffa"]]),
    ],
)
def test_bytes_in_records_out(data, found):
    assert list(records([data], COMMA)) == found


def sized(lines, most, max_size, **options):
    progress = Progress()
    read = records([b"header\n", *(f"{line}\n".encode() for line in lines)], COMMA, progress)
    return list(batches(islice(read, 1, None), progress, most, max_size, **options))


def test_rows_are_numbered_without_header_and_blank_lines_and_a_quoted_cell_may_hold_several_lines():
    assert sized(['1,"a\nb"', "", "2,c"], repeat(9), 100) == [Rows(1, [["1", "a\nb"], ["2", "c"]])]
    assert list(Rows(7, [["x"], ["y"]])) == [Row(7, ["x"]), Row(8, ["y"])]
    assert Rows(7, [["x"], ["y"]])[1] == Row(8, ["y"])


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
        list(records([data], COMMA))
    assert error.value.line == line


def test_a_batch_ends_at_its_rows_or_its_size_whichever_comes_first():
    def lengths(lines, most, max_size, **options):
        found = sized(lines, most, max_size, **options)
        assert [row for batch in found for row in batch] == [Row(n, [line]) for n, line in enumerate(lines, 1)]
        return [len(batch) for batch in found]

    assert lengths("xxxxx", repeat(2), 100) == [2, 2, 1]
    assert lengths("xxxxx", chain([1], repeat(3)), 100) == [1, 3, 1]
    assert lengths("xx", repeat(2), 100) == [2]
    assert lengths([], repeat(2), 100) == []
    line = 4 + 1 + 8  # a line end, and a pointer for the cell
    assert lengths(["four", "four", "four", "x" * 99, "x"], repeat(100), 2 * line) == [2, 2, 1]
    assert lengths(["four"] * 4, repeat(100), 2 * line, overhead=line) == [1, 1, 1, 1]


def test_a_batch_is_handed_on_before_the_rows_behind_it_are_read():
    def endless():
        yield from (["1"], ["2"])
        raise AssertionError("read on")

    assert next(batches(endless(), Progress(), repeat(2), 100)) == Rows(1, [["1"], ["2"]])


def test_rows_are_taken_apart_and_keep_their_numbers():
    cells = [[str(number)] for number in range(7, 1207)]
    parts = list(Rows(7, cells).parts())
    assert [len(part) for part in parts] == [500, 500, 200]
    assert [row for part in parts for row in part] == list(Rows(7, cells))


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"], ids=repr)
@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize(
    ("encoding", "marked"), [*((encoding, False) for encoding in ENCODINGS), *((one, True) for one in ENCODINGS[:3])]
)
@pytest.mark.parametrize("named", [False, True], ids=["", "sep"])
def test_every_encoding_delimiter_and_line_end_says_the_same(encoding, delimiter, end, marked, named):
    text = f'phone|notes|x||1|"a|b{end}""c"""|#||2|#'.replace("||", end).replace("|", delimiter)
    if named:
        text = f"sep={delimiter}{end}{text}"
    if marked:
        text = "\ufeff" + text
    before, between, after = (part.encode(encoding) for part in text.split("#"))
    data = before + EURO[encoding] + between + EURO[encoding] + after
    assert list(records([data], Dialect(encoding, delimiter))) == [
        ["phone", "notes", "x"],
        ["1", f'a{delimiter}b{end}"c"', "€"],
        ["2", "€"],
    ]


@pytest.mark.parametrize(
    ("dialect", "data", "found"),
    [
        (
            Dialect("utf-16-le", ","),
            b"\xff\xfea\0,\0b\0\r\0\n\0\x0a\x0a,\0\x0d\x0d",
            [["a", "b"], ["\u0a0a", "\u0d0d"]],
        ),
        (Dialect("utf-16-be", ";"), b"\xfe\xff\0a\0\n\xd8\x3d\xde\x00", [["a"], ["\U0001f600"]]),
        (Dialect("windows-1252", "\t"), b"a\tb\nJos\xe9\t\x93x\x94", [["a", "b"], ["José", "“x”"]]),
        (Dialect("utf-8", "|"), b'a|b\n1|"x|y"\n', [["a", "b"], ["1", "x|y"]]),
        (Dialect("utf-16-le", ","), b"\xff\xfe", []),
    ],
)
def test_literal_bytes_of_other_dialects(dialect, data, found):
    assert list(records([data], dialect)) == found


@pytest.mark.parametrize(
    "line",
    [
        "sep=;\n",
        "sep=;\r\n",
        "sep=;\r",
        "SEP=;\n",
        " sep = ; \n",
        '"sep=;"\n',
        '"Sep=;"\r\n',
        "\ufeffsep=;\n",
        'sep=";"\n',
    ],
)
@pytest.mark.parametrize("encoding", ENCODINGS[:3])
def test_excels_line_that_names_the_delimiter_is_no_record_and_counts_as_a_line(encoding, line):
    dialect = Dialect(encoding, ";")
    assert list(records([(line + "a;b\n1;2").encode(encoding)], dialect)) == [["a", "b"], ["1", "2"]]
    with pytest.raises(OpenQuoteError) as error:
        list(records([(line + 'a;b\n1;"').encode(encoding)], dialect))
    assert error.value.line == 3


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_open_quote_is_found_in_every_encoding(encoding):
    with pytest.raises(OpenQuoteError, match="line 2 is never closed"):
        list(records(['a,b\n1,"€\n2,3\n'.encode(encoding)], Dialect(encoding, ",")))


def test_a_cell_of_the_most_characters_is_read_and_one_with_one_more_is_not():
    most = "€" * CELL_MAX_CHARS
    for cell in (most, f'"{most}"'):
        assert [len(cells[0]) for cells in records([f"{cell},x\n".encode()], COMMA)] == [CELL_MAX_CHARS]
    with pytest.raises(
        UnreadableError, match="A cell in the record at line 2 has more than 16,777,216 characters, without"
    ):
        list(records([f"a,b\n1,{most}€,2\n".encode()], COMMA))
    with pytest.raises(OpenQuoteError, match="line 2 is not closed within 16,777,216 characters"):
        list(records([f'a,b\n1,"{most}€",2\n'.encode()], COMMA))
    with pytest.raises(OpenQuoteError, match="line 2 is not closed within 16,777,216 characters"):
        list(records([b'a,b\n1,"x\n', (b"x,,,," * 1000 + b"\n") * (CELL_MAX_CHARS // 5000)], COMMA))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"a,b\n" + b"x" * (RECORD_MAX_CHARS + 2**20), "A cell in the record at line 2 has more than 16,777,216"),
        (b'a,b\n1,"' + b"x" * (RECORD_MAX_CHARS + 2**20), "quote that is opened in the record at line 2 is not closed"),
        (b"a,b\n1," + b"x" * (9 * 2**20) + b"," + b"x" * (9 * 2**20), "record at line 2 has more than 17,825,792 char"),
        (b"a,b\n" + b"," * (RECORD_MAX_CHARS + 2**20), "record at line 2 has more than 32,768 cells"),
        (b"a,b\n" + b"," * CELLS_MAX + b"\n1,2\n", "record at line 2 has more than 32,768 cells"),
        (b'a,b\n"' + b'\n","' * CELLS_MAX + b'"\n', "record at line 2 has more than 32,768 cells"),
        (
            b'a,b\n"' + b'\n""' * CELLS_MAX + b'"' + b"," * CELLS_MAX + b"\n",
            "record at line 2 has more than 32,768 cells",
        ),
    ],
    ids=range(7),
)
def test_a_record_is_bounded_and_what_breaks_the_bound_is_told_with_its_line(data, says):
    with pytest.raises(UnreadableError) as error:
        list(records([data], COMMA))
    assert says in str(error.value)
    assert error.value.line == 2


@pytest.mark.parametrize(
    "cells",
    [
        [""] * CELLS_MAX,
        ["ab"] * CELLS_MAX,
        ["a,b\n" * 10_000] * 30,
        [",,,," * 100_000, "x", ",\n," * 100_000, '"' * 100_000],
        ["x\n"] * (CELLS_MAX // 2),
    ],
    ids=range(5),
)
def test_a_record_within_the_bounds_is_read_however_many_delimiters_its_cells_hold(cells):
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["a"], cells, ["1", "2"], cells])
    assert list(records([text.getvalue().encode()], COMMA)) == [["a"], cells, ["1", "2"], cells]


def test_a_hostile_line_takes_no_more_memory_than_a_cell_may():
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableError):
            list(records((b"ab," * 2**18 for _ in range(80)), COMMA))
        assert tracemalloc.get_traced_memory()[1] < 5 * CELL_MAX_CHARS
    finally:
        tracemalloc.stop()


CHARACTERS = {
    "utf-8": st.characters(exclude_categories=["Cs"]),
    "utf-16-le": st.characters(exclude_categories=["Cs"]),
    "utf-16-be": st.characters(exclude_categories=["Cs"]),
    "windows-1252": st.characters(codec="windows-1252"),
}


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(max_examples=25)
@given(data=st.data())
def test_what_a_csv_writer_wrote_is_read_back_wherever_the_pieces_are_cut(encoding, delimiter, data):
    cell = st.text(st.sampled_from('",;\t|\r\n ') | CHARACTERS[encoding], max_size=8)
    table = data.draw(st.lists(st.lists(cell, min_size=2, max_size=4), max_size=6))
    cuts = data.draw(st.lists(st.integers(0, 400), max_size=5))
    # Python 3.11's writer quotes no line end but the one it writes, unless it quotes everything.
    end, quoting = data.draw(
        st.sampled_from([("\r\n", csv.QUOTE_MINIMAL), ("\n", csv.QUOTE_ALL), ("\r", csv.QUOTE_ALL)])
    )
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows([["one", "two"], *table])
    written = text.getvalue().encode(encoding)
    edges = [0, *sorted(min(cut, len(written)) for cut in cuts), len(written)]
    cut_up = [written[start:end] for start, end in pairwise(edges)]
    assert list(records(cut_up, Dialect(encoding, delimiter))) == [["one", "two"], *table]
    assert io.BufferedReader(PiecesIO(cut_up)).read() == written


@pytest.mark.parametrize(
    ("rows", "most", "at_once", "found"),
    [
        (50_000, 10_000, 2, [2000, *[8000] * 6]),
        (50_000, 10_000, 1, [2000, *[9600] * 5]),
        (10_000, 10_000, 2, [10_000]),
        (10_001, 10_000, 2, [2000, 4001, 4001]),
        (20, 7, 2, [7, 7, 7]),
        (2500, 2000, 2, [2000, 2000]),
    ],
)
def test_chunks_are_alike_and_as_many_for_each_lane(rows, most, at_once, found):
    assert [*islice(sizes(rows, most, at_once), len(found))] == found
    assert sum(found) >= rows


@given(st.integers(1, 300_000), st.integers(1, 20_000), st.integers(1, 5))
def test_no_chunk_has_more_rows_than_one_may_have(rows, most, at_once):
    found = [*islice(sizes(rows, most, at_once), rows)]
    assert 1 <= min(found) <= max(found) <= most


@pytest.mark.parametrize("limit", [10**9, 300, 60, 1])
@pytest.mark.parametrize("rows", [0, 1, 7, 499, 500, 501, 1700])
def test_a_chunk_in_parts_is_the_chunk(rows, limit):
    file = b"a,b\n" + b"".join(b"%d,x\n" % number for number in range(rows))

    def read(how):
        progress = Progress()
        found = records([file], Dialect(), progress)
        next(found)
        return list(how(found, progress, [3, 600, *[900] * 2000], limit, first=11, overhead=2))

    whole: list[Rows] = []
    ends = True
    for part, is_end in read(parts):
        assert 0 < len(part) <= PART_ROWS
        whole = [*whole, part] if ends else [*whole[:-1], Rows(whole[-1].first, [*whole[-1].cells, *part.cells])]
        ends = is_end
    assert whole == read(batches)
