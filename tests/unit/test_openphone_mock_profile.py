import json

import pytest

from loadtest.openphone.profile import Profile, ProfileError, parse

FULL = {
    "latency": {"kind": "uniform", "low_ms": 10, "high_ms": 20},
    "routes": {"POST /v1/contacts": {"kind": "fixed", "ms": 5}, "GET /v1/contacts": {"kind": "none"}},
    "limit": {"per_second": 0, "retry_after": 2, "body": "empty"},
    "envelope": "nested",
    "faults": [
        {"kind": "status", "status": 503, "rate": 0.1},
        {"kind": "hang", "first": 2, "routes": ["PATCH /v1/contacts/{id}"]},
    ],
    "seed": 7,
    "ttl_seconds": 60,
}


def test_a_full_profile_comes_back_as_it_was_given():
    shown = parse(json.dumps(FULL)).model_dump(mode="json")
    assert {name: shown[name] for name in ("latency", "routes", "limit", "envelope", "seed", "ttl_seconds")} == {
        name: FULL[name] for name in ("latency", "routes", "limit", "envelope", "seed", "ttl_seconds")
    }
    assert [(fault["kind"], fault["rate"], fault["first"]) for fault in shown["faults"]] == [
        ("status", 0.1, None),
        ("hang", None, 2),
    ]


@pytest.mark.parametrize("body", ["", "{}"])
def test_an_empty_body_is_the_vendors_limit_and_nothing_else(body):
    profile = parse(body)
    assert profile == Profile()
    assert (profile.limit.per_second, profile.latency.kind, profile.faults) == (10, "none", ())


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("[]", ""),
        ("{", ""),
        ({"lattency": {}}, "lattency"),
        ({"latency": {"kind": "gauss"}}, "latency"),
        ({"latency": {"ms": 3}}, "latency"),
        ({"latency": {"kind": "fixed"}}, "latency.ms"),
        ({"latency": {"kind": "fixed", "ms": -1}}, "latency.ms"),
        ({"latency": {"kind": "fixed", "ms": "15"}}, "latency.ms"),
        ({"latency": {"kind": "fixed", "ms": 1, "low_ms": 1}}, "latency.low_ms"),
        ({"latency": {"kind": "uniform", "low_ms": 2, "high_ms": 1}}, "latency"),
        ({"routes": {"POST /v1/contact": {"kind": "none"}}}, "routes.POST /v1/contact"),
        ({"routes": {"POST /v1/contacts": {"kind": "fixed", "ms": -1}}}, "routes.POST /v1/contacts.ms"),
        ({"limit": {"per_second": -1}}, "limit.per_second"),
        ({"limit": {"per_second": True}}, "limit.per_second"),
        ({"limit": {"body": "html"}}, "limit.body"),
        ({"envelope": "round"}, "envelope"),
        ({"faults": [{"kind": "status", "status": 503}]}, "faults.0"),
        ({"faults": [{"kind": "status", "status": 503, "rate": 0.1, "first": 1}]}, "faults.0"),
        ({"faults": [{"kind": "status", "status": "503", "first": 1}]}, "faults.0.status"),
        ({"faults": [{"kind": "status", "status": 200, "first": 1}]}, "faults.0.status"),
        ({"faults": [{"kind": "reset", "first": 1}, {"kind": "reset", "rate": 1.1}]}, "faults.1.rate"),
        ({"faults": [{"kind": "reset", "first": 1, "routes": ["*"]}]}, "faults.0.routes.0"),
        ({"seed": 1.5}, "seed"),
        ({"ttl_seconds": 0}, "ttl_seconds"),
    ],
)
def test_a_bad_profile_is_refused_by_the_name_of_the_field(body, field):
    with pytest.raises(ProfileError) as refused:
        parse(body if isinstance(body, str) else json.dumps(body))
    assert refused.value.field == field
