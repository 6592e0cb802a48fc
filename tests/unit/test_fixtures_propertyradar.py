import csv
import hashlib
import re
from collections import Counter
from datetime import datetime

import phonenumbers
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures import homes, owners, phones, propertyradar
from fixtures.draw import Draw
from fixtures.generate import make
from fixtures.manifest import Manifest

HEADER = [
    "Type",
    "Address",
    "City",
    "ZIP",
    "Subdivision",
    "Longitude",
    "Latitude",
    "APN",
    "Yr Built",
    "Purchase Date",
    "Purchase Mos Since",
    "Sq Ft",
    "Beds",
    "Baths",
    "Est Value",
    "Est Equity $",
    "Owner",
    "Mail Address",
    "Mail City",
    "Mail State",
    "Mail ZIP",
    "Owner Occ?",
    "Listed for Sale?",
    "Listing Status",
    "Foreclosure?",
    "Est Equity %",
    "High Equity?",
    "Primary Name",
    "Primary Mobile Phone1",
    "Primary Mobile 1 Status",
    "Primary Email1",
    "Primary Email 1 Status",
    "Primary Email1 Hash",
    "Secondary Name",
    "Secondary Mobile Phone1",
    "Secondary Mobile 1 Status",
    "Secondary Email1",
    "Secondary Email 1 Status",
    "Secondary Email1 Hash",
]
PHONES = ("Primary Mobile Phone1", "Secondary Mobile Phone1")
EMAILS = ("Primary Email1", "Secondary Email1")


def read(path):
    """The rows' cells, without header and licence."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *records, licence = csv.reader(file, strict=True)
    assert header == HEADER
    assert len(licence) == 1
    return records


def mended(cells):
    """By column name; a ragged row as it was before."""
    if len(cells) == 40:
        cells = [*cells[:16], f"{cells[16]},{cells[17]}", *cells[18:]]
    return dict(zip(HEADER, [*cells, *[""] * (39 - len(cells))], strict=True))


def e164(text):
    if re.fullmatch(r"\d{10}\.0", text):  # Excel's; phonenumbers does not take it
        text = text[:10]
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_date(text):
    for pattern, form in (("%Y-%m-%d", r"\d{4}-\d\d-\d\d"), ("%m/%d/%Y", r"\d\d/\d\d/\d{4}")):
        try:
            if re.fullmatch(form, text, re.ASCII) and datetime.strptime(text, pattern):
                return True
        except ValueError:
            pass
    return False


def what_is_wrong(cells):
    """Every reason that fits, by rules that know nothing of the generator."""
    if len(cells) != len(HEADER):
        return ["ragged_row"]
    row, reasons = mended(cells), []
    for phone in filter(None, (row[column] for column in PHONES)):
        if re.fullmatch(r"\D*(\d\D*){7}", phone):
            reasons.append("valid after all" if e164(phone) else "phone_no_area_code")
        elif e164(phone) is None:
            reasons.append("phone_invalid")
    for email in filter(None, (row[column] for column in EMAILS)):
        if not re.fullmatch(r"[a-z0-9.]+@example\.(com|org|net)", email):
            reasons.append("email_invalid")
    if row["Purchase Date"] and not is_date(row["Purchase Date"]):
        reasons.append("date_invalid")
    if not re.fullmatch(r"(-?\d+)?", row["Est Value"], re.ASCII):
        reasons.append("number_invalid")
    if not row["Address"].strip() and not row["APN"].strip():
        reasons.append("address_missing")
    return reasons


def property_of(row):
    place = (" ".join(row[column].split()).casefold() for column in ("Address", "City", "ZIP"))
    return row["APN"] or tuple(place)


def phones_of(row):
    return {number for column in PHONES if (number := e164(row[column]))}


def check_against_manifest(path, manifest):
    records = read(path)
    reasons = {number: what_is_wrong(cells) for number, cells in enumerate(records, 1)}
    wrong = [{"row": number, "reason": found[0]} for number, found in reasons.items() if found]
    properties, contacts, links, duplicates = set(), set(), set(), 0
    for number, cells in enumerate(records, 1):
        if reasons[number]:
            continue
        row = mended(cells)
        key, own = property_of(row), phones_of(row)
        assert own
        if key in properties:
            duplicates += 1
            assert {(key, phone) for phone in own} <= links
        properties.add(key)
        contacts |= own
        links |= {(key, phone) for phone in own}

    assert all(len(found) <= 1 for found in reasons.values())
    assert manifest.rows == len(records)
    assert list(manifest.invalid_rows) == wrong
    assert manifest.rows_invalid == len(wrong)
    assert manifest.invalid == dict(Counter(row["reason"] for row in wrong))
    assert manifest.contacts_expected == len(contacts)
    assert manifest.properties_expected == len(properties)
    assert manifest.links_expected == len(links)
    assert manifest.members_expected == 0
    assert manifest.duplicates == duplicates
    assert manifest.rows_new == len(properties)
    # An invalid row that is imported all the same would add things of its own, so that the counts give it away.
    for row in (mended(records[row["row"] - 1]) for row in wrong):
        own, key = phones_of(row), property_of(row)
        assert own.isdisjoint(contacts)
        assert key not in properties
        contacts |= own
        properties |= {key} if row["Address"] else set()
    assert manifest.bytes == path.stat().st_size
    assert manifest.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert Manifest.load(path.with_suffix(".manifest.json")) == manifest


@pytest.mark.parametrize(
    ("rows", "seed", "area"),
    [(1, 1, 0), (2, 1, 0), (10, 7, 0), (26, 2, 1), (1000, 1, 0), (1000, 2, 3), (1000, 1, 9999), (5000, 3, 0)],
)
def test_manifest_is_what_an_independent_count_finds(tmp_path, rows, seed, area):
    path = tmp_path / "export.csv"
    check_against_manifest(path, make("propertyradar", rows, seed, path, area=area))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 120), st.integers(0, 2**70), st.integers(0, 9999))
def test_manifest_is_what_an_independent_count_finds_for_any_arguments(tmp_path, rows, seed, area):
    path = tmp_path / "export.csv"
    check_against_manifest(path, make("propertyradar", rows, seed, path, area=area))


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    """5,000 rows: path and manifest."""
    path = tmp_path_factory.mktemp("export") / "export.csv"
    return path, make("propertyradar", 5000, 1, path)


@pytest.fixture(scope="module")
def good(export):
    """Row number -> row, of the valid ones."""
    path, manifest = export
    invalid = {row["row"] for row in manifest.invalid_rows}
    return {number: mended(cells) for number, cells in enumerate(read(path), 1) if number not in invalid}


@pytest.mark.parametrize("rows", [1, 999, 1000, 1001, 2000])
def test_the_last_line_is_a_licence_of_one_cell_without_a_line_end_and_no_row(tmp_path, rows):
    path = tmp_path / "export.csv"
    assert make("propertyradar", rows, 1, path).rows == rows
    *lines, licence = path.read_bytes().split(b"\r\n")
    assert len(lines) == rows + 1
    assert b"licensee" in licence
    assert b"," not in licence
    assert b'"' not in licence
    assert b"\n" not in licence
    assert lines[0].decode() == ",".join(HEADER)


def test_every_reason_occurs_from_two_hundred_rows_on(tmp_path):
    assert set(make("propertyradar", 200, 1, tmp_path / "export.csv").invalid) == {
        "phone_invalid",
        "phone_no_area_code",
        "ragged_row",
        "email_invalid",
        "date_invalid",
        "number_invalid",
        "address_missing",
    }


@pytest.mark.parametrize(
    ("share", "filled"),
    [
        (0.82, lambda row: row["Primary Mobile Phone1"]),
        (0.54, lambda row: row["Secondary Mobile Phone1"]),
        (0.18, lambda row: row["Secondary Mobile Phone1"] and not row["Primary Mobile Phone1"]),
        (0.07, lambda row: row["Primary Mobile Phone1"] and len(phones_of(row)) < sum(bool(row[c]) for c in PHONES)),
        (1.00, lambda row: row["Primary Mobile Phone1"] or row["Secondary Mobile Phone1"]),
        (1.00, lambda row: row["Primary Name"]),
        (0.82, lambda row: row["Primary Email1"]),
        (0.78, lambda row: row["Secondary Name"]),
        (0.52, lambda row: row["Secondary Email1"]),
        (0.98, lambda row: row["Type"] == "SFR"),
        (0.97, lambda row: row["APN"]),
        (0.85, lambda row: re.fullmatch(r"(\d{3}-\d{3}-\d{4})?", row["Primary Mobile Phone1"])),
        (0.91, lambda row: re.fullmatch(r"\d{4}-\d\d-\d\d", row["Purchase Date"])),
        (0.07, lambda row: "/" in row["Purchase Date"]),
        (0.05, lambda row: row["Est Equity $"].startswith("-")),
    ],
)
def test_cells_are_filled_as_often_as_in_a_real_export(good, share, filled):
    found = sum(map(bool, map(filled, good.values()))) / len(good)
    assert abs(found - share) < (0.025 if share < 1 else 1e-9)


def test_a_row_has_the_bytes_and_the_phones_of_a_real_export(export):
    _, manifest = export
    assert 370 < manifest.bytes / manifest.rows < 385
    assert 1.26 < manifest.contacts_expected / manifest.rows_new < 1.31


def test_cells_look_as_in_a_real_export(export, good):
    masks = {
        "Type": "SFR|MFR|CND|RES",
        "ZIP": r"\d{5}",
        "APN": r"([A-Z]{4}-\d{6}-[A-Z]\d{6}-\d{6})?",
        "Longitude": r"-\d+\.\d+",
        "Latitude": r"\d+\.\d+",
        "Baths": r"\d\.\d",
        "Est Equity $": r"(-?\d+)?",
        "Owner": r"[^,]+,[^,&]+ [A-Z]( & [^,&]+ [A-Z])?",
        "Owner Occ?": "[01]",
        "Listed for Sale?": "[01]",
        "Foreclosure?": "[01]",
        "High Equity?": "[01]",
        "Primary Email1 Hash": "([0-9a-f]{64})?",
        "Secondary Email1 Hash": "([0-9a-f]{64})?",
    }
    for row in good.values():
        for column, mask in masks.items():
            assert re.fullmatch(mask, row[column]), (column, row[column])
        for email in EMAILS:
            expected = hashlib.sha256(row[email].encode()).hexdigest() if row[email] else ""
            assert row[f"{email} Hash"] == expected
    assert {row["Type"] for row in good.values()} == {"SFR", "MFR", "CND", "RES"}
    assert any(row["ZIP"].startswith("0") for row in good.values())
    assert any(not row["Primary Name"].isascii() for row in good.values())
    assert b',"' in export[0].read_bytes()  # an owner
    assert not export[0].read_bytes().startswith(b"\xef\xbb\xbf")


def test_phones_are_written_in_four_ways_one_of_them_excels(good):
    texts = [row[column] for row in good.values() for column in PHONES]
    masks = {re.sub(r"\d", "9", text) for text in texts}
    assert masks == {"", "999-999-9999", "(999) 999-9999", "999.999.9999", "9999999999.9"}
    assert all(text.endswith(".0") for text in texts if re.fullmatch(r"\d{10}\.\d", text))


def test_some_rows_have_one_number_twice_in_two_spellings(good):
    twice = [row for row in good.values() if all(row[c] for c in PHONES) and len(phones_of(row)) == 1]
    assert {row[PHONES[0]] == row[PHONES[1]] for row in twice} == {True, False}


def test_addresses_are_upper_case_but_for_duplicates_that_spell_them_otherwise(good):
    seen, respelt = set(), 0
    for row in good.values():
        if property_of(row) in seen:
            respelt += row["Address"] != row["Address"].upper() or "  " in f" {row['Address']} "
            continue
        seen.add(property_of(row))
        assert (row["Address"], row["City"]) == (row["Address"].upper(), row["City"].upper())
        assert re.fullmatch(r"\d+( \S+)+", row["Address"])
    assert 0 < respelt < 100


def test_duplicates_have_the_same_phones_another_value_and_another_address_where_that_is_the_identity(good):
    first, by_address = {}, 0
    for row in good.values():
        key = property_of(row)
        if key not in first:
            first[key] = row
            continue
        assert phones_of(row) == phones_of(first[key])
        assert row["Est Value"] != first[key]["Est Value"]
        assert row["Est Value"]
        assert row["Primary Name"] == first[key]["Primary Name"]
        if not row["APN"]:
            by_address += 1
            assert row["Address"] != first[key]["Address"]
            assert row["City"] != first[key]["City"]
    assert by_address


def test_some_owners_have_two_houses_so_that_links_are_more_than_contacts(export, good):
    first, more = {}, 0
    for row in good.values():
        for phone in phones_of(row):
            known = first.setdefault(phone, row)
            more += property_of(known) != property_of(row)
            assert [row[c] for c in HEADER[27:] if "Phone" not in c] == [
                known[c] for c in HEADER[27:] if "Phone" not in c
            ]
    assert more >= export[1].links_expected - export[1].contacts_expected > 0


@given(st.integers(0, phones.SPACE - 1), st.integers(0, phones.SPACE - 1))
def test_different_houses_have_different_addresses_and_parcel_numbers(one, other):
    draw = Draw("any")
    assert (homes.located(one) == homes.located(other)) == (one == other)
    assert (homes.parcel(one, draw)[12:] == homes.parcel(other, draw)[12:]) == (one == other)


def test_there_are_more_addresses_than_houses_and_no_street_or_place_is_there_twice():
    pool = homes.pools()
    assert homes.HOUSE_NUMBERS * len(pool.streets) * len(pool.places) >= phones.SPACE
    assert homes.PARCELS >= phones.SPACE
    assert len({re.sub(r"\s", "", street.casefold()) for street in pool.streets}) == len(pool.streets)
    assert len({(re.sub(r"\s", "", place.city.casefold()), place.zip) for place in pool.places}) == len(pool.places)


@pytest.mark.parametrize("seed", range(5))
def test_a_respelt_address_is_another_text_of_the_same_place(seed):
    draw = Draw(f"respell/{seed}")
    cells = homes.cells(seed, "DOE,JO A", draw)
    before = cells.copy()
    homes.respell(cells, draw)
    for column in (homes.ADDRESS, homes.CITY):
        assert cells[column] != before[column]
        assert " ".join(cells[column].split()).upper() == before[column]


def test_shapes_add_up_to_the_phones_that_a_file_takes():
    draw = Draw("shapes")
    taken = [owners.SHAPES[owners.shape(draw)].numbers for _ in range(20_000)]
    assert abs(sum(taken) / len(taken) - 1.29) < 0.015


def test_a_file_takes_exactly_the_first_phones_of_its_area(tmp_path):
    path = tmp_path / "export.csv"
    make("propertyradar", 1000, 1, path, area=5)
    taken = set().union(*(phones_of(mended(cells)) for cells in read(path)))
    first = phones.block(5, 1)
    assert taken == {f"+1{phones.national(index)}" for index in first[: len(taken)]}


def test_more_rows_than_an_area_has_phones_are_refused_and_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(phones, "AREA_SIZE", 20)
    monkeypatch.setattr(phones, "LARGE_AREA_SIZE", 100)
    with pytest.raises(ValueError, match="more than an area has"):
        make("propertyradar", 100, 1, tmp_path / "export.csv")
    assert list(tmp_path.iterdir()) == []


def test_the_columns_are_those_of_the_export():
    assert list(propertyradar.COLUMNS) == HEADER
