"""Both sides counted: what is in the database and in OpenPhone's store, contact by contact."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Count:
    """Contacts on each side; *openphone* is None where the profile does not call it."""

    db: int
    openphone: int | None
    lost: int
    duplicated: int


def compare(expected: int, db_phones: Iterable[str], contacts: Iterable[dict[str, Any]] | None) -> Count:
    """Counts the database's phones, and the store's contacts, against *expected* contacts and each other.

    Lost: missing on one side or on both. Duplicated: the same phone, or the same externalId, more than once; more
    contacts than expected; or one in the store that is none of the database's.
    """
    ours = list(db_phones)
    known = set(ours)
    lost = max(0, expected - len(known))
    doubled = len(ours) - min(len(known), expected)
    if contacts is None:
        return Count(len(ours), None, lost, max(0, doubled))
    stored = list(contacts)
    theirs = {phone for contact in stored for phone in contact["phones"]}
    ids = {contact["externalId"] for contact in stored}
    lost = max(lost, expected - len(theirs), len(known - theirs))
    # What the database has lost, the store may still have.
    strangers = len(theirs - known) - max(0, expected - len(known))
    doubled = max(doubled, len(stored) - min(len(theirs), len(ids), expected), strangers)
    return Count(len(ours), len(stored), lost, max(0, doubled))
