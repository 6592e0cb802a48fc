import random

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.imports.phone import PhoneError, e164, phone_key, plain_numbers
from fixtures import campaign, phones
from fixtures.draw import Draw

NANP_REGIONS = sorted(phonenumbers.region_codes_for_country_code(1))


def e164_or_none(raw, region="US"):
    try:
        return e164(raw, region)
    except PhoneError:
        return None


def error_of(raw, region="US"):
    with pytest.raises(PhoneError) as error:
        e164(raw, region)
    return error.value


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
        ("1-800-FLOWERS", "+18003569377"),
        ("310-1234", "+13101234"),
    ],
)
def test_a_number_is_known_however_it_is_written(written, number):
    assert e164(written, "US") == phone_key(written, "US") == number


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("4045550123.0", "+14045550123"),
        ("4045550123.00", "+14045550123"),
        ("14045550123.0", "+14045550123"),
        ("+14045550123.0", "+14045550123"),
        (" 4045550123.0 ", "+14045550123"),
        ("+442079460958.0", "+442079460958"),
        ("4.045550123E+09", "+14045550123"),
        ("4.045550123e9", "+14045550123"),
        ("4,045550123E+09", "+14045550123"),
        ("1.4045550123E+10", "+14045550123"),
        ("+1.4045550123E+10", "+14045550123"),
        ("+4.42079460958E+11", "+442079460958"),
    ],
)
def test_what_excel_made_of_a_number_is_undone_where_no_digit_is_lost(written, number):
    assert e164(written, "US") == phone_key(written, "US") == number


@pytest.mark.parametrize(
    "written", ["4.04555E+09", "4,04555E+09", "4E+09", "1.40456E+10", "4.04555e9", "+4.42E+11", "5.55012E+06"]
)
def test_a_number_that_the_spreadsheet_rounded_is_gone_and_the_error_says_how_to_get_it_back(written):
    error = error_of(written)
    assert error.code == "phone_rounded"
    assert "rounded" in error.reason
    assert "as text" in error.fix
    assert phone_key(written, "US") is None


@pytest.mark.parametrize(
    "written",
    [
        "4045550123.5",
        "4045550123.000",
        "104555012.0",
        "0404555012.0",
        "4045550123.0.0",
        "1111111111.0",
        "-4045550123.0",
        "\uff14045550123.0",
        "4.0455501234E+09",
        "4.045550123E-09",
        "4.045550123E+10.0",
        "-4.045550123E+09",
        "4.0E+05",
        "4045550123E+09",
        "12345678901234567890.0",
    ],
)
def test_only_a_whole_number_of_ten_to_fifteen_digits_is_undone(written):
    assert e164_or_none(written) is None


@pytest.mark.parametrize(
    ("written", "number"),
    [("404555012.0", "+14045550120"), ("4.04555012E9", "+14045550129"), ("404.5550123", "+14045550123")],
)
def test_what_the_library_takes_for_a_number_stays_what_it_says(written, number):
    assert e164(written, "US") == phone_key(written, "US") == number


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (None, "phone_missing"),
        ("", "phone_missing"),
        (" \t\u00a0", "phone_missing"),
        ("555-0123", "phone_no_area_code"),
        ("5550123", "phone_no_area_code"),
        ("(555) 0123", "phone_no_area_code"),
        ("5550123.0", "phone_no_area_code"),
        ("n/a", "phone_invalid"),
        ("12345", "phone_invalid"),
        ("404555012", "phone_invalid"),
        ("40455501234", "phone_invalid"),
        ("000-000-0000", "phone_invalid"),
        ("+999 123", "phone_invalid"),
        ("4" * 10_000, "phone_invalid"),
        ("=404+5550123", "phone_invalid"),
        ("\0", "phone_invalid"),
    ],
)
def test_what_is_no_number_says_why_and_what_to_do_and_no_area_code_is_invented(written, code):
    error = error_of(written)
    assert error.code == code
    assert error.reason
    assert error.fix
    assert str(error) == f"{error.reason}; {error.fix}"


def test_seven_digits_lack_an_area_code_only_where_numbers_have_ten():
    assert error_of("1234567", "DE").code == "phone_invalid"
    assert {error_of("555-0123", region).code for region in ("US", "CA", "PR", "DO")} == {"phone_no_area_code"}


def test_a_hostile_cell_does_not_take_long():
    for cell in ("4" * 10_000_000, "4." + "0" * 10_000_000, "4.0E" * 2_500_000, " " * 10_000_000 + "4"):
        assert error_of(cell).code == "phone_invalid"
        assert e164_or_none(phone_key(cell, "US")) is None


def test_the_fixtures_numbers_are_as_their_reasons_say():
    for row in campaign.rows(3000, Draw("phones of a campaign"), 0):
        phone = row.cells[campaign.PHONE].strip()
        if row.reason in phones.BAD:
            assert error_of(phone).code == row.reason
        else:
            assert e164(phone, "US") == phone_key(phone, "US")


def test_the_plain_ones_of_many_are_found_each_in_its_place():
    texts = [
        "(404) 555-0123",
        "",
        "n/a",
        "+1 404.555.0124",
        "404-555-0125 x1",
        "1234567890",
        "14045550126",
        "+442079460958",
    ]
    assert plain_numbers(texts, "US") == ["+14045550123", "", "", "+14045550124", "", "", "+14045550126", ""]
    assert plain_numbers(texts, "DE") == [""] * len(texts)
    assert plain_numbers([], "US") == []
    assert plain_numbers([*texts, "404\n5550123"], "US") == [""] * (len(texts) + 1)
    assert plain_numbers(["404" + " " * 250 + "5550123", "404 555 0123"], "US") == ["", ""]


# What two spellings of one number may look like; with few digits to choose from, many are of the same number.
PLAIN = st.builds(
    "{}{}{}{}{}{}{}{}{}".format,
    st.sampled_from(["", "", " ", "(", "-", "."]),
    st.sampled_from(["", "", "", "+1", "1", "+1 ", "1-", "(+1)", "+ 1", "++1", "+1 1", "01", "+", "011 1", "~"]),
    st.sampled_from(["", " ", "(", "-"]),
    st.sampled_from(["404", "310", "268", "721", "40", "4045", "212"]),
    st.sampled_from(["", " ", ") ", "-", ".", "--", " - ", "\u00a0", "/"]),
    st.sampled_from(["555", "234", "460", "911", "5550"]),
    st.sampled_from(["", " ", "-", "."]),
    st.sampled_from(["0123", "1234", "9876", "\uff10123", "123"]),
    st.sampled_from(["", "", "", " ", ")", ".0", ".00", ".", " x1", ";ext=5", "#", "0"]),
)
DIGITS = st.text("0123456789 .-()+", min_size=7, max_size=16)
SPELLING = st.one_of(PLAIN, DIGITS, st.text(max_size=16))


@settings(max_examples=1500, deadline=None)
@given(SPELLING, st.sampled_from(NANP_REGIONS))
@example("2684601234", "AG")
@example("4601234", "AG")
@example("14601234567.0", "AG")
@example("1404555012.0", "US")
@example("1 310 1234", "US")
@example("+4045550123", "US")
@example("+4045550123.0", "US")
def test_the_key_of_a_number_is_its_e164_so_equal_numbers_have_equal_keys(raw, region):
    number = e164_or_none(raw, region)
    assert number is None or phone_key(raw, region) == number


@settings(max_examples=1500, deadline=None)
@given(SPELLING, SPELLING, st.sampled_from(NANP_REGIONS))
def test_equal_keys_are_of_one_number_or_of_none(one, other, region):
    key = phone_key(one, region)
    if key is not None and key == phone_key(other, region):
        assert e164_or_none(one, region) == e164_or_none(other, region)


@pytest.mark.parametrize("region", NANP_REGIONS)
def test_every_usual_spelling_of_many_numbers_has_the_key_of_the_number(region):
    draw = random.Random(region)
    for _ in range(40):
        digits = f"{draw.randrange(200, 1000)}{draw.randrange(100, 1000)}{draw.randrange(10_000):04}"
        numbers = {e164_or_none(phones.spell(digits, style), region) for style in range(len(phones.SPELLINGS))}
        keys = {
            phone_key(phones.written(digits, spelling), region) for spelling in (*phones.SPELLINGS, phones.EXCEL_FLOAT)
        }
        assert len(numbers) == 1
        assert keys == {f"+1{digits}"}
        assert numbers <= {f"+1{digits}", None}


@pytest.mark.parametrize(
    "raw", [None, "", "n/a", "555-0123", "4.04555E+09", "0123458789", "1800123456", "+1310173407", "(+1)500234567"]
)
def test_what_is_certainly_no_number_has_no_key(raw):
    assert phone_key(raw, "US") is None


@pytest.mark.parametrize(
    ("raw", "region", "key"),
    [
        ("020 7946 0958", "GB", "+442079460958"),
        ("+44 20 7946 0958", "GB", "+442079460958"),
        ("(404) 555-0123", "GB", None),
        ("+1 404 555 0123", "DE", "+14045550123"),
    ],
)
def test_other_regions_have_keys_too(raw, region, key):
    assert phone_key(raw, region) == key
