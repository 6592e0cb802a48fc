import pytest

from app.imports.layout import COLUMNS_MAX, KINDS, NAME_MAX_CHARS, canonical, match
from app.problem import Problem

CONTACTS = KINDS["contacts"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("phone", "phone"),
        ("  Phone ", "phone"),
        ("First Name", "first_name"),
        ("first-name", "first_name"),
        ("FIRST__name", "first_name"),
        ("First\u00a0Name", "first_name"),
        ("", ""),
    ],
)
def test_case_spacing_and_hyphens_of_a_column_name_do_not_matter(written, meant):
    assert canonical(written) == meant


def test_columns_are_found_in_any_order_beside_ones_that_mean_nothing_here():
    layout = match(["Notes", "Favourite Colour", "PHONE", "last name"], CONTACTS)
    assert dict(layout.position) == {"phone": 2, "last_name": 3, "notes": 0}
    assert layout.header == ("Notes", "Favourite Colour", "PHONE", "last name")
    assert layout.width == 4


def test_a_missing_column_is_named_with_the_ones_found():
    with pytest.raises(Problem) as problem:
        match(["Name", "", "e-mail"], CONTACTS)
    body = problem.value.body()
    assert (body["status"], body["type"]) == (400, "urn:timeoutlab:problem:missing-columns")
    assert (body["missing"], body["found"]) == (["phone"], ["Name", "", "e-mail"])
    assert "must name phone; found: Name, (empty), e-mail." in body["detail"]


def test_a_column_that_is_there_twice_is_named_however_it_is_spelled():
    with pytest.raises(Problem) as problem:
        match(["phone", "First Name", "Phone", "first_name", "first-name"], CONTACTS)
    assert problem.value.kind == "repeated-columns"
    assert problem.value.extensions["repeated"] == ["first_name", "phone"]


def test_a_column_that_means_nothing_here_may_be_there_twice():
    assert dict(match(["x", "phone", "x"], CONTACTS).position) == {"phone": 1}


@pytest.mark.parametrize("header", [["phone"] * (COLUMNS_MAX + 1), ["phone", "x" * (NAME_MAX_CHARS + 1)]])
def test_a_first_line_too_long_for_a_header_is_refused_in_a_short_answer(header):
    with pytest.raises(Problem) as problem:
        match(header, CONTACTS)
    assert problem.value.kind == "bad-header"
    assert len(str(problem.value.body())) < 2000


def test_as_many_columns_as_a_spreadsheet_has_can_be_read():
    header = ["phone", *(f"c{number}" for number in range(COLUMNS_MAX - 2)), "x" * NAME_MAX_CHARS]
    assert match(header, CONTACTS).width == COLUMNS_MAX


def test_an_answer_repeats_the_first_names_of_a_long_header_only():
    with pytest.raises(Problem) as problem:
        match(["x" * NAME_MAX_CHARS] * COLUMNS_MAX, CONTACTS)
    assert problem.value.kind == "missing-columns"
    assert problem.value.extensions["found"] == ["x" * 100] * 50
    assert len(problem.value.detail) < 6000
