import json

import pytest

from loadtest.errors import UsageError
from loadtest.openphone.profile import parse
from loadtest.sizing import profile as profiles

BUILT_IN = ("degraded", "guide", "offline", "openphone")


def own(tmp_path, text, name="mine.toml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_built_in_profiles_are_known_by_name():
    assert profiles.names() == BUILT_IN


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_profile_says_that_its_latencies_are_assumptions(name):
    said = profiles.load(name).assumptions
    assert "assum" in said or "no figure for the real API was found" in said


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize("contacts_per_row", [0.93, 1.28])
def test_the_mock_takes_what_a_profile_sends(name, contacts_per_row):
    settings = profiles.load(name).mock_settings(contacts_per_row, seed=7)
    assert parse(json.dumps(settings)).seed == 7


@pytest.mark.parametrize(
    ("contacts_per_row", "low", "high"), [(0.93, 10, 20), (1.0, 10, 20), (2.0, 5, 10), (1.28, 7.8125, 15.625)]
)
def test_the_guides_milliseconds_are_per_row_and_shared_by_its_contacts(contacts_per_row, low, high):
    latency = profiles.load("guide").mock_settings(contacts_per_row, seed=1)["latency"]
    assert latency == {"kind": "uniform", "low_ms": low, "high_ms": high}


def test_other_profiles_count_per_call():
    latency = profiles.load("openphone").mock_settings(2.0, seed=1)["latency"]
    assert (latency["low_ms"], latency["high_ms"]) == (10, 20)


def test_latencies_of_single_routes_are_shared_too_and_sigma_is_not(tmp_path):
    profile = profiles.load(
        own(
            tmp_path,
            """
            latency_per = "row"
            [mock.routes]
            "POST /v1/contacts" = { kind = "lognormal", median_ms = 30, sigma = 1.5 }
            [env]
            """,
        )
    )
    assert profile.mock_settings(2.0, seed=1)["routes"] == {
        "POST /v1/contacts": {"kind": "lognormal", "median_ms": 15, "sigma": 1.5}
    }


@pytest.mark.parametrize(
    ("name", "calls_api", "rate", "by_construction"),
    [
        ("guide", True, 0, True),
        ("offline", False, 0, False),
        ("openphone", True, 10, False),
        ("degraded", True, 0, False),
    ],
)
def test_a_profile_knows_what_follows_from_it(name, calls_api, rate, by_construction):
    profile = profiles.load(name)
    assert (profile.calls_api, profile.rate_per_second, profile.by_construction) == (calls_api, rate, by_construction)


def test_the_vendors_limit_names_its_source():
    assert "OpenPhone" in profiles.load("openphone").limit_source


@pytest.mark.parametrize(
    ("mock", "env", "rate"),
    [
        ("limit = { per_second = 10 }", 'OPENPHONE_RATE_PER_SECOND = "5"', 5),
        ("limit = { per_second = 3 }", 'OPENPHONE_RATE_PER_SECOND = "5"', 3),
        ("limit = { per_second = 0 }", 'OPENPHONE_RATE_PER_SECOND = "2.5"', 2.5),
        ("limit = { per_second = 0 }", 'OPENPHONE_RATE_PER_SECOND = "0"', 0),
        ("", 'OPENPHONE_RATE_PER_SECOND = "0"', 10),
        ("limit = { per_second = 10 }", 'OPENPHONE_SYNC = "off"', 0),
    ],
)
def test_the_smaller_of_pace_and_limit_binds_and_the_mocks_own_default_counts(tmp_path, mock, env, rate):
    assert profiles.load(own(tmp_path, f"[mock]\n{mock}\n[env]\n{env}\n")).rate_per_second == rate


def test_a_profile_of_ones_own_is_named_after_its_file(tmp_path):
    profile = profiles.load(own(tmp_path, '[env]\nOPENPHONE_SYNC = "off"\n', "slow-tuesday.toml"))
    assert profile.name == "slow-tuesday"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[mock]\nlatency = { kind = 'uniform', low_ms = 20, high_ms = 10 }\n[env]", "low_ms is above high_ms"),
        ("[mock]\nlatency = { kind = 'uniform', low_ms = 'x', high_ms = 10 }\n[env]", "mock.latency.low_ms"),
        ("[mock]\nlatency = 15\n[env]", "mock.latency"),
        ("[mock]\nlatencies = 15\n[env]", "mock.latencies"),
        ("[mock]\nfaults = [{ kind = 'reset' }]\n[env]", "mock.faults.0"),
        ("[mock]\nlimit = { per_second = -1 }\n[env]", "mock.limit.per_second"),
        ("[env]\nOPENPHONE_RATE_PER_SECOND = 'ten'", "OPENPHONE_RATE_PER_SECOND: 'ten' is not a rate"),
        ("[env]\nOPENPHONE_RATE_PER_SECOND = '-1'", "OPENPHONE_RATE_PER_SECOND: '-1' is not a rate"),
        ("[env]\nOPENPHONE_RATE_PER_SECOND = 10", "env.OPENPHONE_RATE_PER_SECOND: 10 is not a string"),
        ("[env]\nGUNICORN_TIMEOUT = '60'", "env.GUNICORN_TIMEOUT: the harness sets this itself"),
        ("[env]\nIMPORT_HANDOFF = 'on'", "env.IMPORT_HANDOFF: the harness sets this itself"),
        ("[env]\nopenphone_sync = 'off'", "env.openphone_sync: environment variables are written in capitals"),
        ("latency_per = 'file'\n[env]", "latency_per: 'file' is not one of call, row"),
        ("summary = 'x'", "env is missing"),
        ("[env]\n[evn]", "evn is not known here"),
        ("[env", "cannot be read as a profile in TOML"),
    ],
)
def test_a_profile_that_makes_no_sense_is_refused_with_file_and_place(tmp_path, text, said):
    path = own(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        profiles.load(path)
    assert str(caught.value).startswith(path)
    assert said in str(caught.value)


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(UsageError, match="no profile 'gide': choose one of degraded, guide, offline, openphone"):
        profiles.load("gide")


def test_a_file_cannot_pass_itself_off_as_a_built_in_profile(tmp_path):
    with pytest.raises(UsageError, match="'guide' is the name of a built-in profile"):
        profiles.load(own(tmp_path, "[env]\n", "guide.toml"))
    with pytest.raises(UsageError, match="'guide' is the name of a built-in profile"):
        profiles.load(own(tmp_path, "name = 'guide'\n[env]\n"))
