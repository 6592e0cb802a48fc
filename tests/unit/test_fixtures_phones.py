import csv
import itertools
import random

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures import phones
from fixtures.draw import Draw
from fixtures.generate import make


def parsed(text):
    return phonenumbers.parse(text, "US")


def is_valid(text):
    try:
        return phonenumbers.is_valid_number(parsed(text))
    except phonenumbers.NumberParseException:
        return False


def test_every_area_code_is_valid_with_low_and_high_exchanges():
    for npa, exchange in itertools.product(phones.AREA_CODES, ("200", "555", "911", "999")):
        assert phonenumbers.is_valid_number_for_region(parsed(f"{npa}{exchange}0100"), "US"), (npa, exchange)


def test_numbers_of_the_whole_space_are_valid_us_numbers():
    draws = random.Random(1)
    for index in (0, phones.SPACE - 1, *(draws.randrange(phones.SPACE) for _ in range(3000))):
        assert phonenumbers.is_valid_number_for_region(parsed(phones.national(index)), "US"), index


@given(st.integers(0, phones.SPACE - 1), st.integers(0, phones.SPACE - 1))
def test_different_indices_are_different_numbers(one, other):
    assert (phones.national(one) == phones.national(other)) == (one == other)


def test_the_first_numbers_are_those_kept_for_fiction():
    first = {phones.national(index) for index in range(35_800)}
    assert len(first) == 35_800
    assert {digits[3:8] for digits in first} == {"55501"}


def test_no_subscriber_has_a_number_of_the_first_areas():
    unassigned = {"555", "958", "959", *(f"{n}11" for n in range(2, 10))}
    last = phones.block(392, 1)[-1]
    assert {phones.national(index)[3:6] for index in range(0, last + 1, 9973)} == unassigned
    assert phones.national(last)[3:6] in unassigned


SIZES = (1, 50_000, 100_000, 100_001, 2_000_000)


@given(st.integers(0, 931), st.integers(0, 931), st.sampled_from(SIZES), st.sampled_from(SIZES))
def test_blocks_of_different_areas_never_overlap(one, other, rows_of_one, rows_of_other):
    a, b = phones.block(one, rows_of_one), phones.block(other, rows_of_other)
    assert one == other or a[-1] < b[0] or b[-1] < a[0]
    assert len(a) >= rows_of_one
    assert a[0] >= 0
    assert a[-1] < phones.SPACE


@pytest.mark.parametrize(("last", "count"), [(9999, 100_000), (931, 100_001)])
def test_the_last_area_is_whole_and_none_comes_after_it(last, count):
    assert phones.block(last, count)[-1] < phones.SPACE
    with pytest.raises(ValueError, match=f"area {last + 1} does not exist.*0 to {last}"):
        phones.block(last + 1, count)


def test_more_numbers_than_any_area_has_are_refused():
    with pytest.raises(ValueError, match="more than an area has"):
        phones.block(0, 2_000_001)


def test_the_last_small_area_ends_before_the_first_large_one():
    assert phones.block(9999, 1)[-1] < phones.block(0, 2_000_000)[0]


def test_files_of_different_areas_share_no_number_though_rows_and_seeds_differ(tmp_path):
    seen = []
    for area, (rows, seed) in enumerate([(300, 1), (500, 1), (300, 9), (1, 1)]):
        path = tmp_path / f"{area}.csv"
        make("contacts", rows, seed, path, area=area)
        seen.append({line.split(",")[0] for line in path.read_text(encoding="utf-8").splitlines()[1:]})
    numbers = [{parsed(text).national_number for text in texts if is_valid(text)} for texts in seen]
    assert all(one.isdisjoint(other) for one, other in itertools.combinations(numbers, 2))
    assert [len(some) for some in numbers] == [
        300 - 6 - 10,  # without duplicates and the rows whose phone is no number
        500 - 10 - 17,
        300 - 6 - 10,
        1,
    ]


def test_files_of_different_kinds_and_areas_share_no_number(tmp_path):
    asked = [("contacts", 300, 0), ("propertyradar", 300, 1), ("campaign", 300, 2), ("propertyradar", 700, 3)]
    seen = []
    for kind, rows, area in asked:
        path = tmp_path / f"{kind}-{area}.csv"
        manifest = make(kind, rows, 1, path, area=area)
        with path.open(encoding="utf-8", newline="") as file:
            columns, *records = csv.reader(file)
        places = [at for at, name in enumerate(columns) if name in {"phone", "phone_number"} or name.endswith("Phone1")]
        texts = {cells[at].removesuffix(".0") for cells in records for at in places if at < len(cells)}
        seen.append({parsed(text).national_number for text in texts if is_valid(text)})
        assert len(seen[-1]) > manifest.contacts_expected
    assert all(one.isdisjoint(other) for one, other in itertools.combinations(seen, 2))


def test_exports_of_different_areas_share_no_property(tmp_path):
    parcels, places = [], []
    for area, (rows, seed) in enumerate([(500, 1), (900, 1), (500, 2)]):
        path = tmp_path / f"{area}.csv"
        make("propertyradar", rows, seed, path, area=area)
        with path.open(encoding="utf-8", newline="") as file:
            _, *records, _licence = csv.reader(file)
        parcels.append({cells[7] for cells in records} - {""})
        places.append({" ".join(" ".join(cells[1:4]).upper().split()) for cells in records if cells[1]})
    for some in (parcels, places):
        assert all(one.isdisjoint(other) for one, other in itertools.combinations(some, 2))
        assert min(map(len, some)) > 450


def test_every_spelling_is_the_same_number_and_no_two_are_alike():
    texts = [phones.spell("4045550123", style) for style in range(len(phones.SPELLINGS))]
    assert len(set(texts)) == len(texts)
    assert {parsed(text).national_number for text in texts} == {4045550123}
    assert all(map(is_valid, texts))


@given(st.integers(0, len(phones.SPELLINGS) - 1), st.text(max_size=3))
def test_another_style_is_another_and_exists(style, name):
    other = phones.other_style(style, Draw(name))
    assert other != style
    assert 0 <= other < len(phones.SPELLINGS)


@pytest.mark.parametrize("sort", phones._INVALID)
def test_each_sort_of_invalid_phone_is_invalid_and_never_has_seven_digits(sort):
    draw = Draw("any")
    for text in (sort(draw) for _ in range(300)):
        assert not is_valid(text), text
        assert sum(map(str.isdigit, text)) != 7, text
        assert text.strip()


def test_numbers_without_an_area_code_have_seven_digits_and_are_invalid():
    draw = Draw("any")
    for text in (phones.no_area_code(draw) for _ in range(300)):
        assert not is_valid(text), text
        assert sum(map(str.isdigit, text)) == 7, text


def test_a_missing_phone_is_blank():
    draw = Draw("any")
    texts = {phones.missing(draw) for _ in range(100)}
    assert texts == {"", "   "}
