"""Which numbers of country code 1 are valid, by the library's own patterns, in one regular expression a region."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
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
PREFIX, LONGER_PREFIX = 4, 6  # the first decides nearly always
UNKNOWN = object()
MEMO_MAX = 100_000  # of some 100 bytes each


class Region(NamedTuple):
    """*leading*: the digits of which all its numbers begin, if that is so. *valid*: its numbers."""

    leading: re.Pattern[str] | None
    valid: re.Pattern[str]


_decided: dict[str, object] = {}


def is_valid(national: str) -> bool:
    """Whether these digits are a valid number of country code 1, as ``phonenumbers.is_valid_number`` would say."""
    if len(national) != 10:
        return bool(_decide(national))
    known = _decided.get(national[:PREFIX], UNKNOWN)
    if known is UNKNOWN:
        known = _remember(national[:PREFIX])
    if known is None:
        known = _decided.get(national[:LONGER_PREFIX], UNKNOWN)
        if known is UNKNOWN:
            known = _remember(national[:LONGER_PREFIX])
        if known is None:
            known = _decide(national)
    return bool(known)


def surely_valid(prefixes: Iterable[str]) -> Iterator[object]:
    """Of each whether all numbers of ten digits are valid; not true where `is_valid` was never asked."""
    return map(_decided.get, prefixes)


def _remember(prefix: str) -> bool | None:
    if len(_decided) >= MEMO_MAX:
        _decided.clear()
    known = _decided[prefix] = _decide(prefix, 10 - len(prefix))
    return known


def _decide(digits: str, more: int = 0) -> bool | None:
    """Whether a number of these digits and any *more* is valid; None where that depends on these.

    The library takes the first region whose leading digits these are, or one of whose numbers this is.
    """
    surely, maybe = digits + ANY * more, digits + SOME * more
    for leading, valid in _regions_of(digits[:AREA], len(surely)):
        if leading and leading.match(surely):
            return True if valid.fullmatch(surely) else None if valid.fullmatch(maybe) else False
        if leading and leading.match(maybe):
            return None
        if not leading and valid.fullmatch(surely):
            return True
        if not leading and valid.fullmatch(maybe):
            return None
    return False


def is_understood() -> bool:
    """Whether the library's patterns are of digits, classes, groups and repetitions alone, as wildcards need it.

    Were a version of it to look ahead or to exclude digits, all numbers would have to be the library's.
    """
    for metadata in _metadata():
        kinds = (getattr(metadata, name) for name in (*_TYPES, "general_desc"))
        patterns = [metadata.leading_digits, *(kind.national_number_pattern for kind in kinds if kind)]
        if any(_TOKEN.sub("", pattern or "") for pattern in patterns):
            return False
    return True


def is_read_as_dialled(region: str) -> bool:
    """Whether the library puts nothing before the digits of a national number, and takes off but the prefix 1."""
    metadata = PhoneMetadata.metadata_for_region(region)
    return bool(
        metadata and not metadata.national_prefix_transform_rule and metadata.national_prefix_for_parsing == "1"
    )


@lru_cache(maxsize=4096)
def _regions_of(area: str, digits: int) -> tuple[Region, ...]:
    """Those that numbers of so many digits may be of which begin with *area*."""
    number = area + SOME * (digits - len(area))
    return tuple(region for region in _regions(digits) if (region.leading or region.valid).match(number))


@lru_cache(maxsize=32)
def _regions(digits: int) -> tuple[Region, ...]:
    """All of country code 1, in the library's order, whose numbers have so many digits; those, too, that it is led to.

    None where no number has.
    """
    found = tuple(region for metadata in _metadata() if (region := _region(metadata, digits)))
    return found if any(region.valid is not NOTHING for region in found) else ()


def _metadata() -> Iterator[PhoneMetadata]:
    codes = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1]
    return filter(None, map(PhoneMetadata.metadata_for_region, codes))


def _region(metadata: PhoneMetadata, digits: int) -> Region | None:
    """None where that can be no number of so many digits."""
    leading = re.compile(_with_wildcards(metadata.leading_digits)) if metadata.leading_digits else None
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


_regions(10)  # at import: before gunicorn and Celery fork, so once for all processes; some 50 ms
