import pytest

from loadtest.sizing.count import Count, compare


def stored(*names):
    """`"a"`: contact a with phone a; `"a=b"`: externalId a with phone b; `"a="`: without a phone."""
    contacts = []
    for name in names:
        external_id, _, phone = name.partition("=") if "=" in name else (name, "=", name)
        contacts.append({"id": f"CT{len(contacts)}", "externalId": external_id, "phones": [phone] if phone else []})
    return contacts


@pytest.mark.parametrize(
    ("db", "store", "lost", "duplicated"),
    [
        ("abc", "abc", 0, 0),
        ("", "", 3, 0),
        # lost on one side
        ("ab", "abc", 1, 0),
        ("abc", "ab", 1, 0),
        ("abc", "", 3, 0),
        ("", "abc", 3, 0),
        # lost on both: the same contact, or another one on each side
        ("ab", "ab", 1, 0),
        ("ab", "bc", 1, 0),
        # doubled on one side
        ("abca", "abc", 0, 1),
        ("abc", ["a", "b", "c", "d=a"], 0, 1),
        ("abc", ["a", "b", "c", "d=a", "e=a"], 0, 2),
        # doubled on both
        ("abca", ["a", "b", "c", "d=a"], 0, 1),
        # one lost and one doubled: the counts are equal
        ("aab", "abc", 1, 1),
        ("abc", ["a", "b", "d=a"], 1, 1),
        ("aab", ["a", "b", "d=a"], 1, 1),
        # one lost, a stranger in its place: the counts are equal
        ("abc", "abd", 1, 1),
        ("abd", "abc", 1, 1),
        # too many on one side, on both
        ("abcd", "abc", 1, 1),
        ("abc", "abcd", 0, 1),
        ("abcd", "abcd", 0, 1),
        # one externalId with two phones' contacts
        ("abc", ["a", "a=b", "c"], 0, 1),
    ],
)
def test_both_sides_are_compared_contact_by_contact(db, store, lost, duplicated):
    contacts = stored(*store)
    assert compare(3, db, contacts) == Count(len(db), len(contacts), lost, duplicated)


@pytest.mark.parametrize(
    ("db", "lost", "duplicated"),
    [("abc", 0, 0), ("ab", 1, 0), ("abca", 0, 1), ("aab", 1, 1), ("abcd", 0, 1), ("", 3, 0)],
)
def test_without_the_api_the_database_alone_is_compared_with_the_manifest(db, lost, duplicated):
    assert compare(3, db, None) == Count(len(db), None, lost, duplicated)


def test_nothing_expected_and_nothing_there_is_nothing_lost():
    assert compare(0, "", []) == Count(0, 0, 0, 0)


def test_a_contact_that_has_lost_its_phone_is_lost():
    assert compare(3, "abc", stored("a", "b", "c=")).lost == 1


def test_a_contact_with_two_phones_is_one_contact():
    two = {"id": "CT1", "externalId": "a", "phones": ["a", "b"]}
    assert compare(2, "ab", [two]).openphone == 1


def test_what_comes_once_only_can_be_counted():
    assert compare(2, iter("ab"), iter(stored("a", "b"))) == Count(2, 2, 0, 0)
