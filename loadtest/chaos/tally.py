"""Everything counted against the manifest: what is missing, doubled, extra."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fixtures.manifest import Manifest

SHOWN = 10  # of what is wrong, by name
# Every row of a file is one of these in the report.
ROWS = ("created", "updated", "unchanged", "skipped", "rows_rejected", "rows_duplicate")


@dataclass(frozen=True)
class Books:
    """What both sides have of one import, raw.

    *contacts*: id and phone, from the database. *stored*: OpenPhone's whole store, each {"externalId", "phones"}.
    *held*: how many properties, links or members the database has. *report*: the import's counters. *error_rows*: the
    numbers of the rows that were rejected. *outbox*: entries by state.
    """

    contacts: Sequence[tuple[str, str]]
    stored: Sequence[Mapping[str, Any]]
    held: Mapping[str, int]
    report: Mapping[str, int]
    error_rows: Sequence[int]
    outbox: Mapping[str, int]


@dataclass(frozen=True)
class Count:
    """Of one sort of thing. *examples*: the first that are wrong, where they have a name."""

    expected: int
    found: int
    missing: int = 0
    doubled: int = 0
    extra: int = 0
    examples: tuple[str, ...] = field(default=())

    @property
    def exact(self) -> bool:
        """Nothing is missing, doubled or extra."""
        return not (self.missing or self.doubled or self.extra)


Tally = dict[str, Count]


def tally(manifest: Manifest, books: Books) -> Tally:
    """Counts by sort: contacts and what else the kind has, OpenPhone's store, the report's rows, rejected rows."""
    report = books.report
    counts = {
        "rows": _number(manifest.rows, sum(report[name] for name in ROWS)),
        "rows_done": _number(manifest.rows, report["rows_done"]),
        "rejected": _rejected(manifest, books.error_rows, report["rows_rejected"]),
        "contacts": _contacts(manifest.contacts_expected, books.contacts),
        **{name: _number(getattr(manifest, f"{name}_expected"), found) for name, found in books.held.items()},
        "openphone": _stored(books),
        "synced": _number(manifest.contacts_expected, report["contacts_synced"]),
        "outbox": _number(manifest.contacts_expected, books.outbox.get("done", 0)),
    }
    unsettled = sum(count for state, count in books.outbox.items() if state != "done")
    return counts | {"unsettled": Count(0, unsettled, missing=unsettled)}


def total(counts: Tally) -> Count:
    """All of it in one; zeros are what is wanted."""
    return Count(
        sum(count.expected for count in counts.values()),
        sum(count.found for count in counts.values()),
        sum(count.missing for count in counts.values()),
        sum(count.doubled for count in counts.values()),
        sum(count.extra for count in counts.values()),
    )


def _number(expected: int, found: int) -> Count:
    return Count(expected, found, max(0, expected - found), 0, max(0, found - expected))


def _rejected(manifest: Manifest, rows: Sequence[int], counted: int) -> Count:
    wanted, found = {int(each["row"]) for each in manifest.invalid_rows}, set(rows)
    wrong = sorted(wanted ^ found)
    return Count(
        len(wanted),
        counted,
        max(len(wanted - found), len(wanted) - counted),
        len(rows) - len(found),
        max(len(found - wanted), counted - len(wanted)),
        tuple(f"row {row}" for row in wrong[:SHOWN]),
    )


def _contacts(expected: int, contacts: Sequence[tuple[str, str]]) -> Count:
    phones = Counter(phone for _, phone in contacts)
    doubled = [phone for phone, times in phones.items() if times > 1]
    counted = _number(expected, len(phones))
    surplus = len(contacts) - len(phones)
    return Count(expected, len(contacts), counted.missing, surplus, counted.extra, tuple(doubled[:SHOWN]))


def _stored(books: Books) -> Count:
    """The store against the database, contact by contact: a contact is told once, under its id, with its phone."""
    wanted = Counter((external_id, (phone,)) for external_id, phone in books.contacts)
    found = Counter((str(each["externalId"]), tuple(each["phones"])) for each in books.stored)
    missing, surplus = wanted - found, found - wanted
    ids, phones = {each for each, _ in wanted}, {phone for _, phone in wanted}
    known = {each for each in surplus if each[0] in ids or each[1] in phones}
    doubled = sum(times for each, times in surplus.items() if each in known)
    wrong = [*(f"missing {phone[0]}" for _, phone in missing), *(f"too many {'/'.join(phone)}" for _, phone in surplus)]
    return Count(
        len(books.contacts),
        len(books.stored),
        missing.total(),
        doubled,
        surplus.total() - doubled,
        tuple(wrong[:SHOWN]),
    )
