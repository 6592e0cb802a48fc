import copy
import random
import subprocess
import sys

import phonenumbers
import pytest
from phonenumbers import PhoneNumber, PhoneNumberType
from phonenumbers.phonemetadata import PhoneMetadata, PhoneNumberDesc

import config
from app.imports import plan

SEED = 7
CODES = list(filter(plan.is_understood, phonenumbers.COUNTRY_CODE_TO_REGION_CODE))
DIGITS = "0123456789"


@pytest.fixture
def anew():
    """Nothing that was found before is remembered, and nothing afterwards of what is found now."""
    caches = (plan.is_understood, plan.regions, plan._regions_of)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


def examples(code):
    """The national numbers that the library gives for each type in each region."""
    types = PhoneNumberType.values()
    for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]:
        for number in filter(None, (phonenumbers.example_number_for_type(region, each) for each in types)):
            yield phonenumbers.national_significant_number(number)


def altered(national, chosen):
    """Some digits are others, and one may be too many or missing."""
    digits = [chosen.choice(DIGITS) if chosen.random() < 0.15 else digit for digit in national]
    return "".join(digits)[: chosen.choice((None, None, -1))] + chosen.choice(("", "", "5"))


def by_the_library(code, national):
    zeros = len(national) - len(national.lstrip("0"))
    number = PhoneNumber(code, int(national), italian_leading_zero=zeros > 0, number_of_leading_zeros=zeros or None)
    assert phonenumbers.national_significant_number(number) == national
    return phonenumbers.is_valid_number(number)


@pytest.mark.parametrize("ends", DIGITS)
def test_numbers_of_every_code_are_valid_where_the_library_finds_them_so(ends):
    chosen = random.Random(SEED)
    found = []
    for code in (code for code in CODES if str(code).endswith(ends)):
        known = list(examples(code))
        mine = [*known, *(altered(chosen.choice(known), chosen) for _ in range(150))]
        found += [(code, national) for national in mine if national.strip("0")]
    answers = [by_the_library(*each) for each in found]
    assert 0.3 < sum(answers) / len(answers) < 0.9
    assert [each for each, answer in zip(found, answers, strict=True) if bool(plan.decide(*each)) != answer] == []


def test_nearly_all_codes_are_understood_and_what_is_no_countrys_is_left_to_the_library():
    assert len(CODES) > 150
    assert not any(map(plan.is_understood, (800, 979, 999)))


@pytest.mark.parametrize("pattern", [r"(?!911)\d{10}", r"[^01]\d{9}", r"[2-9]\d+", r"[2-9]\D\d{8}", r"[2-9]\d{9}$"])
def test_patterns_of_a_sort_that_the_wildcards_are_not_made_for_are_left_to_the_library(anew, monkeypatch, pattern):
    numbers = PhoneNumberDesc(national_number_pattern=pattern, possible_length=(10,))
    metadata = copy.copy(PhoneMetadata.metadata_for_region("CA"))
    object.__setattr__(metadata, "voip", numbers)
    monkeypatch.setattr(PhoneMetadata, "metadata_for_region", lambda code: metadata)
    assert not plan.is_understood(1)


# In a process of its own: what is altered is read when the module is imported.
ALTERED = """
import phonenumbers
from phonenumbers.phonemetadata import PhoneMetadata, PhoneNumberDesc
numbers = PhoneNumberDesc(national_number_pattern={pattern!r}, possible_length=(10,))
object.__setattr__(PhoneMetadata.metadata_for_region({region!r}), "voip", numbers)
from app.imports.phone import e164, phone_key
for raw in ("4045550123", "(404) 555-0123 x12", "+44 20 7946 0958", "+44 20 7946 095"):
    number = phonenumbers.parse(raw, "US")
    valid = phonenumbers.is_valid_number(number)
    expected = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if valid else None
    try:
        found = e164(raw, "US")
    except ValueError:
        found = None
    assert found == expected, (raw, found, expected)
    assert not found or phone_key(raw, "US") == found
"""


@pytest.mark.parametrize("pattern", [r"(?!911)\d{10}", r"(?=9)\d{10}", r"[^01]\d{9}", r"[2-9]\d+"])
@pytest.mark.parametrize("region", ["CA", "GB"])
def test_with_such_a_pattern_all_that_is_said_is_what_the_library_says(region, pattern):
    code = ALTERED.format(region=region, pattern=pattern)
    done = subprocess.run([sys.executable, "-c", code], cwd=config.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def altered_to(monkeypatch, code, **changes):
    """The library's metadata of the only region of *code*, with *changes*."""
    [region] = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]
    metadata = copy.copy(PhoneMetadata.metadata_for_region(region))
    for name, value in changes.items():
        object.__setattr__(metadata, name, value)
    monkeypatch.setattr(PhoneMetadata, "metadata_for_region", lambda *_: metadata)


@pytest.mark.parametrize(
    "changes",
    [
        {"leading_digits": "9"},  # the only region is not asked for its leading digits
        {"general_desc": PhoneNumberDesc(national_number_pattern=r"3\d{8}", possible_length=(9,))},
        {"general_desc": PhoneNumberDesc(national_number_pattern=r"\d{9}", possible_length=(10,))},
    ],
)
def test_what_bounds_all_numbers_of_a_region_bounds_them_here(anew, monkeypatch, changes):
    altered_to(monkeypatch, 33, **changes)
    numbers = [f"{first}12345678" for first in "123456789"]
    assert [plan.decide(33, each) for each in numbers] == [by_the_library(33, each) for each in numbers]


@pytest.mark.parametrize("forks", ["app.factory", "app.tasks"])
def test_what_forks_has_built_it_before(forks):
    code = f"import {forks}; from app.imports import plan; print(plan.regions.cache_info().currsize)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"
