"""Which numbers of country code 1 are valid: of most the first four digits say it, and what they said is remembered."""

from collections.abc import Iterable, Iterator

from phonenumbers.phonemetadata import PhoneMetadata

from app.imports import plan

CODE = 1
DIGITS = 10
PREFIX, LONGER_PREFIX = 4, 6  # the first decides nearly always
MEMO_MAX = 100_000  # of some 100 bytes each
UNKNOWN = object()
_decided: dict[str, bool | None] = {}


def is_valid(national: str) -> bool:
    """Whether these digits are a valid number of country code 1, as ``phonenumbers.is_valid_number`` would say."""
    if len(national) != DIGITS:
        return bool(plan.decide(CODE, national))
    known = _decided.get(national[:PREFIX])
    return _of_longer(national) if known is None else known


def surely_valid(prefixes: Iterable[str]) -> Iterator[bool | None]:
    """Of each of PREFIX digits whether all its numbers are valid, as far as it is remembered; else None."""
    return map(_decided.get, prefixes)


def is_read_as_dialled(region: str) -> bool:
    """Whether the library puts nothing before the digits of a national number, and takes off but the prefix 1."""
    metadata = PhoneMetadata.metadata_for_region(region)
    return bool(
        metadata and not metadata.national_prefix_transform_rule and metadata.national_prefix_for_parsing == "1"
    )


def _of_longer(national: str) -> bool:
    """By its first digits, if they were not looked at yet, or else by more of them."""
    for digits in (PREFIX, LONGER_PREFIX):
        known = _decided.get(national[:digits], UNKNOWN)
        if known is UNKNOWN:
            known = _remember(national[:digits])
        if known is not None:
            return bool(known)
    return bool(plan.decide(CODE, national))


def _remember(prefix: str) -> bool | None:
    if len(_decided) >= MEMO_MAX:
        _decided.clear()
    known = _decided[prefix] = plan.decide(CODE, prefix, DIGITS - len(prefix))
    return known


if plan.is_understood(CODE):
    plan.regions(CODE, DIGITS)  # at import: before gunicorn and Celery fork, so once for all processes; some 50 ms
