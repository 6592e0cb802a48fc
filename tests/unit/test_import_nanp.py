import copy
import random

import phonenumbers
import pytest
from phonenumbers.phonemetadata import PhoneMetadata, PhoneNumberDesc

from app.imports import nanp, plan

SEED = 7
REGIONS = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1]


def by_the_library(national):
    return phonenumbers.is_valid_number(phonenumbers.PhoneNumber(country_code=1, national_number=int(national)))


@pytest.fixture
def anew():
    """Nothing that was found before is remembered, and nothing afterwards of what is found now."""

    def forget():
        nanp._decided.clear()
        plan.regions.cache_clear()
        plan._regions_of.cache_clear()

    forget()
    yield
    forget()


def test_every_area_and_some_offices_of_each_are_valid_where_the_library_finds_them_so():
    random.seed(SEED)
    numbers = [
        f"{area}{office:03}{random.randrange(10_000):04}"
        for area in range(200, 1000)
        for office in [*random.sample(range(1000), 6), 555]
    ]
    assert [number for number in numbers if nanp.is_valid(number) != by_the_library(number)] == []


def test_offices_of_areas_whose_patterns_look_further_are_valid_where_the_library_finds_them_so():
    random.seed(SEED)
    areas = {leading for region in REGIONS if (leading := PhoneMetadata.metadata_for_region(region).leading_digits)}
    known = [area for leading in areas for area in leading.split("|") if area.isdecimal()]
    assert len(known) > 15
    numbers = [f"{area}{random.randrange(10**7):07}" for area in known for _ in range(200)]
    assert [number for number in numbers if nanp.is_valid(number) != by_the_library(number)] == []


@pytest.mark.parametrize("digits", [3, 6, 7, 8, 9, 11, 12])
def test_numbers_of_another_length_are_valid_where_the_library_finds_them_so(digits):
    random.seed(SEED)
    numbers = [str(random.randrange(2 * 10 ** (digits - 1), 10**digits)) for _ in range(300)]
    assert [number for number in numbers if nanp.is_valid(number) != by_the_library(number)] == []


def test_the_answer_is_the_metadatas_and_follows_a_change_of_it(anew, monkeypatch):
    library = PhoneMetadata.metadata_for_region

    def changed(code):
        found = copy.copy(library(code))
        numbers = PhoneNumberDesc(national_number_pattern=r"999\d{6}[0-4]", possible_length=(10,))
        if code == "US":
            for kind in ("fixed_line", "mobile"):
                object.__setattr__(found, kind, numbers)
        return found

    monkeypatch.setattr(PhoneMetadata, "metadata_for_region", changed)
    assert not nanp.is_valid("4045550123")
    assert nanp.is_valid("9995550123")  # what the tenth digit decides is decided by it
    assert not nanp.is_valid("9995550125")


@pytest.mark.parametrize(("most", "kept"), [(3, 3), (nanp.MEMO_MAX, 10)])
def test_what_is_remembered_is_bounded(anew, monkeypatch, most, kept):
    monkeypatch.setattr(nanp, "MEMO_MAX", most)
    sizes = []
    for area in range(201, 211):
        assert nanp.is_valid(f"{area}5550123") == by_the_library(f"{area}5550123")
        sizes.append(len(nanp._decided))
    assert max(sizes) == kept
