"""What a cell says, as the text that PostgreSQL reads for its type.

Every function takes a stripped cell that is not empty, and raises CellError. What it returns is canonical: cells that
say the same give the same text, and that text is understood again as itself. COPY's own escapes are not applied here.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

NONE = "\0"  # in no text that PostgreSQL can hold
YEARS = range(1600, 2201)
MAX_DIGITS = 30

# One "@", no spaces, a dot in the domain: what a person would see as wrong, not RFC 5322.
_EMAIL = re.compile(r"[^@\s,;<>\"\0]+@[^@\s,;<>\"\0]+\.[^@\s,;<>\".\0]{2,}")

# A sign or accounting brackets, not both, before or behind "$"; commas only between thousands.
_NUMBER = re.compile(
    r"(?:[+-]?\s?\$?|\$\s?[+-]|\$?\s?\(\$?)\s?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]*)(?:\.([0-9]*))?\s?%?\)?"
)

# What comes of those, but for numbers below one, or of many digits.
_CANONICAL = re.compile(r"0|-?[1-9][0-9]{0,14}(?:\.[0-9]{0,13}[1-9])?")

# A date, ISO or as Excel writes it in the US, and what may stand behind it: a time, then a zone.
_TIME = re.compile(
    r"(?:([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}))"
    r"(?:(?:[Tt]|,?\s{1,2})([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?(?:\s?([AaPp])[Mm])?"
    r"(?:\s?(?:[Zz]|UTC|GMT|([+-])([0-9]{2})(?::?([0-9]{2}))?))?)?"
)

_FLAGS = dict.fromkeys(("1", "1.0", "yes", "y", "true", "t"), "t") | dict.fromkeys(
    ("0", "0.0", "no", "n", "false", "f"), "f"
)


# Two words, as nearly all names are, or something else.
_FULL_NAMES = re.compile(r"^(?:([^\s,]+) ([^\s,]+)|(.*))$", re.MULTILINE)
# "John Smith, Jr." is not turned round.
_SUFFIXES = frozenset(
    ("jr", "sr", "ii", "iii", "iv", "v", "md", "m.d", "phd", "ph.d", "esq", "cpa", "dds", "llc", "inc")
)


class CellError(ValueError):
    """A cell is not what its column holds: *code* for programs, *reason* and *fix* for people, by its arguments.

    They are looked up when asked for: some files are full of such cells.
    """

    @property
    def code(self) -> str:
        """Of the sort of error."""
        return str(self.args[0])

    @property
    def reason(self) -> str:
        """What is wrong with the cell."""
        return str(self.args[1])

    @property
    def fix(self) -> str:
        """What to do about it."""
        return str(self.args[2])

    def __str__(self) -> str:
        return f"{self.reason}; {self.fix}"


def email(text: str) -> str:
    """The address as it is written. Raises CellError ``email_invalid``."""
    if not _EMAIL.fullmatch(text):
        raise CellError(
            "email_invalid", "not one email address", "correct it, e.g. name@example.com, or empty the cell"
        )
    return text


def number(text: str) -> str:
    """A plain decimal: ``($1,234.50)`` is ``-1234.5``, ``50%`` is ``50``. Raises CellError ``number_invalid``."""
    whole, _, part = text.partition(".")
    short = f"{whole}.{part}" if (part := part.rstrip("0")) else whole
    if _CANONICAL.fullmatch(short):
        return short  # as nearly all are
    found = _NUMBER.fullmatch(text)
    whole, part = found.groups("") if found else ("", "")
    if not whole + part or ("(" in text) != (")" in text):
        raise CellError("number_invalid", "not a number", "write digits only, e.g. 1250.50, or empty the cell")
    whole, part = whole.replace(",", "").lstrip("0"), part.rstrip("0")
    if len(whole) + len(part) > MAX_DIGITS:
        raise CellError("number_invalid", f"a number of more than {MAX_DIGITS} digits", "correct it or empty the cell")
    plain = f"{whole or '0'}.{part}" if part else whole or "0"
    negative = ("-" in text or "(" in text) and plain != "0"
    return f"-{plain}" if negative else plain


def date(text: str) -> str:
    """YYYY-MM-DD, whatever the zone; a time behind it must be midnight. Raises CellError ``date_invalid``."""
    if len(text) == 10 and (day := _plain_date(text)):
        return day
    written = _written(text)
    if written is None or written[0].time() != time() or written[0].year not in YEARS:
        raise CellError("date_invalid", "not a date of the calendar", "write YYYY-MM-DD or MM/DD/YYYY")
    return written[0].date().isoformat()


def timestamp(text: str) -> str:
    """The time in UTC, ISO 8601 with ``+00:00``; without a zone it is UTC. Raises CellError ``date_invalid``.

    What is finer than a microsecond is cut off.
    """
    written = _written(text)
    # Years far from the bounds first: their UTC time may be none that Python has.
    if written is None or not 1 < written[0].year < 9999 or (written[0] - written[1]).year not in YEARS:
        raise CellError("date_invalid", "not a date and time of the calendar", "write it as 2026-05-04T10:30:00Z")
    return (written[0] - written[1]).replace(tzinfo=UTC).isoformat()


def flag(text: str) -> str:
    """``t`` or ``f``. Raises CellError ``flag_invalid``."""
    found = _FLAGS.get(text.lower())
    if found is None:
        raise CellError("flag_invalid", "neither yes nor no", "write 1 or 0, yes or no, true or false")
    return found


def full_name(text: str) -> tuple[str | None, str | None]:
    """First and last name of ``First Last``, split at the last space, or of ``Last, First``; one word is the first."""
    before, comma, behind = text.partition(",")
    if comma and "," not in behind and behind.strip(" .").lower() not in _SUFFIXES:
        last, first = before, behind
    else:
        first, last = text.rsplit(maxsplit=1) if len(text.split(maxsplit=1)) == 2 else (text, "")
    return first.strip() or None, last.strip() or None


def full_names(column: Sequence[str]) -> tuple[list[str], list[str]]:
    """The first and the last names of *column*, as `full_name` splits them; "" where there is none."""
    found = _FULL_NAMES.findall("\n".join(column))
    if len(found) != len(column):  # a text of several lines
        found = [("", "", whole) for whole in column]
    split = {whole: full_name(whole) for whole in {whole for _, _, whole in found if whole}}
    first = [split[whole][0] or "" if whole else one for one, _, whole in found]
    return first, [split[whole][1] or "" if whole else other for _, other, whole in found]


def _plain_date(text: str) -> str | None:
    """YYYY-MM-DD of a date as nearly all are written; None of another, and of one that is no date."""
    iso = f"{text[6:]}-{text[:2]}-{text[3:5]}" if text[2] == text[5] == "/" else text
    if not iso[4] == iso[7] == "-":
        return None
    try:
        return iso if datetime.fromisoformat(iso).year in YEARS else None
    except ValueError:
        return None


def _written(text: str) -> tuple[datetime, timedelta] | None:
    """The clock's time as it stands there and how far its zone is ahead of UTC; None where there is no such time."""
    found = _TIME.fullmatch(text)
    if not found:
        return None
    iso_year, iso_month, iso_day, us_month, us_day, us_year, *clock = found.groups("0")
    hour, minute, second, fraction, half, sign, zone_hours, zone_minutes = clock
    hours = int(hour)
    if (half != "0" and not 1 <= hours <= 12) or int(zone_hours) > 15 or int(zone_minutes) > 59:
        return None
    if half != "0":
        hours = hours % 12 + (12 if half in "Pp" else 0)
    try:
        written = datetime(
            int(iso_year) or int(us_year),
            int(iso_month) or int(us_month),
            int(iso_day) or int(us_day),
            hours,
            int(minute),
            int(second),
            int(fraction[:6].ljust(6, "0")),
        )
    except ValueError:
        return None
    ahead = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
    return written, -ahead if sign == "-" else ahead


# What is certainly understood as it is.
_USUAL: Mapping[Callable[[str], str], str] = {
    email: _EMAIL.pattern,
    number: _CANONICAL.pattern,
    date: "(?:1[6-9]|2[01])[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])",
}
# Cells, each with NONE behind it, as many as are usual at once, then one that is not.
_ODD = {
    understand: re.compile(rf"(?:(?:{usual})?{NONE})*+([^{NONE}]*)(?:{NONE}|\Z)")
    for understand, usual in _USUAL.items()
}
_SAMPLE = 100  # cells of a column; where they are a quarter of that, or fewer, each is looked at once


def unusual(column: Sequence[str], understand: Callable[[str], str]) -> Collection[str]:
    """What stands in *column* but for what *understand*, a function of this module's, certainly writes as it is.

    Of a cell that holds NONE, in pieces. All of a column by one pattern: a third of the time of cell by cell.
    """
    odd = _ODD.get(understand)
    said: Collection[str] = column
    if not odd or len(set(column[:_SAMPLE])) * 4 <= _SAMPLE:
        said = set(column)
    if odd:
        said = odd.findall(NONE.join((*said, "")))
    return set(said) - {""}
