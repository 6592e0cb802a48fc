"""Which numbers of a country code are valid, by the library's own patterns, in one regular expression a region."""

import re
from functools import cache, lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers.phonemetadata import PhoneMetadata, PhoneNumberDesc

# What a number can be, the usual first; whatever it is, it is valid.
_TYPES = (
    *("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "voip", "personal_number"),
    *("pager", "uan", "voicemail"),
)
# In place of a digit: what only a pattern that takes any digit there takes, and what every pattern takes.
ANY, SOME = "*", "_"
_TOKEN = re.compile(r"\\d|\[[0-9-]+\]|\{[0-9,]+\}|[0-9]|\(\?:|[()|?]")
NOTHING = re.compile("(?!)")
AREA = 3


class Region(NamedTuple):
    """*leading*: the digits of which all its numbers begin, if that is so. *valid*: its numbers."""

    leading: re.Pattern[str] | None
    valid: re.Pattern[str]


def decide(code: int, digits: str, more: int = 0) -> bool | None:
    """Whether a number of these digits and any *more* is valid in *code*; None where that depends on these.

    As ``phonenumbers.is_valid_number`` would say: the library takes the first region whose leading digits these are, or
    one of whose numbers this is. Only of a code that `is_understood`.
    """
    if not more:
        return _is_valid(code, digits)
    surely, maybe = digits + ANY * more, digits + SOME * more
    for leading, valid in _regions_of(code, digits[:AREA], len(surely)):
        if leading and leading.match(surely):
            return True if valid.fullmatch(surely) else None if valid.fullmatch(maybe) else False
        if leading and leading.match(maybe):
            return None
        if not leading and valid.fullmatch(surely):
            return True
        if not leading and valid.fullmatch(maybe):
            return None
    return False


def _is_valid(code: int, national: str) -> bool:
    for leading, valid in _regions_of(code, national[:AREA], len(national)):
        if leading and leading.match(national):
            return bool(valid.fullmatch(national))
        if not leading and valid.fullmatch(national):
            return True
    return False


@cache
def is_understood(code: int) -> bool:
    """Whether the library's patterns are of digits, classes, groups and repetitions alone, as wildcards need it.

    Were a version of it to look ahead or to exclude digits, all numbers would have to be the library's. So are those of
    a code that is no country's.
    """
    found = _metadata(code)
    for metadata in found:
        kinds = (getattr(metadata, name) for name in (*_TYPES, "general_desc"))
        patterns = [metadata.leading_digits, *(kind.national_number_pattern for kind in kinds if kind)]
        if any(_TOKEN.sub("", pattern or "") for pattern in patterns):
            return False
    return bool(found)


@lru_cache(maxsize=4096)
def _regions_of(code: int, area: str, digits: int) -> tuple[Region, ...]:
    """Those that numbers of so many digits may be of which begin with *area*."""
    number = area + SOME * (digits - len(area))
    return tuple(region for region in regions(code, digits) if (region.leading or region.valid).match(number))


@cache  # the library has no number of more than 17 digits: 3,500 at most, most of them empty
def regions(code: int, digits: int) -> tuple[Region, ...]:
    """All of *code*, in the library's order, whose numbers have so many digits; those, too, that it is led to.

    Empty where no number has.
    """
    of_code = _metadata(code)
    # To the only one it is not led.
    found = tuple(region for each in of_code if (region := _region(each, digits, len(of_code) > 1)))
    return found if any(region.valid is not NOTHING for region in found) else ()


def _metadata(code: int) -> list[PhoneMetadata]:
    codes = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(code, ())
    return list(filter(None, map(PhoneMetadata.metadata_for_region, codes)))


def _region(metadata: PhoneMetadata, digits: int, may_lead: bool) -> Region | None:
    """None where that can be no number of so many digits."""
    leads = may_lead and metadata.leading_digits
    leading = re.compile(_with_wildcards(leads)) if leads else None
    of_region = _pattern(metadata.general_desc, digits)
    kinds = filter(None, (_pattern(getattr(metadata, name), digits) for name in _TYPES))
    numbers = "|".join(kinds) if of_region else ""
    if not numbers and not leading:
        return None
    return Region(leading, re.compile(rf"(?={of_region}\Z)(?:{numbers})") if numbers else NOTHING)


def _pattern(kind: PhoneNumberDesc | None, digits: int) -> str:
    if kind is None or not kind.national_number_pattern:
        return ""
    possible = not kind.possible_length or digits in kind.possible_length
    return f"(?:{_with_wildcards(kind.national_number_pattern)})" if possible else ""


def _with_wildcards(pattern: str) -> str:
    """*pattern*, which takes SOME in place of each digit, and ANY in place of one that may be any."""
    return "".join(map(_lenient, _TOKEN.findall(pattern)))


def _lenient(part: str) -> str:
    if part == r"\d":
        return rf"[\d{ANY}{SOME}]"
    if part[0] == "[":
        return f"{part[:-1]}{SOME}]"
    return f"[{part}{SOME}]" if part.isdecimal() else part
