import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.imports.intake import PIECE_BYTES, inspect
from app.imports.layout import KINDS
from app.problem import Problem


def inspected(data, max_bytes=2**30):
    return inspect(io.BytesIO(data), "list.csv", KINDS["contacts"], max_bytes)


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
        ("phone\n4045550123\n".encode("utf-16"), 400, "not-a-csv", "UTF-16"),
        ("\ufeffphone\n4045550123\n".encode("utf-16-be"), 400, "not-a-csv", "UTF-16"),
        ("phone\n4045550123\n".encode("utf-16-le"), 400, "not-a-csv", "NUL"),
        ("phone\n4045550123\n".encode("utf-32"), 400, "not-a-csv", "UTF-16"),
        (b"phone,first_name\n4045550123,A\n4045550124,Jos\xe9\n", 400, "not-a-csv", "line 3 holds the byte 0xe9"),
        (b"phone\n4045550123\n\xc3", 400, "not-a-csv", "ends in the middle"),
        (b"phone\n\xed\xa0\x80\n", 400, "not-a-csv", "0xed"),
        (b"pho\x00ne\n4045550123\n", 400, "not-a-csv", "NUL"),
        (b"phone,first_name\n", 422, "no-rows", "no rows"),
        (b"phone\n\n\n\r\n", 422, "no-rows", "no rows"),
        (b"\xef\xbb\xbfphone", 422, "no-rows", "no rows"),
        (b"number\n4045550123\n", 400, "missing-columns", "must name phone; found: number"),
        (b"phone;first_name\n4045550123;A\n", 400, "missing-columns", "found: phone;first_name"),
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
    data = b"phone\n" + b"4045550123\n" * 200_000 + b"\xff\n"
    assert len(data) > 2 * PIECE_BYTES
    assert refused(data).extensions["line"] == 200_002


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
