import csv
import io
import json
import tracemalloc

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from app.imports.dialect import Dialect
from app.imports.source import records as app_records
from fixtures.generate import make
from loadtest.client.split import split
from loadtest.client.split_command import split as command
from loadtest.client.table import Table
from loadtest.errors import UsageError

BOM = b"\xef\xbb\xbf"
LICENCE = b"Data is licensed; see terms"


@pytest.fixture
def cut(tmp_path):
    """`cut(data, rows)`: the parts of a file with these bytes."""

    def parts(data, rows, **options):
        path = tmp_path / "list.csv"
        path.write_bytes(data)
        written = split(Table.open(path), rows, tmp_path / "parts", **options)
        assert [part.path.name for part in written] == [f"list-{n:04}.csv" for n in range(1, len(written) + 1)]
        return [part.path.read_bytes() for part in written]

    return parts


@pytest.mark.parametrize(
    ("data", "parts"),
    [
        (b"a,b\n1,2\n", [b"a,b\n1,2\n"]),
        (b"a,b\n1,2\n3,4\n", [b"a,b\n1,2\n3,4\n"]),
        (b"a,b\n1,2\n3,4\n5,6\n", [b"a,b\n1,2\n3,4\n", b"a,b\n5,6\n"]),
        (b"a,b\n1,2\n3,4\n5,6", [b"a,b\n1,2\n3,4\n", b"a,b\n5,6"]),
        (b"a,b\r\n1,2\r\n3,4\r\n5,6", [b"a,b\r\n1,2\r\n3,4\r\n", b"a,b\r\n5,6"]),
        (b"a,b\r1,2\r3,4\r5,6\r", [b"a,b\r1,2\r3,4\r", b"a,b\r5,6\r"]),
        (b"a,b\n1,2\r3,4\r\n5,6", [b"a,b\n1,2\r3,4\r\n", b"a,b\n5,6"]),
        (b'a,b\n1,"x\ny"\n3,"x\r\n\r\ny"\n5,"\n"\n', [b'a,b\n1,"x\ny"\n3,"x\r\n\r\ny"\n', b'a,b\n5,"\n"\n']),
        (b'a,b\n1,"x ""\n"" y"\n3,4\n5,"6"', [b'a,b\n1,"x ""\n"" y"\n3,4\n', b'a,b\n5,"6"']),
        # Only at a cell's start does a quote open it.
        (b'a,b\n1,5\' 6"\n3, "4\n5,6\n', [b'a,b\n1,5\' 6"\n3, "4\n', b"a,b\n5,6\n"]),
        (b'"a\nb",c\n1,2\n3,4\n5,6\n', [b'"a\nb",c\n1,2\n3,4\n', b'"a\nb",c\n5,6\n']),
        (BOM + b"a,b\n1,2\n3,4\n5,6\n", [BOM + b"a,b\n1,2\n3,4\n", BOM + b"a,b\n5,6\n"]),
        (BOM + b'"a",b\n1,2\n3,4\n5,6\n', [BOM + b'"a",b\n1,2\n3,4\n', BOM + b'"a",b\n5,6\n']),
        (b"sep=;\r\na;b\r\n1;2\r\n3;4\r\n5;6", [b"sep=;\r\na;b\r\n1;2\r\n3;4\r\n", b"sep=;\r\na;b\r\n5;6"]),
        (b'a;b, c\n1;"x\ny, z"\n3;4\n5;6\n', [b'a;b, c\n1;"x\ny, z"\n3;4\n', b"a;b, c\n5;6\n"]),
        (b"a|b\n1|2\n3|4\n5|6\n", [b"a|b\n1|2\n3|4\n", b"a|b\n5|6\n"]),
        (b"a\tb\n1\t2\n3\t4\n5\t6\n", [b"a\tb\n1\t2\n3\t4\n", b"a\tb\n5\t6\n"]),
        # Blank lines are no rows, and stay where they were.
        (b"\na,b\n\n1,2\n\n\n3,4\n\n5,6\n\n", [b"\na,b\n\n1,2\n\n\n3,4\n\n", b"\na,b\n5,6\n\n"]),
        (b"a,b\n1,2\n3,4\n\n\n", [b"a,b\n1,2\n3,4\n\n\n"]),
        # The licence line is never a part by itself, nor is a row ever taken for one.
        (b"a,b\n1,2\n3,4\n" + LICENCE, [b"a,b\n1,2\n3,4\n" + LICENCE]),
        (b"a,b\n1,2\n3,4\n5,6\n" + LICENCE, [b"a,b\n1,2\n3,4\n", b"a,b\n5,6\n" + LICENCE]),
        (b"a,b\n1,2\n3, 4\nonly one\n5,6\n", [b"a,b\n1,2\n3, 4\nonly one\n5,6\n"]),
        (b"a,b\n1,2\nonly one\n3,4\n5,6\n7,8\n", [b"a,b\n1,2\nonly one\n3,4\n", b"a,b\n5,6\n7,8\n"]),
        (b"a\nx y\nz\nx y\n", [b"a\nx y\nz\n", b"a\nx y\n"]),
        (b"a,b\n1\n3,4,5\n6,7\n", [b"a,b\n1\n3,4,5\n", b"a,b\n6,7\n"]),
        (b"a,b\n\x00,2\n3,\x1a\n5,6\n", [b"a,b\n\x00,2\n3,\x1a\n", b"a,b\n5,6\n"]),
        ("a,b\né,2\n3,4\n5,€\n".encode(), ["a,b\né,2\n3,4\n".encode(), "a,b\n5,€\n".encode()]),
        ("a,b\né,2\n3,4\n5,€\n".encode("cp1252"), ["a,b\né,2\n3,4\n".encode("cp1252"), "a,b\n5,€\n".encode("cp1252")]),
        ("a,b\n\u2028,\x85\n3,\x0c\n5,6\n".encode(), ["a,b\n\u2028,\x85\n3,\x0c\n".encode(), b"a,b\n5,6\n"]),
    ],
)  # fmt: skip
def test_bytes_in_parts_of_two_rows_out(cut, data, parts):
    assert cut(data, 2) == parts


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_has_its_mark_at_the_start_of_each_part(cut, encoding):
    data = '\ufeffa,b\r\n1,"ü\r\n\U0001f600"\r\n3,4\r\n5,6'.encode(encoding)
    parts = ['\ufeffa,b\r\n1,"ü\r\n\U0001f600"\r\n3,4\r\n', "\ufeffa,b\r\n5,6"]
    assert cut(data, 2) == [part.encode(encoding) for part in parts]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "line 1: no header"),
        (BOM, "line 1: no header"),
        (b"\n\n", "line 1: no header"),
        (b",,\n1,2,3\n", "line 1: no header"),
        (b"sep=;\n", "line 1: no header"),
        (b"a,b\n", "a header line and no rows"),
        (b"a,b", "a header line and no rows"),
        (b"a,b\n\n", "a header line and no rows"),
        (b"a,b\n" + LICENCE, "a header line and no rows"),
        (b"PK\x03\x04rest", "an Excel workbook"),
        (b"%PDF-1.4\n", "a PDF"),
        (b"a\x00,\x00b\x00\n\x00", "NUL bytes"),
        (b"sep=~\na~b\n1~2\n", "names '~' as the delimiter"),
        (b'a,b\n1,2\n3,"4\n5,6\n', "line 3: the quote that is opened here is never closed"),
        (b'a,b\r\n1,"2\r\n3",4,"5\r\n6,7\r\n', "line 3: the quote that is opened here is never closed"),
        (b'a,"b\n1,2\n', "line 1: the quote that is opened here is never closed"),
        (b'a,b\n1,"2""', "line 2: the quote that is opened here is never closed"),
        (b'sep=,\na,b\n1,"2', "line 3: the quote that is opened here is never closed"),
        ("a\né\n".encode() + b"\xe9\n", "line 3: the bytes e9 0a are no UTF-8, while other characters are"),
        (b"a\n\xe9\n" + "é\n".encode(), "line 2: the bytes e9 0a are no UTF-8"),
        (b"a\n\x81\xe9\n", "line 2: neither UTF-8 nor Windows-1252"),
        (b"a\n\xe9\n\x81\n", "line 3: neither UTF-8 nor Windows-1252"),
        (b"a\r\nb\r\n\xc3", "line 3: the file ends in the middle of a character"),
        ("\ufeffa\nb".encode("utf-16-le") + b"\x00", "line 2: the file ends in the middle of a character"),
        ("\ufeffa\n".encode("utf-16-le") + b"\x00\xdc\x41\x00", "line 2: half a UTF-16 character"),
        ("a\n1\n".encode("utf-32"), "line 1: UTF-32"),
        (b"a,b\n" + b"1," * 40_000 + b"\n", "line 2: over 32,768 cells"),
    ],
)
def test_what_is_no_csv_is_refused_with_its_line_and_nothing_is_written(cut, tmp_path, data, said):
    with pytest.raises(UsageError, match=r"list.csv: ") as refused:
        cut(data, 2)
    assert said in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]


def test_a_record_that_never_ends_is_refused_before_it_fills_the_memory(cut, monkeypatch):
    monkeypatch.setattr("loadtest.client.records.RECORD_MAX_CHARS", 1000)
    with pytest.raises(UsageError, match="line 2: the record that begins here has more than"):
        cut(b'a,b\n1,"' + b"x\n" * 600, 2)


def test_a_line_behind_a_million_others_is_found(cut):
    with pytest.raises(UsageError, match="line 200002: the bytes e9 2c"):
        cut("a,é\n".encode() + b"1,2\r\n" * 200_000 + b"\xe9,2\n", 2)


CELLS = st.text(st.sampled_from('ab ",;\r\n\u2028é\x00'), max_size=6)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(CELLS, min_size=1, max_size=3), min_size=1, max_size=12),
    st.integers(1, 5),
    st.sampled_from([("utf-8", ""), ("utf-8", "\ufeff"), ("utf-16-le", "\ufeff"), ("cp1252", "")]),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
)
def test_the_parts_are_the_file(tmp_path_factory, rows, each, written, delimiter, line_end, ended):
    encoding, bom = written
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=line_end).writerows([["name", "x", "y"], *rows])
    whole = bom + (text.getvalue() if ended else text.getvalue().removesuffix(line_end))
    if encoding == "cp1252":
        whole = whole.replace("\u2028", "")
    path = tmp_path_factory.mktemp("split") / "list.csv"
    data = whole.encode(encoding)
    path.write_bytes(data)
    table = Table.open(path)
    found = Dialect(table.encoding, delimiter)
    expected = list(app_records([data], found))
    if len(expected) == 1:
        return  # whatever was left of it is blank
    preamble = table.preamble
    if len(expected) == 2 and len(expected[1]) == 1 and " " in expected[1][0].strip():
        return  # it may be a line of licence
    parts = [part.path.read_bytes() for part in split(table, each, path.parent)]
    assert all(part.startswith(preamble) for part in parts)
    assert preamble + b"".join(part.removeprefix(preamble) for part in parts) == data
    cells = [list(app_records([part], found)) for part in parts]
    assert [expected[0]] * len(parts) == [records[0] for records in cells]
    assert expected[1:] == [record for records in cells for record in records[1:]]
    assert all(len(records) - 1 >= each for records in cells[:-1])


@pytest.mark.parametrize("kind", ["contacts", "propertyradar", "campaign"])
def test_of_a_fixture_nothing_is_lost_and_the_parts_have_their_rows(tmp_path, kind):
    path = tmp_path / "list.csv"
    made = make(kind, 300, 1, path)
    written = split(Table.open(path), 70, tmp_path / "parts")
    assert [part.rows for part in written] == [70, 70, 70, 70, 20]
    assert [part.first_row for part in written] == [1, 71, 141, 211, 281]
    assert sum(part.rows for part in written) == made.rows
    header, _, _ = path.read_bytes().partition(b"\n")
    bodies = [part.path.read_bytes().removeprefix(header + b"\n") for part in written]
    assert header + b"\n" + b"".join(bodies) == path.read_bytes()


def test_memory_does_not_grow_with_the_file(tmp_path):
    def peak(rows):
        path = tmp_path / "list.csv"
        path.write_bytes(b"phone,name\n" + b"4042345678,%s\n" % (b"x" * 500) * rows)
        tracemalloc.start()
        split(Table.open(path), rows, tmp_path / str(rows))
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    # 2.5 MB, then 10 MB; what there is in memory is the piece of a mebibyte that is read at once.
    small, large = peak(5_000), peak(20_000)
    assert large < small * 1.1 < 5 * 2**20


def test_parts_that_are_there_are_replaced_only_by_force(cut, tmp_path):
    first = cut(b"a\n1\n2\n", 1)
    with pytest.raises(UsageError, match=r"list-0001.csv: is there already; --force replaces it"):
        cut(b"a\n3\n4\n", 1)
    assert [path.read_bytes() for path in sorted((tmp_path / "parts").iterdir())] == first
    assert cut(b"a\n3\n4\n", 1, force=True) == [b"a\n3\n", b"a\n4\n"]


def test_a_split_that_fails_half_way_leaves_no_part(cut, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("loadtest.client.split.Written", full)
    with pytest.raises(UsageError, match=r"parts: cannot be written to: No space left on device"):
        cut(b"a\n1\n2\n", 1)
    assert list((tmp_path / "parts").iterdir()) == []


def test_a_file_that_changes_meanwhile_is_refused(tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes(b"a\n1\n2\n")
    table = Table.open(path)
    path.write_bytes(b"a\n1\n2\n3\n")
    with pytest.raises(UsageError, match="was changed while it was being read"):
        split(table, 1, tmp_path / "parts")
    assert not (tmp_path / "parts").exists()


def run(*arguments):
    return CliRunner().invoke(command, [str(argument) for argument in arguments], standalone_mode=False)


def test_the_command_says_what_it_wrote_beside_the_file_and_lists_it_as_json(tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes(b"a;b\r\n1;2\r\n3;4\r\n5;6\r\n")
    (tmp_path / "list-0009.csv").write_bytes(b"of an earlier split")
    result = run(path, "--rows", 2, "--json", tmp_path / "parts.json")
    assert result.exception is None
    assert result.stdout == f"{path}: 3 rows in 2 parts: {tmp_path / 'list-0001.csv'} to list-0002.csv\n"
    assert result.stderr == f"note: {tmp_path / 'list-0009.csv'} is named like a part and is none of these (1 such)\n"
    said = json.loads((tmp_path / "parts.json").read_text())
    parts = said.pop("parts")
    assert (said["rows_total"], said["encoding"], said["delimiter"]) == (3, "utf-8", "semicolon")
    assert [(part["first_row"], part["rows"], part["bytes"]) for part in parts] == [(1, 2, 15), (3, 1, 10)]
