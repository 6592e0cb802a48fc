"""Phone numbers as E.164, exactly as ``phonenumbers`` sees them; what Excel did to one is undone where that is sure."""

import re
from collections.abc import Sequence
from functools import lru_cache
from string import ascii_letters

import phonenumbers
from phonenumbers.phonemetadata import PhoneMetadata

from app.imports import nanp, plan
from app.imports.cells import CellError

_NANP = frozenset(phonenumbers.region_codes_for_country_code(nanp.CODE))
_READ_HERE = _NANP if plan.is_understood(nanp.CODE) else frozenset()
# Elsewhere seven digits may be a whole number, to which the library adds the country's area code.
_AS_DIALLED = frozenset(code for code in _READ_HERE if nanp.is_read_as_dialled(code))
_MAX_CHARS = 250  # the library reads no longer text
_NATIONAL = range(2, 18)  # digits that a number may have behind its country code
_EXAMPLE = "write it with its area code, e.g. +1 404 555 0123"
_MISSING = ("phone_missing", "empty, and a contact is known by the phone number", _EXAMPLE)
_NO_SUCH = ("phone_invalid", "no such phone number", "check the digits and the area code")

# A number that Excel or pandas took for a float; a float has no leading zero.
_FLOAT = re.compile(r"(\+?[1-9][0-9]{9,14})\.0{1,2}")
_SCIENTIFIC = re.compile(r"(\+?)([1-9])(?:[.,]([0-9]{1,30}))?[Ee]\+?([0-9]{1,2})")

# What is understood without the library: ten digits of a +1 country, apart from what may stand between, before and
# behind them, and such a float; other digits that can only be one of its numbers, or none; and plain numbers of other
# countries.
_SEPARATORS = str.maketrans("", "", " .-()/\u00a0\u2010\u2011\u2012\u2013\u2014\u2015")
_AROUND = "'\";,"
_USUAL = re.compile(r"(?:\+?+1[ .-]?+)?+\(?+([2-9][0-9]{2})\)?+[ .-]{0,2}+([0-9]{3})[ .-]?+([0-9]{4})")
_VANITY = re.compile(
    r"(?:\+?1[ .-]?)?\(?([2-9][0-9]{2})\)?[ .-]{0,2}"
    # In letters up to the end: a digit behind one may be an extension.
    r"(?:([0-9]{3})[ .-]?([A-Za-z]{4}|[0-9][A-Za-z]{3})|([A-Za-z]{3})[ .-]?([A-Za-z]{4}))"
)
_KEYPAD = str.maketrans({letter: phonenumbers.convert_alpha_characters_in_number(letter) for letter in ascii_letters})
_EXTENSION = re.compile(r" ?(?:x|ext\.?) ?[0-9]{1,5}\Z")
_PLAIN = re.compile(r"(?:tel:)?(?:\+?1)?([2-9][0-9]{9})")
_PLAIN_FLOAT = re.compile(r"(?:\+?1)?([2-9][0-9]{9})\.0{1,2}")
_OTHER = re.compile(r"(?:[2-9]|0(?!11))[0-9]{2,14}|\+?1[2-9](?:[0-9]{8}|[0-9]{10,13})")
_NO_DIGIT = re.compile(r"\D*")
_INTERNATIONAL = re.compile(r"\+[2-9][0-9]*(?:[ .-][0-9]+)*")
_PLAIN_LINES = re.compile(r"^(?:\+?1)?([2-9][0-9]{9})$|^.*$", re.MULTILINE)


class PhoneError(CellError):
    """Not a phone number: phone_missing, phone_invalid, phone_no_area_code or phone_rounded."""


def e164(raw: str | None, region: str) -> str:
    """*raw* as E.164, exactly as ``phonenumbers`` sees it, with numbers without a country code read as of *region*.

    Only what the library finds invalid is tried as what Excel writes: ``4042345678.0`` and, with no digit lost,
    ``4.042345678E+09``. Raises PhoneError. An area code is never invented.
    """
    if not raw:
        raise PhoneError(*_MISSING)
    if found := _read(raw, region):
        if nanp.is_valid(found):
            return f"+1{found}"
        raise PhoneError(*_NO_SUCH) if len(found) == nanp.DIGITS else _invalid(raw, region)
    if raw.isspace():
        raise PhoneError(*_MISSING)
    if abroad := _abroad(raw):
        return abroad
    parsed = None if _NO_DIGIT.fullmatch(raw) else _parsed(raw, region)
    number = _formatted(parsed)
    if number is None and (integer := _integer(raw.strip())):
        number = _formatted(_parsed(integer, region))
    if number is not None:
        return number
    if parsed is None:
        raise PhoneError("phone_invalid", "not a phone number", _EXAMPLE)
    raise _invalid(raw, region)


def plain_numbers(texts: Sequence[str], region: str) -> list[str]:
    """The E.164 of each of *texts* that is written as most are; "" for what is to be asked for by itself.

    For many at once: a third of the time of `e164`.
    """
    lines = []
    if region in _READ_HERE and max(map(len, texts), default=0) <= _MAX_CHARS:
        lines = _PLAIN_LINES.findall("\n".join(texts).translate(_SEPARATORS))
    if len(lines) != len(texts):  # a text of several lines, or read elsewhere
        return [""] * len(texts)
    valid = nanp.surely_valid([line[: nanp.PREFIX] for line in lines])
    return [f"+1{line}" if is_valid else "" for line, is_valid in zip(lines, valid, strict=True)]


def phone_key(raw: str | None, region: str) -> str | None:
    """A cheap key: strings of the same E.164 have the same key, which is that number.

    None: `e164` raises. A key says nothing of whether the number is valid. About 1 microsecond for the usual
    spellings in +1 countries; any other takes as long as `e164`.
    """
    if raw and (found := _read(raw, region)) and len(found) == nanp.DIGITS and found[0] > "1":
        return f"+1{found}"
    try:
        return e164(raw, region)
    except PhoneError:
        return None


def _read(raw: str, region: str) -> str | None:
    """The digits of a +1 number, valid or not, where no other reading is possible.

    Ten digits from 2 on, or these behind the country code, are too many for any other part of the +1 plan and begin
    with none of its prefixes (1, 011). More or fewer, with the country code if they have it, are read where the library
    puts nothing before them: they are a number as they stand, or none.
    """
    if region not in _READ_HERE:
        return None
    if usual := _USUAL.fullmatch(raw):  # nothing that the rest would not find, in a third of the time
        return "".join(usual.groups())
    if len(raw) > _MAX_CHARS:
        return None
    if raw[-1].isalpha() and (letters := _VANITY.fullmatch(raw)):
        return "".join(letters.groups("")).translate(_KEYPAD)
    text = raw.strip(_AROUND)
    bare = _bare(_EXTENSION.sub("", text) if "x" in text else text)
    if found := _PLAIN.fullmatch(bare) or ("." in raw and _PLAIN_FLOAT.fullmatch(raw.strip())):
        return found[1]
    other = "x" not in text and region in _AS_DIALLED and _OTHER.fullmatch(bare)
    return other[0].removeprefix("+") if other else None


def _bare(text: str) -> str:
    return text if text.isdecimal() else text.translate(_SEPARATORS)


def _abroad(raw: str) -> str | None:
    """A plain and valid number with its country code: the library takes nothing from it, nor puts anything before."""
    found = _INTERNATIONAL.fullmatch(raw) if len(raw) <= _MAX_CHARS else None
    if not found:
        return None
    digits = _bare(raw[1:])
    code, prefix = _country(digits[:3])
    national = digits[len(code) :]
    if not code or len(national) not in _NATIONAL or national[0] == "0" or (prefix and prefix.match(national)):
        return None
    return f"+{digits}" if plan.is_understood(int(code)) and _is_valid(int(code), national) else None


@lru_cache(maxsize=1000)
def _country(digits: str) -> tuple[str, re.Pattern[str] | None]:
    """The country code with which *digits* begin, and what its own numbers may have before them."""
    for size in range(1, len(digits) + 1):
        code = digits[:size]
        region = phonenumbers.region_code_for_country_code(int(code))
        if metadata := PhoneMetadata.metadata_for_region(region, None):
            prefix = metadata.national_prefix_for_parsing
            return code, re.compile(prefix) if prefix else None
    return "", None


def _invalid(raw: str, region: str) -> PhoneError:
    if region in _NANP and sum(map(str.isdecimal, raw.strip().removesuffix(".0"))) == 7:
        return PhoneError("phone_no_area_code", "seven digits, so the area code is missing", "add it; none is guessed")
    return PhoneError(*_NO_SUCH)


def _parsed(text: str, region: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


def _formatted(number: phonenumbers.PhoneNumber | None) -> str | None:
    if number is None or number.country_code is None:  # which it has, whatever its type says
        return None
    code, national = number.country_code, phonenumbers.national_significant_number(number)
    valid = _is_valid(code, national) if plan.is_understood(code) else phonenumbers.is_valid_number(number)
    return f"+{code}{national}" if valid else None


def _is_valid(code: int, national: str) -> bool:
    return nanp.is_valid(national) if code == nanp.CODE else bool(plan.decide(code, national))


def _integer(text: str) -> str | None:
    """The digits that became a float of 10 to 15 digits, None where it is none. Raises PhoneError ``phone_rounded``."""
    if found := _FLOAT.fullmatch(text):
        return found[1]
    found = _SCIENTIFIC.fullmatch(text)
    if not found:
        return None
    plus, first, rest, exponent = found.groups("")
    digits, size = first + rest, int(exponent) + 1
    if len(digits) < size and size >= 7:
        raise PhoneError(
            "phone_rounded",
            "the spreadsheet has rounded the number away",
            "format the column as text, or as a number without decimals, and export again",
        )
    return plus + digits if len(digits) == size and 10 <= size <= 15 else None
