import pytest

from loadtest.openphone.account import Account, Accounts, Bounds, TooManyAccountsError
from loadtest.openphone.profile import Profile

SHORT = Profile(ttl_seconds=60)


def register(accounts=10, **options):
    return Accounts(Bounds(accounts=accounts, contacts=10), SHORT, **options)


def test_an_unknown_key_gets_an_account_of_its_own_which_stays():
    accounts = register()
    first, other = accounts.of_request("a", 0), accounts.of_request("b", 0)
    assert first is accounts.of_request("a", 1)
    assert first is not other


@pytest.mark.parametrize("key", ["", "Bearer key", "a b", "a\n", "é", "x" * 201])
def test_what_cannot_be_a_key_has_no_account(key):
    assert register().of_request(key, 0) is None


def test_with_known_keys_only_an_unknown_key_has_no_account():
    accounts = register(known_only=True)
    assert accounts.of_request("a", 0) is None
    made = accounts.put("a", SHORT, 0)
    assert accounts.of_request("a", 1) is made


def test_setting_an_account_up_again_empties_it():
    accounts = register()
    accounts.of_request("a", 0).store.create({"defaultFields": {"firstName": "Ada"}}, 0)
    accounts.put("a", SHORT, 1)
    assert len(accounts.find("a", 2).store) == 0


def test_an_account_left_alone_for_its_time_to_live_is_forgotten():
    accounts = register()
    accounts.put("a", SHORT, 0)
    assert accounts.find("a", 59) is not None
    assert accounts.find("a", 118) is not None
    assert accounts.find("a", 179) is None


def test_a_request_in_flight_keeps_its_account():
    accounts = register()
    accounts.put("a", SHORT, 0).counters.arrive(0)
    accounts.sweep(1000)
    assert accounts.find("a", 1000) is not None


def test_one_account_too_many_is_refused_until_another_has_expired():
    accounts = register(accounts=2)
    accounts.of_request("a", 0)
    accounts.of_request("b", 50)
    with pytest.raises(TooManyAccountsError, match="2 accounts"):
        accounts.of_request("c", 55)
    assert accounts.of_request("c", 61) is not None
    assert accounts.find("a", 61) is None
    assert accounts.find("b", 61) is not None


def test_an_account_can_be_set_up_again_when_the_register_is_full():
    accounts = register(accounts=1)
    accounts.put("a", SHORT, 0)
    assert accounts.put("a", SHORT, 1) is accounts.find("a", 1)


def test_two_seeds_put_the_windows_borders_at_different_moments():
    one, other = (Account(Profile(seed=seed), 10).window for seed in (1, 2))
    edges = []
    for window in (one, other):
        remaining = [window.take(100 + n / 100).remaining for n in range(150)]
        edges.append(remaining.index(9, 1))
    assert edges[0] != edges[1]
