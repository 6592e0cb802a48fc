import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.imports.layout import KINDS, match
from app.imports.normalise import Normaliser, PhoneError, RowProblem, e164
from app.imports.source import Row

PHONE = "404-555-0123"


def normaliser(*columns, cell_max_chars=100):
    return Normaliser(match(columns, KINDS["contacts"]), "US", cell_max_chars)


def contact(columns, *cells, **options):
    return normaliser(*columns, **options).contact(Row(7, list(cells)))


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("4045550123", "+14045550123"),
        ("(404) 555-0123", "+14045550123"),
        ("404.555.0123", "+14045550123"),
        ("+1 404 555 0123", "+14045550123"),
        ("1-404-555-0123", "+14045550123"),
        ("tel:+1-404-555-0123", "+14045550123"),
        ("'+14045550123", "+14045550123"),
        ("404-555-0123 x45", "+14045550123"),
        ("\uff14\uff10\uff14\uff15\uff15\uff15\uff10\uff11\uff12\uff13", "+14045550123"),
        ("\u0664\u0660\u0664\u0665\u0665\u0665\u0660\u0661\u0662\u0663", "+14045550123"),
        ("+44 20 7946 0958", "+442079460958"),
    ],
)
def test_a_number_is_known_however_it_is_written(written, number):
    assert e164(written, "US") == number


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (None, "phone_missing"),
        ("", "phone_missing"),
        ("555-0123", "phone_no_area_code"),
        ("5550123", "phone_no_area_code"),
        ("(555) 0123", "phone_no_area_code"),
        ("n/a", "phone_invalid"),
        ("12345", "phone_invalid"),
        ("404555012", "phone_invalid"),
        ("40455501234", "phone_invalid"),
        ("4045550123.0", "phone_invalid"),
        ("4.04556E+09", "phone_invalid"),
        ("000-000-0000", "phone_invalid"),
        ("+999 123", "phone_invalid"),
        ("4" * 10_000, "phone_invalid"),
        ("=404+5550123", "phone_invalid"),
    ],
)
def test_what_is_no_number_says_why_and_no_area_code_is_invented(written, code):
    with pytest.raises(PhoneError) as error:
        e164(written, "US")
    assert error.value.code == code


def test_seven_digits_lack_an_area_code_only_where_numbers_have_ten():
    with pytest.raises(PhoneError) as error:
        e164("1234567", "DE")
    assert error.value.code == "phone_invalid"


def by_the_library(raw):
    try:
        number = phonenumbers.parse(raw, "US")
    except phonenumbers.NumberParseException:
        return None
    valid = phonenumbers.is_valid_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if valid else None


def ours(raw):
    try:
        return e164(raw, "US")
    except PhoneError:
        return None


DIGITS = st.text("0123456789", min_size=6, max_size=13)
NANP = st.builds("{}{}{}".format, st.integers(200, 999), st.integers(200, 999), st.integers(1000, 9999))
MESSY = st.lists(
    st.one_of(
        DIGITS, NANP, st.sampled_from(["+1", "+", "(", ")", "-", ".", " ", " x", ";ext=", "~", "\uff11", "+44", "0"])
    ),
    max_size=6,
).map("".join)


@given(st.one_of(MESSY, NANP, st.text(max_size=20)))
@example("310-1234")
@example("~4045550123")
@example("4042345678.0")
def test_a_number_is_exactly_what_phonenumbers_says_it_is(raw):
    assert ours(raw) == by_the_library(raw)


def test_cells_are_trimmed_and_empty_ones_say_nothing():
    found = contact(["phone", "first_name", "notes", "other"], f" {PHONE} ", "  Zoë\u00a0", " \t", "ignored")
    assert found == {"phone": "+14045550123", "first_name": "Zoë", "notes": None}


@pytest.mark.parametrize(
    ("email", "valid"),
    [
        ("a@b.co", True),
        ("zoë@exämple.com", True),
        ("a.b+c@d.e.org", True),
        ("o'neil@example.com", True),
        ("a@b", False),
        ("a@b.c", False),
        ("a b@c.com", False),
        ("a@@b.com", False),
        ("@b.com", False),
        ("a@b.com; c@d.com", False),
        ("a@b.com,c@d.com", False),
        ("mailto a@b.com", False),
        ("a@b.com.", False),
        ("n/a", False),
    ],
)
def test_an_email_address_is_what_a_person_would_take_for_one(email, valid):
    found = contact(["phone", "email"], PHONE, email)
    if valid:
        assert found["email"] == email
    else:
        assert (found.code, found.column, found.value) == ("email_invalid", "email", email)


def test_a_hostile_email_does_not_take_long():
    assert contact(["phone", "email"], PHONE, "a@" + "b." * 5_000_000, cell_max_chars=10**8).code == "email_invalid"


def test_a_problem_names_the_files_own_column_and_the_cell_as_it_was():
    found = contact(["First Name", "Phone "], "Ada", " 555-0123 ")
    assert (found.row.number, found.column, found.value, found.code) == (
        7,
        "Phone ",
        " 555-0123 ",
        "phone_no_area_code",
    )


@pytest.mark.parametrize("cells", [[], [PHONE], [PHONE, "Ada", "x"], ["", "", ""]])
def test_a_row_with_more_or_fewer_cells_than_the_header_is_ragged(cells):
    found = contact(["phone", "first_name"], *cells)
    assert found.code == "ragged_row"
    assert f"{len(cells)} cells where the header has 2" in found.reason


def test_a_cell_may_have_as_many_characters_as_allowed_and_no_more_whether_its_column_means_anything_or_not():
    assert contact(["phone", "other"], PHONE, "x" * 100)["phone"] == "+14045550123"
    found = contact(["phone", "other"], PHONE, "x" * 101)
    assert (found.code, found.column, found.value) == ("cell_too_long", "other", "x" * 100)


@pytest.mark.parametrize("place", [0, 1])
def test_a_nul_byte_anywhere_in_a_row_is_an_error_of_that_row(place):
    cells = [PHONE, "other"]
    cells[place] += "\0"
    found = contact(["phone", "x"], *cells)
    assert (found.code, found.column, found.value) == ("nul_byte", ["phone", "x"][place], cells[place])


@given(st.lists(st.text(max_size=30), max_size=4))
def test_any_row_is_a_contact_or_a_problem_and_a_contact_is_one_that_postgresql_can_hold(cells):
    found = contact(["phone", "email", "notes"], *cells)
    if not isinstance(found, RowProblem):
        assert found["phone"].startswith("+")
        assert "\0" not in "".join(value or "" for value in found.values())
