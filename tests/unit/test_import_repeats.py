import pickle

import pytest

from app.imports.repeats import Repeats

KEYS = [f"+1404{number:07}" for number in range(20_000)]


@pytest.fixture(params=[30_000, 0, 10_000], ids=["exact", "tables", "both"])
def keys(request):
    return Repeats(request.param)


def found(keys):
    return [key for key in KEYS if ("contacts", key) in keys]


def test_of_many_keys_hardly_any_is_taken_for_repeated_that_is_not(keys):
    for start in range(0, 20_000, 500):
        keys.add(KEYS[start : start + 500])
    assert len(found(keys)) < 10
    keys.add(KEYS[:100])
    assert found(keys)[:100] == KEYS[:100]
    assert len(found(keys)) < 110
    assert list(keys.among(KEYS)) == [("contacts", key) in keys for key in KEYS]


def test_keys_are_repeated_within_what_is_added_at_once_and_over_whatever_lies_between(keys):
    keys.add([KEYS[0], KEYS[1], KEYS[0]])
    keys.add(KEYS[2:])
    keys.add([])
    keys.add([KEYS[1], KEYS[15_000]])
    assert {KEYS[0], KEYS[1], KEYS[15_000]} <= set(found(keys))
    assert len(found(keys)) < 13


def test_only_a_key_of_a_target_is_one(keys):
    keys.add([KEYS[0], KEYS[0]])
    assert KEYS[0] not in keys
    assert ("members", KEYS[0]) in keys


@pytest.mark.parametrize("exact", [(30_000, 30_000), (0, 0), (0, 30_000), (30_000, 0)])
def test_what_is_in_two_parts_or_twice_in_one_is_repeated_in_the_whole(exact):
    one, other = map(Repeats, exact)
    one.add([*KEYS[:10_000], KEYS[3]])
    other.add([KEYS[5], *KEYS[10_000:], KEYS[12_000]])
    whole = Repeats.of([one, other]).end()
    assert {KEYS[3], KEYS[5], KEYS[12_000]} <= set(found(whole))
    assert len(found(whole)) < 13


def test_what_is_told_another_process_is_the_same_there(keys):
    keys.add(KEYS[:15_000])
    keys.add(KEYS[14_000:])
    told = pickle.loads(pickle.dumps(keys))
    assert found(told) == found(keys)
    assert set(KEYS[14_000:15_000]) <= set(found(told))
    told.add(KEYS[:10])
    assert set(KEYS[:10]) <= set(found(told))
