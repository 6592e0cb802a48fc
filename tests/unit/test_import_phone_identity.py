import random
import re

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from app.imports.phone import PhoneError, e164, phone_key, plain_numbers

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
TYPES = [kind for kind in PhoneNumberType.values() if kind != PhoneNumberType.UNKNOWN]
FORMATS = [
    PhoneNumberFormat.NATIONAL,
    PhoneNumberFormat.INTERNATIONAL,
    PhoneNumberFormat.E164,
    PhoneNumberFormat.RFC3966,
]
# What is undone though the library finds it invalid; test_import_phone.py says what becomes of it.
EXCEL = re.compile(r"\s*\+?[1-9](\d{9,14}\.00?|([.,]\d{9,14})?[Ee]\+?\d{1,2})\s*", re.ASCII)

ARABIC = str.maketrans("0123456789", "\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669")
PERSIAN = str.maketrans("0123456789", "\u06f0\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7\u06f8\u06f9")
WIDE = str.maketrans(
    "+0123456789()-. ", "".join(map(chr, [0xFF0B, *range(0xFF10, 0xFF1A), 0xFF08, 0xFF09, 0xFF0D, 0xFF0E, 0x3000]))
)
NOISE = (
    "0123456789 .-()+/x~*#,;:[]'\"=eEoOlIabcXYZ\u00a0\u200b\u2060\u2010\u2013\u2212\u30fc\uff0b"
    "\uff11\u0661\u00b2\u2460\u0001\0\t\n"
)
BEFORE = ["tel:", "Tel. ", "phone ", "'", "=", "~", "00", "011", "0", "1", "+", "++", "(", "c/o ", "\u202a", "<"]
BEHIND = [
    *(" x45", "x45", " ext. 123", ";ext=45", " extn 9", ",,12#", "#12", " anexo 7", " x1/x2", "/x2", " doma 3"),
    *(";phone-context=+44", ";isub=12", " (home)", " mobile", " or 404-555-0199", ".", "-", "\u202c", "\0", ".0", ",0"),
]
LETTERS = {"2": "ABC", "3": "DEF", "4": "GHI", "5": "JKL", "6": "MNO", "7": "PQRS", "8": "TUV", "9": "WXYZ"}


def by_the_library(raw, region):
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) if phonenumbers.is_valid_number(number) else None


def ours(raw, region):
    try:
        return e164(raw, region)
    except PhoneError:
        return None


def differences(cases):
    """Every case, a text and its region, that e164, phone_key or plain_numbers sees otherwise than the library."""
    found = []
    for raw, region in cases:
        expected = by_the_library(raw, region)
        number = ours(raw, region)
        if expected is None and number is not None and EXCEL.fullmatch(raw):
            expected = number
        [plain] = plain_numbers([raw], region)
        if number != expected or plain not in {"", number} or (number and phone_key(raw, region) != number):
            found.append((raw, region, number, expected, phone_key(raw, region)))
    return found


def numbers_of(region):
    examples = [phonenumbers.example_number_for_type(region, kind) for kind in TYPES]
    return [number for number in (*examples, phonenumbers.invalid_example_number(region)) if number]


def spellings(number):
    return [phonenumbers.format_number(number, form) for form in FORMATS]


@pytest.mark.parametrize("initial", sorted({region[0] for region in REGIONS}))
def test_every_regions_example_numbers_are_what_the_library_says_in_every_format_at_home_and_in_the_us(initial):
    for region in (region for region in REGIONS if region[0] == initial):
        texts = {text for number in numbers_of(region) for text in spellings(number)}
        assert texts
        assert not differences((text, default) for text in texts for default in {region, "US"})


def test_numbers_of_no_region_are_what_the_library_says():
    for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS):
        number = phonenumbers.example_number_for_non_geo_entity(code)
        assert not differences((text, region) for text in spellings(number) for region in ("US", "DE"))


def test_examples_are_valid_and_invalid_examples_are_not():
    valid = [phonenumbers.example_number(region) for region in REGIONS]
    assert all(ours(phonenumbers.format_number(number, PhoneNumberFormat.E164), "US") for number in valid if number)
    invalid = [(phonenumbers.invalid_example_number(region), region) for region in REGIONS]
    texts = [(text, region) for number, region in invalid if number for text in spellings(number)]
    assert len(texts) > 900
    assert not differences(texts)
    in_e164 = [phonenumbers.format_number(number, PhoneNumberFormat.E164) for number, _ in invalid if number]
    assert not [text for text in in_e164 if ours(text, "US")]


def vanity(text, draw):
    """Its last seven digits as letters, of which a keypad has none for 0 and 1."""
    return text[:-7] + "".join(draw.choice(LETTERS.get(character, character)) for character in text[-7:])


def noisy(text, draw):
    """A character or some put in, taken out or replaced."""
    characters = list(text)
    for _ in range(draw.randint(1, 3)):
        place = draw.randint(0, len(characters))
        characters[place : place + draw.randint(0, 1)] = draw.choice(NOISE) if draw.random() < 0.8 else ""
    return "".join(characters)


CHANGES = [
    *(noisy,) * 6,
    vanity,
    lambda text, draw: draw.choice(BEFORE) + text,
    lambda text, draw: text + draw.choice(BEHIND),
    lambda text, draw: text.translate(draw.choice([ARABIC, PERSIAN, WIDE])),
    lambda text, draw: "".join(character for character in text if character not in " -()."),
    lambda text, draw: draw.choice(" .-(").join(text.split()),
    lambda text, draw: text + text,
]


def messy(count, regions, draw):
    """Examples of the regions, changed one to three times, each with its region or another."""
    texts = [text for region in regions for number in numbers_of(region) for text in spellings(number)]
    for _ in range(count):
        text = draw.choice(texts)
        for _ in range(draw.randint(1, 3)):
            text = draw.choice(CHANGES)(text, draw)
        yield text, draw.choice(regions)


@pytest.mark.parametrize(
    ("count", "regions"),
    [
        (4000, ["US"]),
        (2500, sorted(phonenumbers.region_codes_for_country_code(1))),
        (2500, ["US", "AR", "AU", "BR", "CI", "DE", "FR", "GB", "IN", "IT", "JP", "MX", "RU", "SM", "UY", "VA"]),
    ],
    ids=["us", "+1", "world"],
)
def test_a_messy_number_is_exactly_what_the_library_says_it_is(count, regions):
    cases = list(messy(count, regions, random.Random(f"messy {regions}")))
    assert not differences(cases)
    share = sum(ours(*case) is not None for case in cases) / count
    assert 0.2 < share < 0.8


@pytest.mark.parametrize("raw", ["+3758109000102", "+375 8109000102"])
def test_behind_a_country_code_the_library_takes_off_what_is_dialled_at_home(raw):
    assert ours(raw, "US") == by_the_library(raw, "US") is None  # though 8109000102 would be one of Belarus


@pytest.mark.parametrize("initial", sorted({region[0] for region in REGIONS}))
def test_a_plain_number_with_its_country_code_is_exactly_what_the_library_says_it_is(initial):
    draw = random.Random(f"abroad {initial}")
    cases = []
    for region in (region for region in REGIONS if region[0] == initial):
        code = phonenumbers.country_code_for_region(region)
        for number in numbers_of(region):
            digits = list(phonenumbers.national_significant_number(number))
            for _ in range(draw.randint(0, 3)):
                place = draw.randrange(len(digits))
                digits[place : place + draw.randint(0, 1)] = draw.choice("0123456789")
            text = "".join(digits)
            cut = draw.randint(1, len(text))
            apart = draw.choice([" ", "-", "."])
            cases.append((f"+{code}{apart}{text[:cut]}{apart if cut < len(text) else ''}{text[cut:]}", region))
    assert len(cases) > 5
    assert not differences(cases)


def test_any_text_at_all_is_exactly_what_the_library_says_it_is():
    draw = random.Random("any text")
    anything = [*NOISE, "404", "555", "0123", "+1", "+44", "20", "7946", "0958", "\U0001d7d2", "\u0967", "E+09", ".0"]
    texts = ["".join(draw.choices(anything, k=draw.randint(1, 14))) for _ in range(3000)]
    assert not differences((text, draw.choice(["US", "GB", "IT"])) for text in texts)


def test_a_text_of_any_length_is_what_the_library_says_it_is():
    texts = [filler * (length - 10) + "4045550123" for filler in " -x0'" for length in (11, 20, 249, 250, 251, 5000)]
    assert not differences((text, "US") for text in texts)
