import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from app.imports.dialect import Dialect
from app.imports.intake import PIECE_BYTES, inspect
from app.imports.kinds import KINDS
from app.imports.preview import preview
from app.imports.source import records
from app.imports.trailer import TRAILER_MAX_CHARS
from app.problem import Problem

MINIMAL = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "OPENPHONE_SYNC": "off"}


def inspected(data, max_bytes=2**30, kind="contacts", preview=None):
    return inspect(io.BytesIO(data), "list.csv", KINDS[kind], max_bytes, preview=preview)


def refused(data, **options):
    with pytest.raises(Problem) as problem:
        inspected(data, **options)
    return problem.value


@pytest.mark.parametrize(
    ("data", "status", "kind", "says"),
    [
        (b"", 400, "not-a-csv", "empty"),
        (b"\xef\xbb\xbf", 400, "not-a-csv", "empty"),
        (b"\n\r\n\n", 400, "not-a-csv", "empty"),
        (b"  \t \n", 400, "not-a-csv", "empty"),
        (b",,\n1,2,3\n", 400, "not-a-csv", "empty"),
        (b"PK\x03\x04\x14\x00", 400, "not-a-csv", "Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 400, "not-a-csv", "old Excel workbook"),
        (b"%PDF-1.7\n", 400, "not-a-csv", "PDF"),
        (b"\x1f\x8b\x08\x00", 400, "not-a-csv", "gzip"),
        ("phone\n4045550123\n".encode("utf-16")[:-1], 400, "not-a-csv", "ends in the middle"),
        (b"\xff\xfe", 400, "not-a-csv", "empty"),
        (b"\xff\xfe\0", 400, "not-a-csv", "ends in the middle"),
        ("phone\n4045550123\n".encode("utf-16-le"), 400, "not-a-csv", "NUL"),
        ("phone\n4045550123\n".encode("utf-32"), 400, "not-a-csv", "UTF-32"),
        ("phone,n\n4045550123,José\n".encode("utf-16-le"), 400, "not-a-csv", "NUL"),
        (
            b"phone,first_name\n4045550123,\xc3\xa9\n4045550124,Jos\xe9\n",
            400,
            "not-a-csv",
            "line 3 holds the byte 0xe9",
        ),
        (b"phone\n4045550123\n\xc3", 400, "not-a-csv", "ends in the middle"),
        (b"phone\n\xed\xa0\x80\n", 400, "not-a-csv", "0xed"),
        (b"pho\x00ne\n4045550123\n", 400, "not-a-csv", "NUL"),
        (b"phone,first_name\n", 422, "no-rows", "no rows"),
        (b"phone\n\n\n\r\n", 422, "no-rows", "no rows"),
        (b"\xef\xbb\xbfphone", 422, "no-rows", "no rows"),
        (b"number\n4045550123\n", 400, "missing-columns", "must name phone; found: number"),
        (b"mobil;first_name\n4045550123;A\n", 400, "missing-columns", "found: mobil, first_name"),
        (b"phone:first_name\n4045550123:A\n", 400, "missing-columns", "found: phone:first_name"),
        (b"sep=;\nphone,first_name\n4045550123,A\n", 400, "missing-columns", "found: phone,first_name"),
        (b"sep=:\nphone:first_name\n4045550123:A\n", 400, "not-a-csv", "names ':' as the delimiter"),
        (b"sep=;\n", 400, "not-a-csv", "empty"),
        (b"sep=;\nphone;first_name\n", 422, "no-rows", "no rows"),
        (b'"phone\n4045550123\n', 400, "not-a-csv", "line 1 is never closed"),
        (b'phone,notes\n4045550123,"a\nb"\n4045550124,"c\n', 400, "not-a-csv", "line 4 is never closed"),
        (b"phone,Phone\n1,2\n", 400, "repeated-columns", "phone more than once"),
        (b"phone" + b"x" * 2000 + b"\n1\n", 400, "bad-header", "closing quote"),
        (b"<html><body>502</body></html>\nx\n", 400, "missing-columns", "must name phone"),
        (b'{"phone": "4045550123"}', 400, "missing-columns", "must name phone"),
    ],
)
def test_what_can_not_be_imported_is_refused_with_what_is_wrong_and_what_to_do(data, status, kind, says):
    problem = refused(data)
    assert (problem.status, problem.kind) == (status, kind)
    assert says in problem.detail


def test_the_byte_that_is_not_utf_8_is_found_behind_many_pieces():
    data = b"phone\n" + b"4045550123\n" * 200_000 + b"\x81\n"
    assert len(data) > 2 * PIECE_BYTES
    assert refused(data).extensions["line"] == 200_002


@pytest.mark.parametrize(
    ("data", "dialect"),
    [
        (b"phone,first_name\n4045550123,A\n4045550124,Jos\xe9\n", Dialect("windows-1252", ",")),
        ("\ufeffphone\tfirst_name\r\n1\tJosé\r\n2\t\r\n".encode("utf-16-le"), Dialect("utf-16-le", "\t")),
        ("\ufeffphone\n4045550123\n1\n".encode("utf-16-be"), Dialect("utf-16-be", ",")),
        (b"phone;first_name\n4045550123;A\n1;b", Dialect("utf-8", ";")),
        (b"sep=|\rphone|first_name\r4045550123|A,B\r1|;", Dialect("utf-8", "|")),
    ],
)
def test_an_upload_tells_the_dialect_in_which_its_rows_can_be_read_again(data, dialect):
    upload = inspected(data)
    assert (upload.dialect, upload.rows, upload.trailer) == (dialect, 2, None)
    again = list(records(upload.pieces(), upload.dialect))
    assert (tuple(again[0]), len(again)) == (upload.layout.header, 3)


PROPERTY_HEADER = "Type,Address,City,ZIP,Primary Name,Primary Mobile Phone1"
LICENCE = "Data (c) 2026 PropertyRadar; all rights reserved"


@pytest.mark.parametrize(
    ("end", "rows", "trailer"),
    [
        (f"\r\n{LICENCE}", 1, LICENCE),
        (f"\n{LICENCE}\n\n\r\n", 1, LICENCE),
        (f'\n"{LICENCE}, Inc."', 1, f"{LICENCE}, Inc."),
        ("\n", 1, None),
        (f"\n{LICENCE}, Inc.", 2, None),
        ("\nlicence", 2, None),
        ("\n  licence ", 2, None),
        (f"\n{LICENCE}\n{LICENCE}", 2, LICENCE),
        (f"\n{LICENCE}\n,,,,,", 3, None),
        (f"\n{LICENCE}\0", 2, None),
        (f"\nx {'y' * TRAILER_MAX_CHARS}", 2, None),
    ],
)
def test_a_licence_line_at_the_end_is_no_row(end, rows, trailer):
    data = f"{PROPERTY_HEADER}\nSFR,1 MAIN ST,ATLANTA,30301,A B,404-555-0123{end}"
    for dialect in (Dialect("utf-8", ","), Dialect("utf-16-le", ",")):
        upload = inspected(("\ufeff" + data).encode(dialect.encoding), kind="propertyradar")
        assert (upload.rows, upload.trailer, upload.dialect) == (rows, trailer, dialect)


def test_a_licence_line_alone_makes_no_rows():
    assert refused(f"{PROPERTY_HEADER}\n{LICENCE}".encode(), kind="propertyradar").kind == "no-rows"


@pytest.mark.parametrize(
    "data", ["phone,name\n4045550123,A\nall rights reserved", "phone\n4045550123\nall rights reserved"]
)
def test_other_kinds_have_no_licence_line(data):
    assert (inspected(data.encode()).rows, inspected(data.encode()).trailer) == (2, None)


def test_a_character_cut_by_the_edge_of_a_piece_is_whole_again():
    data = b"phone,notes\n4045550123," + b"x" * (PIECE_BYTES - 24) + "é\n".encode()
    assert data[PIECE_BYTES - 1 : PIECE_BYTES + 1] == "é".encode()
    assert inspected(data).size == len(data)


def test_a_file_may_have_as_many_bytes_as_allowed_and_no_more():
    data = b"phone\n4045550123\n"
    assert inspected(data, max_bytes=len(data)).size == len(data)
    problem = refused(data, max_bytes=len(data) - 1)
    assert (problem.status, problem.extensions["max_bytes"]) == (413, len(data) - 1)


def test_an_upload_is_known_by_its_bytes_and_read_again_from_its_start():
    data = b"\xef\xbb\xbfphone,Notes\r\n" + b"4045550123,x\r\n" * 100_000
    upload = inspected(data)
    assert (upload.size, upload.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert (upload.layout.header, upload.rows) == (("phone", "Notes"), 100_000)
    for _ in range(2):
        pieces = list(upload.pieces())
        assert b"".join(pieces) == data
        assert max(map(len, pieces)) <= PIECE_BYTES


@given(st.one_of(st.binary(max_size=60), st.binary(max_size=40).map(b"phone\n".__add__)))
def test_any_bytes_are_an_upload_or_a_problem_that_is_the_clients(data):
    try:
        found = inspected(data)
    except Problem as problem:
        found = problem
    assert 400 <= found.status < 500 if isinstance(found, Problem) else "phone" in found.layout.position


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_repeats_are_found_on_the_way_in_a_file_of_as_many_rows_as_are_asked_for(end, encoding):
    phones = [f"(201) 555-{number:04}" for number in range(1200)]
    text = end.join(["phone,note", *(f"{phone},x" for phone in phones), "+12015550007,y", "12,", "12,", "1,2,3"])
    for rows in (range(1000, 2000), range(1000), range(1300, 5000)):
        with preview(config.load_settings(MINIMAL), "skip", rows) as one:
            assert inspected(text.encode(encoding), preview=one).rows == 1204
            assert (one.survey is not None) == (1204 in rows)
            if one.survey:
                known = [f"+1201555{number:04}" for number in range(1200)]
                assert [phone for phone in known if ("contacts", phone) in one.survey.repeats] == ["+12015550007"]
