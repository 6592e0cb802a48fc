from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.imports import cells
from app.imports.cells import CellError
from fixtures import campaign, homes, owners, propertyradar
from fixtures.draw import Draw
from fixtures.plan import DATE_INVALID, EMAIL_INVALID, NUMBER_INVALID, RAGGED_ROW

HOSTILE = [
    "1" * 10_000_000,
    "1," * 5_000_000,
    "(" * 10_000_000,
    "a@" + "b." * 5_000_000,
    "2026-05-04" + " " * 10_000_000,
]


def code_of(read, text):
    with pytest.raises(CellError) as error:
        read(text)
    assert error.value.reason
    assert error.value.fix
    assert str(error.value) == f"{error.value.reason}; {error.value.fix}"
    return error.value.code


@pytest.mark.parametrize(
    "text", ["a@b.co", "zoë@exämple.com", "a.b+c@d.e.org", "o'neil@example.com", "A@B.CO", "1@2.33"]
)
def test_an_email_address_is_kept_as_it_is_written(text):
    assert cells.email(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *("a@b", "a@b.c", "a b@c.com", "a@@b.com", "@b.com", "b@", "a.b.com", "a@b.com.", "n/a"),
        *("a@b.com; c@d.com", "a@b.com,c@d.com", "mailto a@b.com", "Ada <a@b.com>", '"a@b.com"'),
    ],
)
def test_what_a_person_would_not_take_for_an_email_address_is_invalid(text):
    assert code_of(cells.email, text) == "email_invalid"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", "0"),
        ("7", "7"),
        ("007", "7"),
        ("-5", "-5"),
        ("+5", "5"),
        ("1.5", "1.5"),
        ("1.50", "1.5"),
        ("1.", "1"),
        (".5", "0.5"),
        ("-.50", "-0.5"),
        ("-0.00", "0"),
        ("100", "100"),
        ("-117.1234", "-117.1234"),
        ("$450000", "450000"),
        ("$ 450,000.00", "450000"),
        ("-$1,250.75", "-1250.75"),
        ("$-1,250.75", "-1250.75"),
        ("1,234,567.5", "1234567.5"),
        ("999,999", "999999"),
        ("(1,250)", "-1250"),
        ("($1,250.50)", "-1250.5"),
        ("$(1,250.50)", "-1250.5"),
        ("$ (1,250.50)", "-1250.5"),
        ("(0)", "0"),
        ("50%", "50"),
        ("-12.50 %", "-12.5"),
        ("(12%)", "-12"),
        ("9" * 30, "9" * 30),
        ("0" * 50 + "1.5" + "0" * 50, "1.5"),
        ("0." + "1" * 30, "0." + "1" * 30),
    ],
)
def test_a_number_is_one_plain_decimal_however_it_is_written(text, number):
    assert cells.number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        *(
            "NaN",
            "nan",
            "Infinity",
            "-inf",
            "1O",
            "123456?",
            "about 5",
            "ask owner",
            "1.2.3",
            "5..0",
            "5.0.",
            "5.5.",
            "5.0.0",
            "1e5",
            "1.25E+06",
            "0x1f",
        ),
        *(
            "1_000",
            "12,34",
            "1,2345",
            "1234,567",
            ",123",
            "1,,234",
            "1,5",
            "1.234,5",
            "1 234",
            "--5",
            "+-5",
            "5-",
            "5 5",
        ),
        *(
            "(5",
            "5)",
            "(-5)",
            "-(5)",
            "(+5)",
            "((5))",
            "-$-5",
            "$$5",
            "5%%",
            "%",
            "%5",
            "$",
            "-",
            "$ -",
            ".",
            "()",
            "+",
        ),
        *("5 USD", "€5", "½", "²", "\uff15", "\u0665", "\u22125", "5\0", "1/2", "9" * 31, "1." + "1" * 30),
    ],
)
def test_what_is_not_a_number_is_invalid(text):
    assert code_of(cells.number, text) == "number_invalid"


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=4))
def test_a_number_keeps_its_value_and_equal_ones_become_the_same_text(value):
    text = cells.number(f"{value:,f}")
    assert Decimal(text) == value
    assert cells.number(text) == text == cells.number(f"{value:f}00") == cells.number(f"${value:f}")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2021-03-04", "2021-03-04"),
        ("3/4/2021", "2021-03-04"),
        ("03/04/2021", "2021-03-04"),
        ("12/31/1999", "1999-12-31"),
        ("2020-02-29", "2020-02-29"),
        ("2/29/2000", "2000-02-29"),
        ("1600-01-01", "1600-01-01"),
        ("12/31/2200", "2200-12-31"),
        ("2021-03-04 00:00:00", "2021-03-04"),
        ("2021-03-04T00:00:00", "2021-03-04"),
        ("2021-03-04T00:00:00.000Z", "2021-03-04"),
        ("2021-03-04T00:00:00-05:00", "2021-03-04"),
        ("3/4/2021 0:00", "2021-03-04"),
        ("3/4/2021 0:00:00", "2021-03-04"),
        ("03/04/2021 12:00:00 AM", "2021-03-04"),
    ],
)
def test_a_date_is_the_day_of_the_calendar_that_it_names(text, day):
    assert cells.date(text) == day


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2021-02-30",
            "2019-13-05",
            "2018-00-14",
            "2018-04-00",
            "02/30/2018",
            "13/32/2019",
            "13/05/2019",
            "2/29/1900",
        ),
        *(
            "unknown",
            "2020-1O-05",
            "2020-1-5",
            "20200105",
            "2020/01/05",
            "01-05-2020",
            "1/5/20",
            "5.1.2020",
            "Jan 5 2020",
        ),
        *("2020-W01-1", "2020-005", "44200", "0000-00-00", "1599-12-31", "2201-01-01", "0001-01-01", "9999-12-31"),
        *("2021-03-04 10:30:00", "3/4/2021 12:00 PM", "2021-03-04 00:00:01", "2021-03-04T", "2021-03-04T24:00:00"),
        *("2021-03-04 00:00:00+99:00", "2021-03-04x", "\uff12021-03-04", "+2021-03-04", "infinity", "today", "now"),
    ],
)
def test_what_is_no_date_is_invalid(text):
    assert code_of(cells.date, text) == "date_invalid"


@given(st.dates(min_value=datetime(1600, 1, 1).date(), max_value=datetime(2200, 12, 31).date()))
def test_every_day_is_understood_both_ways(day):
    iso = day.isoformat()
    assert cells.date(iso) == cells.date(f"{day.month}/{day.day}/{day.year}") == cells.date(f"{iso} 00:00:00") == iso


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-05-04T10:30:00Z", "2026-05-04T10:30:00+00:00"),
        ("2026-05-04t10:30:00z", "2026-05-04T10:30:00+00:00"),
        ("2026-05-04 10:30:00", "2026-05-04T10:30:00+00:00"),
        ("2026-05-04 10:30:00 UTC", "2026-05-04T10:30:00+00:00"),
        ("2026-05-04 10:30:00 +0000", "2026-05-04T10:30:00+00:00"),
        ("2026-05-04T10:30", "2026-05-04T10:30:00+00:00"),
        ("2026-05-04T10:30:00-05:00", "2026-05-04T15:30:00+00:00"),
        ("2026-05-04T10:30:00+05:30", "2026-05-04T05:00:00+00:00"),
        ("2026-05-04T10:30:00+0530", "2026-05-04T05:00:00+00:00"),
        ("2026-05-04 10:30:00+14", "2026-05-03T20:30:00+00:00"),
        ("2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00+00:00"),
        ("2026-05-04T10:30:00.5Z", "2026-05-04T10:30:00.500000+00:00"),
        ("2026-05-04T10:30:00,000001", "2026-05-04T10:30:00.000001+00:00"),
        ("2026-05-04T10:30:00.123456789Z", "2026-05-04T10:30:00.123456+00:00"),
        ("2026-05-04T10:30:00.000Z", "2026-05-04T10:30:00+00:00"),
        ("2026-05-04", "2026-05-04T00:00:00+00:00"),
        ("5/4/2026", "2026-05-04T00:00:00+00:00"),
        ("5/4/2026 9:05", "2026-05-04T09:05:00+00:00"),
        ("05/04/2026 19:05:07", "2026-05-04T19:05:07+00:00"),
        ("5/4/2026 7:05 PM", "2026-05-04T19:05:00+00:00"),
        ("5/4/2026 7:05:07 pm", "2026-05-04T19:05:07+00:00"),
        ("5/4/2026 7:05\u202fPM", "2026-05-04T19:05:00+00:00"),
        ("5/4/2026, 7:05 AM", "2026-05-04T07:05:00+00:00"),
        ("5/4/2026 12:05 AM", "2026-05-04T00:05:00+00:00"),
        ("5/4/2026 12:05 PM", "2026-05-04T12:05:00+00:00"),
        ("1600-01-01T00:00:00Z", "1600-01-01T00:00:00+00:00"),
        ("2200-12-31T23:59:59Z", "2200-12-31T23:59:59+00:00"),
    ],
)
def test_a_time_is_in_utc_and_without_a_zone_it_was_so_already(text, time):
    assert cells.timestamp(text) == cells.timestamp(time) == time


@pytest.mark.parametrize(
    "text",
    [
        *("2026-02-30T10:00:00Z", "2026-13-01 09:30:00", "2026-05-04T25:10:00Z", "2026-05-04T24:00:00Z"),
        *("2026-06-31T08:00:00-05:00", "2026-07-01 12:61:00", "2026-07-01 12:00:60", "yesterday", "now", "infinity"),
        *("2026-05-04T10", "2026-05-04T10:30:00+25:00", "2026-05-04T10:30:00+05:75", "2026-05-04T10:30:00 EST"),
        *("2026-05-04T10:30:00.Z", "2026-05-04T10:30:00.1234567890Z", "2026-05-04T1030", "20260504T103000Z"),
        *("5/4/2026 13:00 PM", "5/4/2026 0:30 AM", "13/13/2026 10:00", "5/4/26 10:00", "5/4/2026 10", "5/4/2026 PM"),
        *("1599-12-31T23:59:59Z", "2201-01-01T00:00:00Z", "2200-12-31T23:00:00-05:00", "1600-01-01T00:00:00+01:00"),
        *("0001-01-01T00:00:00+05:00", "9999-12-31T23:00:00-05:00", "0000-01-01T00:00:00Z", "10:30:00", "1777890600"),
        *("\uff12026-05-04T10:30:00Z", "2026-05-04T10:30:00Z\0", "2026-05-04T10:30:00Z 2026-05-04T10:30:00Z"),
    ],
)
def test_what_is_no_time_is_invalid(text):
    assert code_of(cells.timestamp, text) == "date_invalid"


@given(
    st.datetimes(min_value=datetime(1600, 1, 2), max_value=datetime(2200, 12, 30)),
    st.integers(min_value=-15 * 60, max_value=15 * 60),
)
def test_a_time_is_the_moment_that_python_takes_it_for(clock, minutes):
    moment = clock.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert cells.timestamp(moment.isoformat()) == moment.astimezone(UTC).isoformat()
    in_the_us = f"{clock.month}/{clock.day}/{clock.year} {clock:%I:%M:%S %p}"
    assert cells.timestamp(in_the_us) == clock.replace(microsecond=0, tzinfo=UTC).isoformat()


@pytest.mark.parametrize("text", ["1", "1.0", "yes", "YES", "Yes", "y", "Y", "true", "TRUE", "True", "t"])
def test_yes_is_true(text):
    assert cells.flag(text) == "t"


@pytest.mark.parametrize("text", ["0", "0.0", "no", "NO", "No", "n", "N", "false", "FALSE", "False", "f"])
def test_no_is_false(text):
    assert cells.flag(text) == "f"


@pytest.mark.parametrize(
    "text", ["2", "-1", "10", "01", "maybe", "yes!", "y n", "on", "x", "\uff11", "null", "1.00.0", "✓"]
)
def test_what_is_neither_yes_nor_no_is_invalid(text):
    assert code_of(cells.flag, text) == "flag_invalid"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ada Lovelace", ("Ada", "Lovelace")),
        ("Ada King Lovelace", ("Ada King", "Lovelace")),
        ("Ada  Lovelace", ("Ada", "Lovelace")),
        ("Ada\u00a0Lovelace", ("Ada", "Lovelace")),
        ("Ada", ("Ada", None)),
        ("Lovelace, Ada", ("Ada", "Lovelace")),
        ("Lovelace,Ada", ("Ada", "Lovelace")),
        ("de la Cruz, Ada Maria", ("Ada Maria", "de la Cruz")),
        ("Lovelace,", (None, "Lovelace")),
        (", Ada", ("Ada", None)),
        (",", (None, None)),
        ("King, Lovelace, Ada", ("King, Lovelace,", "Ada")),
        ("Zoë Ng", ("Zoë", "Ng")),
        ("山田太郎", ("山田太郎", None)),
    ],
)
def test_a_whole_name_is_split_at_the_last_space_or_turned_round_at_its_comma(text, names):
    assert cells.full_name(text) == names


@given(st.text(min_size=1).map(str.strip).filter(bool))
def test_every_name_is_split_into_trimmed_parts(text):
    first, last = cells.full_name(text)
    assert all(part is None or part == part.strip() != "" for part in (first, last))
    if text.count(",") != 1:
        assert first


@pytest.mark.parametrize("read", [cells.email, cells.number, cells.date, cells.timestamp, cells.flag])
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:4])
def test_a_hostile_cell_does_not_take_long(read, text):
    assert code_of(read, text).endswith("_invalid")
    assert cells.unusual([text, *map(str, range(500))], read) >= {text}


@pytest.mark.parametrize("read", [cells.email, cells.number, cells.date, cells.timestamp, cells.flag])
@given(st.text(min_size=1))
def test_any_text_is_understood_as_the_same_again_or_invalid(read, text):
    try:
        found = read(text)
    except CellError:
        return
    assert read(found) == found


NUMBERS = [
    "",
    "0",
    "-0",
    "7",
    "-7",
    "70",
    "07",
    "1.5",
    "1.50",
    "-1.05",
    "0.5",
    "1\n2",
    "\n",
    "$1",
    "x",
    "9" * 15,
    "9" * 16,
]


@given(st.lists(st.one_of(st.sampled_from(NUMBERS), st.from_regex(r"-?[0-9]{0,3}(\.[0-9]{0,3})?", fullmatch=True))))
def test_a_column_that_is_taken_as_it_is_has_nothing_that_would_be_written_otherwise(column):
    assert all(cells.number(text) == text for text in set(column) - {*cells.unusual(column, cells.number), ""})


@given(st.lists(st.from_regex(r"(1[5-9]|2[0-3])[0-9]{2}[-/](0[0-9]|1[0-3])-[0-3][0-9]", fullmatch=True)))
def test_a_date_that_is_taken_as_it_is_is_one(column):
    assert all(cells.date(text) == text for text in {*column} - {*cells.unusual(column, cells.date)})


def test_what_is_usual_is_taken_as_it_is():
    assert cells.unusual(["", "0", "7", "-70", "1.5", "-1.05", "1234567.25", ""], cells.number) == set()
    odd = {"1.50", "07", "-0", "$1", "x", "1\n2", " 1"}
    assert cells.unusual(["1", *odd], cells.number) == odd
    assert cells.unusual(["ada@b.co", "", "ada"], cells.email) == {"ada"}
    assert cells.unusual(["2026-05-04", "5/4/2026", "2026-02-29"], cells.date) == {"5/4/2026", "2026-02-29"}
    assert cells.unusual(["yes", "", "no"], cells.flag) == {"yes", "no"}


@pytest.mark.parametrize("distinct", [5, 500])
def test_in_a_long_column_each_cell_is_taken_or_not_as_it_is_alone(distinct):
    for read, texts in (
        (cells.number, ("{}", "{}.50", "", "${}", "1\n2")),
        (cells.email, ("a{}@b.co", "a{}", "", "a@b.co\n", "a@b c.de")),
    ):
        column = [texts[at % len(texts)].format(at % distinct) for at in range(2000)]
        alone = {text for text in column if cells.unusual([text], read)}
        assert cells.unusual(column, read) == alone != {*column}


def test_a_cell_with_a_nul_does_not_hide_what_stands_behind_it():
    for nul in ("\0", "a@b.co\0", "a@b.co\0a", "\0a"):
        assert "wrong" in cells.unusual(["a@b.co", nul, "wrong"], cells.email)
        assert "$5" in cells.unusual(["1", nul, "$5"], cells.number)


@given(
    st.lists(st.one_of(st.text(st.sampled_from("ab ,.\n\t\x85\u2028J"), max_size=8).map(str.strip), st.just("A, Jr")))
)
def test_names_are_split_together_as_one_by_one(column):
    both = [cells.full_name(text) if text else (None, None) for text in column]
    assert list(zip(*cells.full_names(column), strict=True)) == [(first or "", last or "") for first, last in both]


def outcome(read, text):
    """The code of what is wrong with a cell; None: nothing, or it is empty."""
    try:
        if text:
            read(text)
    except CellError as error:
        return error.code
    return None


def test_the_cells_of_a_campaign_fixture_are_as_their_reasons_say():
    for row in campaign.rows(3000, Draw("cells of a campaign"), 0):
        if row.reason != RAGGED_ROW:
            assert outcome(cells.timestamp, row.cells[campaign.SENT_AT]) == (
                DATE_INVALID if row.reason == DATE_INVALID else None
            )


NUMBERS = ["Longitude", "Latitude", "Yr Built", "Purchase Mos Since", "Sq Ft", "Beds", "Baths"]
NUMBERS += ["Est Value", "Est Equity $", "Est Equity %"]
FLAGS = ["Owner Occ?", "Listed for Sale?", "Foreclosure?", "High Equity?"]
READ = {homes.COLUMNS.index(name): cells.number for name in NUMBERS}
READ |= {homes.COLUMNS.index(name): cells.flag for name in FLAGS}
READ |= {homes.PURCHASE_DATE: cells.date}
READ |= {propertyradar.PEOPLE + role * owners.WIDTH + owners.EMAIL: cells.email for role in (0, 1)}


def test_the_cells_of_a_propertyradar_fixture_are_as_their_reasons_say():
    for row in propertyradar.rows(3000, Draw("cells of houses"), 0):
        if row.reason != RAGGED_ROW:
            wrong = {outcome(read, row.cells[place]) for place, read in READ.items()} - {None}
            assert wrong == {row.reason} & {EMAIL_INVALID, DATE_INVALID, NUMBER_INVALID}
