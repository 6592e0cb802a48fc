import hashlib

import pytest
import redis
import requests
from importing import App, numbers, people, together

PER_MINUTE = 12
PER_SECOND = 10


@pytest.fixture(scope="module")
def app(stack):
    env = {
        "API_RATE_PER_MINUTE": str(PER_MINUTE),
        "OPENPHONE_RATE_PER_SECOND": str(PER_SECOND),
        "GUNICORN_WORKERS": "3",
    }
    with stack.trial("limits", env, {"limit": {"per_second": PER_SECOND}}) as trial:
        yield App(stack, trial)


def test_two_processes_together_keep_the_vendors_limit_and_no_call_is_refused(app):
    phones = numbers(24)
    answers = together(
        lambda: app.upload(people(phones[::2]), list="odd"), lambda: app.upload(people(phones[1::2]), list="even")
    )
    assert [(answer.status_code, answer.json()["contacts_synced"]) for answer in answers] == [(200, 12)] * 2
    workers = {line.split("]")[0] for line in app.trial.logs().splitlines() if "started POST /api/imports" in line}
    assert len(workers) == 2

    counters = app.mock("counters")
    assert counters["peak_per_second"] <= PER_SECOND
    assert counters["rate_limited"] == 0
    assert (counters["requests"], counters["created"]) == (24, 24)
    assert app.stored() == app.synced() == phones
    waited = sum(answer.json()["stage_seconds"]["limit"] for answer in answers)
    assert waited > sum(answer.json()["stage_seconds"]["openphone"] for answer in answers)


def test_one_client_may_ask_so_often_a_minute_over_all_routes_and_workers_and_no_more(app):
    key = "tl_another"
    app.sql("INSERT INTO api_keys (name, key_hash) VALUES ('b', %s)", (hashlib.sha256(key.encode()).hexdigest(),))
    other = {"Authorization": f"Bearer {key}"}
    routes = ["/api/imports", "/api/contacts"]
    assert {app.get(routes[number % 2], headers=other).status_code for number in range(PER_MINUTE)} == {200}

    for route in routes:
        refused = app.get(route, headers=other)
        assert refused.status_code == 429
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert refused.json()["type"] == "urn:timeoutlab:problem:too-many-requests"
        assert f"{PER_MINUTE} per 1 minute" in refused.json()["detail"]
        assert 1 <= int(refused.headers["Retry-After"]) <= 61  # whole seconds, rounded up
    upload = requests.post(f"{app.url}/api/imports", headers=other, files={"file": b"x" * 3_000_000}, timeout=30)
    assert upload.status_code == 429

    assert app.get("/api/imports").status_code == 200
    assert requests.get(f"{app.url}/healthz", timeout=30).status_code == 200
    assert requests.get(f"{app.url}/readyz", timeout=30).status_code == 200


def test_health_checks_are_never_counted(app):
    statuses = {requests.get(f"{app.url}/healthz", timeout=30).status_code for _ in range(2 * PER_MINUTE)}
    assert statuses == {200}


def test_what_is_kept_in_redis_is_under_the_prefix_of_this_app(app):
    prefix = app.trial.env["REDIS_PREFIX"].encode()
    with redis.Redis.from_url(app.trial.env["REDIS_URL"]) as client:
        kept = [key for key in client.scan_iter("*") if b"openphone" in key or b"LIMIT" in key.upper()]
        assert any(key.startswith(prefix) and b"limits" in key for key in kept)
        assert all(key.startswith(b"trial_") for key in kept)
