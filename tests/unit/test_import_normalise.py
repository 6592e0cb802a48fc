import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.imports.errors_csv import harmless
from app.imports.kinds import KINDS
from app.imports.layout import ERROR_COLUMNS, match
from app.imports.normalise import Normaliser, RowProblem
from app.imports.source import Row

PHONE = "404-555-0123"


def normaliser(*columns, kind="contacts", cell_max_chars=100):
    return Normaliser(KINDS[kind], match(columns, KINDS[kind]), "US", cell_max_chars)


def outcome(columns, *cells, **options):
    return normaliser(*columns, **options).one(Row(7, list(cells)))


def contact(columns, *cells, **options):
    """What the row says of its one contact."""
    found = outcome(columns, *cells, **options)
    assert found.number == 7
    [values] = found.values["contacts"].values()
    return {name: value for name, value in values.items() if value}


def test_cells_are_trimmed_and_empty_ones_say_nothing():
    found = outcome(["phone", "first_name", "notes"], f" {PHONE} ", "  Zoë\u00a0", " \t")
    assert (found.number, found.identity) == (7, "+14045550123")
    assert contact(["phone", "first_name", "notes"], f" {PHONE} ", "  Zoë\u00a0", " \t") == {
        "phone": "+14045550123",
        "first_name": "Zoë",
    }


def test_a_problem_names_the_files_own_column_the_cell_as_it_was_and_what_to_do():
    found = outcome(["First Name", "Phone "], "Ada", " 555-0123 ")
    assert (found.number, found.cells, found.column, found.value, found.code) == (
        7,
        ["Ada", " 555-0123 "],
        "Phone ",
        " 555-0123 ",
        "phone_no_area_code",
    )
    assert found.reason
    assert found.fix


@pytest.mark.parametrize(
    ("kind", "columns", "cells", "column", "code"),
    [
        ("contacts", ["Phone", "E-Mail"], [PHONE, "n/a"], "E-Mail", "email_invalid"),
        ("contacts", ["Phone", "x"], ["", "x"], "Phone", "phone_missing"),
        ("contacts", ["Phone", "x"], ["[clear]", "x"], "Phone", "phone_missing"),
        ("campaign", ["Phone", "Message Status"], [PHONE, "gone"], "Message Status", "status_invalid"),
        ("campaign", ["Phone", "Sent At"], [PHONE, "soon"], "Sent At", "date_invalid"),
    ],
)
def test_a_cell_that_is_not_what_its_column_holds_is_an_error_of_its_row(kind, columns, cells, column, code):
    found = outcome(columns, *cells, kind=kind)
    assert (found.column, found.value, found.code) == (column, cells[columns.index(column)], code)


def test_a_hostile_email_does_not_take_long():
    assert outcome(["phone", "email"], PHONE, "a@" + "b." * 5_000_000, cell_max_chars=10**8).code == "email_invalid"


@pytest.mark.parametrize("cells", [[], [PHONE], [PHONE, "Ada", "x"], ["", "", ""]])
def test_a_row_with_more_or_fewer_cells_than_the_header_is_ragged(cells):
    found = outcome(["phone", "first_name"], *cells)
    assert (found.code, found.cells, found.column, found.value) == ("ragged_row", cells, "", "")
    assert f"{len(cells)} cells where the header has 2" in found.reason


def test_a_cell_may_have_as_many_characters_as_allowed_and_no_more_whether_its_column_is_known_or_not():
    assert contact(["phone", "other"], PHONE, "x" * 100)["extra"] == {"other": "x" * 100}
    found = outcome(["phone", "other"], PHONE, "x" * 101)
    assert (found.code, found.column, found.value) == ("cell_too_long", "other", "x" * 100)


@pytest.mark.parametrize("place", [0, 1])
def test_a_nul_byte_anywhere_in_a_row_is_an_error_of_that_row(place):
    cells = [PHONE, "other"]
    cells[place] += "\0"
    found = outcome(["phone", "x"], *cells)
    assert (found.code, found.column, found.value) == ("nul_byte", ["phone", "x"][place], cells[place])


def test_a_row_that_repeats_the_header_line_is_an_error_that_says_so():
    found = outcome(["phone", "First Name"], "phone", "First Name")
    assert (found.code, found.column, found.fix) == ("header_repeated", "", "delete the row")
    assert outcome(["phone", "First Name"], "phone", "first name").code == "phone_invalid"


def test_of_an_errors_csv_the_columns_in_front_are_no_ones_cells_and_the_apostrophes_are_taken_off():
    columns = [*ERROR_COLUMNS, "phone", "notes", "=x"]
    lead = ["3", "phone", "n/a", "not a phone number", "correct it"]
    found = contact(columns, *lead, "'+14045550123", "''n Sync", "'=1")
    assert found == {"phone": "+14045550123", "notes": "'n Sync", "extra": {"=x": "=1"}}
    problem = outcome(columns, *lead, "'+1", "'", "")
    assert (problem.cells, problem.column, problem.value) == (["+1", "", ""], "phone", "+1")
    ragged = outcome(columns, *lead, "'+14045550123")
    assert (ragged.code, ragged.cells) == ("ragged_row", ["+14045550123"])
    assert ragged.reason == "1 cells where the header has 3"


def test_without_those_columns_an_apostrophe_is_the_cells_own():
    assert contact(["phone", "notes"], PHONE, "'n Sync")["notes"] == "'n Sync"


def test_a_row_of_an_errors_csv_may_be_the_header_again():
    assert outcome([*ERROR_COLUMNS, "phone", "x"], *ERROR_COLUMNS, "phone", "x").code == "header_repeated"


def test_a_row_that_is_certainly_no_good_one_has_nothing_in_common_with_others():
    rows = normaliser("phone", "x")
    assert list(rows.keys(Row(1, ["(404) 555-0123", "x"]))) == [("contacts", "+14045550123")]
    for cells in ([PHONE], [PHONE, "x", "x"], ["", "x"], ["n/a", "x"]):
        assert list(rows.keys(Row(1, cells))) == []


CELL = st.one_of(st.text(max_size=30), st.sampled_from([PHONE, "+1 404 555 0123", "[clear]", "Ada Lovelace", "1", ""]))
HEADERS = {
    "contacts": ["phone", "email", "notes", "name", "x"],
    "propertyradar": [
        *("Type", "Address", "City", "ZIP", "APN", "Beds", "Owner Occ?", "Purchase Date"),
        *("Primary Name", "Primary Phone1", "Primary Email1", "Secondary Name", "Secondary Phone1"),
    ],
    "campaign": ["phone", "name", "status", "message_sent_at", "x"],
}


@pytest.mark.parametrize("kind", HEADERS)
@given(data=st.data())
def test_any_row_is_a_problem_or_says_what_postgresql_can_hold_and_has_the_keys_that_were_foretold(kind, data):
    width = len(HEADERS[kind])
    cells = data.draw(st.one_of(st.lists(CELL, min_size=width, max_size=width), st.lists(CELL, max_size=width)))
    rows = normaliser(*HEADERS[kind], kind=kind)
    found = rows.one(Row(7, cells))
    if isinstance(found, RowProblem):
        assert found.code
        assert found.reason
        assert found.fix
        return
    foretold = set(rows.keys(Row(7, cells)))
    for target in ("contacts", "properties"):
        for key, values in found.values.get(target, {}).items():
            assert (target, key) in foretold
            texts = [text for text in values.values() if isinstance(text, str)]
            assert "\0" not in "".join(
                [key, *texts, *values.get("extra", {}), *map(str, values.get("extra", {}).values())]
            )
    assert set(found.values[KINDS[kind].about]) == {found.identity}


@given(cells=st.lists(CELL, min_size=3, max_size=3))
def test_a_row_says_the_same_when_it_comes_back_in_an_errors_csv(cells):
    columns = ["phone", "notes", "x"]
    again = outcome([*ERROR_COLUMNS, *columns], "1", "", "", "", "", *map(harmless, cells))
    assert again == outcome(columns, *cells)
