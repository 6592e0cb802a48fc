import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.imports.dialect import Dialect, detect
from app.imports.encoding import UnreadableError, encoding_of
from app.imports.kinds import KINDS
from app.problem import Problem


def encoding(data, piece_bytes=2**20):
    return encoding_of(io.BytesIO(data), piece_bytes)


def dialect(data, kind="contacts"):
    return detect(io.BytesIO(data), KINDS[kind])


def refused(data):
    with pytest.raises(Problem) as problem:
        dialect(data)
    assert (problem.value.status, problem.value.kind) == (400, "not-a-csv")
    return problem.value


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "utf-8"),
        (b"phone\n1\n", "utf-8"),
        (b"\xef\xbb\xbfphone\n1\n", "utf-8"),
        (b"phone\nJos\xc3\xa9", "utf-8"),
        (b"phone\n\xf0\x9f\x98\x80", "utf-8"),
        (b"phone\nJos\xe9\n", "windows-1252"),
        (b"phone\n\x93Jos\xe9\x94 \x80 5", "windows-1252"),
        (b"phone\n\xff\n\xfe\n", "windows-1252"),
        (b"\xe9\n\xc3 \xa9 caf\xe9", "windows-1252"),
        (b"Jos\xe9\nCaf\xe9", "windows-1252"),
        (b"\xff\xfea\0\n\0", "utf-16-le"),
        (b"\xfe\xff\0a\0\n", "utf-16-be"),
        (b"\xff\xfe\x3d\xd8\x00\xde", "utf-16-le"),
        (b"\xff\xfe", "utf-16-le"),
        (b"a\0b\0", "utf-8"),
    ],
)
def test_an_encoding_is_found_wherever_the_pieces_are_cut(data, found):
    assert {encoding(data, size) for size in range(1, len(data) + 2)} == {found}


@pytest.mark.parametrize(
    ("data", "line", "says"),
    [
        (b"a\nJos\xc3\xa9\nJos\xe9\n", 3, "UTF-8 only in part: line 3 holds the byte 0xe9"),
        (b"a\nJos\xe9\nJos\xc3\xa9\n", 2, "UTF-8 only in part: line 2 holds the byte 0xe9"),
        (b"a\rb\r\nc\n\xe9\r\xc3\xa9", 4, "line 4 holds the byte 0xe9"),
        (b"a\nJos\xc3\nJos\xc3\xa9\n", 2, "line 2 holds the byte 0xc3"),
        (b"a\n\xc3\xc3\xa9\n", 2, "line 2 holds the byte 0xc3"),
        (b"a\n\xe9\x81\n\xc3\xa9\n", 2, "UTF-8 only in part: line 2 holds the byte 0xe9"),
        (b"\xef\xbb\xbfa\nJos\xe9\n", 2, "UTF-8 only in part: line 2 holds the byte 0xe9"),
        (b"a\n\xf0\x9f\x98\n\xc3\xa9", 2, "line 2 holds the byte 0xf0"),
        (b"a\n\xed\xa0\xbd\xed\xb8\x80\n", 2, "line 2 holds the byte 0xed"),
        (b"a\n\xed\xa0\x80\n", 2, "line 2 holds the byte 0xed"),
        (b"a\n\x81\n", 2, "neither UTF-8 nor Windows-1252: line 2 holds the byte 0x81"),
        (b"a\n\xe9\n\x8d\n", 3, "line 3 holds the byte 0x8d"),
        (b"a\r\xe9\r\r\x8f\r", 4, "line 4 holds the byte 0x8f"),
        (b"a\r\n\xe9\r\n\x90\r\n\x9d", 3, "line 3 holds the byte 0x90"),
        (b"a\n\xe9 \x9d\n", 2, "line 2 holds the byte 0x9d"),
        (b"a\n1\n\xc3", 3, "ends in the middle of a character: line 3, its last, is no whole UTF-8 text"),
        (b"a\nJos\xc3\xa9\n\xf0\x9f\x98", 3, "ends in the middle of a character: line 3"),
        (b"\xff\xfea\0\n\0b", 2, "ends in the middle of a character: line 2, its last, is no whole UTF-16 text"),
        (b"\xfe\xff\0a\0\n\xd8\x3d", 2, "ends in the middle of a character: line 2"),
        (b"\xff\xfea\0\r\0\n\0\x3d\xd8a\0", 2, "begins as UTF-16, but line 2 holds half a character (bytes 3d d8)"),
        (b"\xfe\xff\0a\0\r\xde\x00\0a", 2, "line 2 holds half a character (bytes de 00)"),
        (b"\xff\xfe\0\0a\0\0\0", 1, "UTF-32"),
        (b"\0\0\xfe\xff\0\0\0a", 1, "UTF-32"),
    ],
)
def test_what_is_in_no_encoding_is_refused_with_the_line_wherever_the_pieces_are_cut(data, line, says):
    for size in range(1, len(data) + 2):
        with pytest.raises(UnreadableError) as error:
            encoding(data, size)
        assert (error.value.line, says in str(error.value)) == (line, True), (size, str(error.value))
    problem = refused(data)
    assert (problem.extensions, says in problem.detail) == ({"line": line}, True)


@given(
    data=st.binary(max_size=30),
    start=st.sampled_from([b"", b"\xff\xfe", b"\xfe\xff", b"a\n\xe9 "]),
    size=st.integers(1, 9),
)
def test_whatever_is_accepted_is_valid_text_in_that_encoding(data, start, size):
    try:
        found = encoding(start + data, size)
    except UnreadableError as error:
        line, found = error.line, "latin-1"
    else:
        line = 1
    lines = (start + data).decode(found).replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert 1 <= line <= lines


@given(st.lists(st.sampled_from(["José ", "Müller\r\n", "“quoted” ", "€ 5,", "naïve\n", "Ñandú;"]), min_size=1))
def test_accents_between_ascii_are_windows_1252(words):
    assert encoding("".join(words).encode("windows-1252")) == "windows-1252"


def test_a_large_file_takes_no_more_memory_than_some_pieces():
    class Endless(io.BytesIO):
        left = 40

        def read(self, size=-1):
            if size == 4:
                return b"a,b\n"
            self.left -= 1
            return b"Jos\xe9" * (size // 4) if self.left >= 0 else b""

    tracemalloc.start()
    try:
        assert encoding_of(Endless()) == "windows-1252"
        assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("data", "delimiter"),
    [
        (b"", ","),
        (b"phone", ","),
        (b"phone,name", ","),
        (b"phone;name", ";"),
        (b"phone\tname", "\t"),
        (b"phone|name", "|"),
        (b"\n\nphone;name", ";"),
        (b"phone;what, else, is, here", ";"),
        (b"phone;name;x,y,z,w", ";"),
        (b"phone,name,x;y;z;w", ","),
        (b"a;b,c;d;e", ";"),
        (b"a;b,c", ","),
        (b"a|b\tc", "\t"),
        (b'"phone";"name"', ";"),
        (b'"phone,x"|"name"', "|"),
        (b'"Phone";"first\nname"', ";"),
        (b'"a\nb","phone"', ","),
        (b'phone;5" x, 6;name', ";"),
        (b"sep=;\nphone,name", ";"),
        (b"SEP=\t\r\nphone\tname", "\t"),
        (b'"sep=|"\rphone|name', "|"),
        (b"\xef\xbb\xbf sep = , \nphone;name", ","),
        ("\ufeffsep=;\r\nphone;name".encode("utf-16-le"), ";"),
        ("\ufeffphone\tname".encode("utf-16-be"), "\t"),
        (b"phone;Jos\xe9;name", ";"),
        (b"phone;name\n1,2,3,4,5\n1,2,3,4,5\n", ";"),
    ],
)
def test_the_delimiter_is_the_one_by_which_the_first_line_says_most(data, delimiter):
    assert dialect(data).delimiter == delimiter


def test_the_kind_decides_which_columns_count():
    data = b"name;phone_number;status,Type,Address,City,ZIP"
    assert dialect(data, "campaign") == Dialect("utf-8", ";")
    assert dialect(data, "propertyradar") == Dialect("utf-8", ",")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"sep=:\nphone:name\n", "names ':' as the delimiter; comma, semicolon, tab and pipe can be read"),
        (b'"phone\n1\n', "line 1 is never closed"),
        (b'phone;"name\n1;2\n', "line 1 is never closed"),
        (b"," * 100_000, "line 1 has more than 32,768 cells"),
    ],
)
def test_a_first_line_that_can_not_be_read_is_told(data, says):
    assert says in refused(data).detail
