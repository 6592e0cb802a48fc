from dataclasses import replace

import pytest

from fixtures.manifest import Manifest
from loadtest.chaos.tally import Books, Count, tally, total

# Six rows: three contacts on two properties, one row of them twice, two rejected.
MANIFEST = Manifest(
    kind="propertyradar", rows=6, seed=1, area=0, sha256="", bytes=0,
    contacts_expected=3, properties_expected=2, links_expected=4,
    rows_invalid=2, invalid={"phone": 2}, invalid_rows=[{"row": 2, "reason": "phone"}, {"row": 5, "reason": "phone"}],
    duplicates=1,
)  # fmt: skip
REPORT = {
    "created": 3, "updated": 0, "unchanged": 0, "skipped": 0, "rows_rejected": 2, "rows_duplicate": 1, "rows_done": 6,
    "contacts_synced": 3, "contacts_failed": 0,
}  # fmt: skip


def told(*names):
    """`"a"`: contact a with phone +a; `"a=b"`: contact a with phone +b; `"a="`: without a phone."""
    stored = []
    for name in names:
        external_id, _, phone = name.partition("=") if "=" in name else (name, "=", name)
        stored.append({"id": f"CT{len(stored)}", "externalId": external_id, "phones": [f"+{phone}"] if phone else []})
    return stored


def books(contacts="abc", stored="abc", error_rows=(2, 5), outbox=None, properties=2, links=4, **report):
    return Books(
        contacts=[(each, f"+{each}") for each in contacts],
        stored=told(*stored),
        held={"properties": properties, "links": links},
        report=REPORT | report,
        error_rows=error_rows,
        outbox={"done": 3} if outbox is None else outbox,
    )


def wrong(found):
    """What is not exact: sort -> missing, doubled, extra."""
    counts = tally(MANIFEST, found)
    return {name: (each.missing, each.doubled, each.extra) for name, each in counts.items() if not each.exact}


def test_all_that_is_promised_and_nothing_else_is_exact():
    assert wrong(books()) == {}
    assert total(tally(MANIFEST, books())).exact


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        # the database
        ({"contacts": "ab", "stored": "ab"}, {"contacts": (1, 0, 0)}),
        ({"contacts": "abcd", "stored": "abcd"}, {"contacts": (0, 0, 1)}),
        ({"properties": 1}, {"properties": (1, 0, 0)}),
        ({"links": 5}, {"links": (0, 0, 1)}),
        # OpenPhone's store
        ({"stored": "ab"}, {"openphone": (1, 0, 0)}),
        ({"stored": "abcd"}, {"openphone": (0, 0, 1)}),
        ({"stored": "abcc"}, {"openphone": (0, 1, 0)}),
        ({"stored": ["a", "b", "c", "d=c"]}, {"openphone": (0, 1, 0)}),
        ({"stored": ["a", "b", "c", "c=d"]}, {"openphone": (0, 1, 0)}),
        ({"stored": "abd"}, {"openphone": (1, 0, 1)}),
        ({"stored": "abb"}, {"openphone": (1, 1, 0)}),
        ({"stored": ["a", "b", "c="]}, {"openphone": (1, 1, 0)}),
        ({"stored": ""}, {"openphone": (3, 0, 0)}),
        # the report
        ({"created": 2}, {"rows": (1, 0, 0)}),
        ({"updated": 2}, {"rows": (0, 0, 2)}),
        ({"rows_done": 7}, {"rows_done": (0, 0, 1)}),
        ({"contacts_synced": 2}, {"synced": (1, 0, 0)}),
        ({"contacts_synced": 4}, {"synced": (0, 0, 1)}),
        # rejected rows
        ({"error_rows": (2,)}, {"rejected": (1, 0, 0)}),
        ({"error_rows": (2, 5, 6)}, {"rejected": (0, 0, 1)}),
        ({"error_rows": (2, 6)}, {"rejected": (1, 0, 1)}),
        ({"error_rows": (2, 5, 5)}, {"rejected": (0, 1, 0)}),
        ({"rows_rejected": 3, "created": 2}, {"rejected": (0, 0, 1)}),
        # the outbox
        ({"outbox": {"done": 2, "pending": 1}}, {"outbox": (1, 0, 0), "unsettled": (1, 0, 0)}),
        ({"outbox": {"done": 3, "failed": 2}}, {"unsettled": (2, 0, 0)}),
    ],
)
def test_what_is_missing_doubled_or_extra_is_told_by_its_sort(changed, expected):
    assert wrong(books(**changed)) == expected


def test_a_contact_that_the_database_has_twice_is_doubled():
    found = replace(books(), contacts=[("a", "+a"), ("b", "+b"), ("c", "+c"), ("d", "+c")])
    assert wrong(found)["contacts"] == (0, 1, 0)


def test_examples_name_what_is_wrong():
    counts = tally(MANIFEST, books(stored="abd", error_rows=(2, 6)))
    assert counts["openphone"].examples == ("missing +c", "too many +d")
    assert counts["rejected"].examples == ("row 5", "row 6")


def test_a_total_adds_up_and_what_is_missing_does_not_make_up_for_what_is_extra():
    assert total({"a": Count(2, 1, 1, 0, 0), "b": Count(2, 3, 0, 0, 1)}) == Count(4, 4, 1, 0, 1)
