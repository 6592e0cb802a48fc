import pytest
import requests
from test_openphone_mock import started


@pytest.fixture(scope="module")
def mock():
    with started() as running:
        yield running


def failing(mock, key, kind, **more):
    return mock.account(key, faults=[{"kind": kind, "first": 1, **more}])


def seen_by(account):
    counters = account.admin("counters")
    return {name: counters[name] for name in ("requests", "by_status", "no_reply", "faults", "created")}


def test_a_status_fault_is_answered_and_not_carried_out(mock):
    account = failing(mock, "status", "status", status=503)
    failed = account.create("c-1")
    assert (failed.status_code, failed.json()["title"]) == (503, "Service Unavailable")
    assert account.external_ids() == []
    assert account.create("c-1").status_code == 201
    assert seen_by(account) == {
        "requests": 2,
        "by_status": {"201": 1, "503": 1},
        "no_reply": 0,
        "faults": {"status": 1},
        "created": 1,
    }


def test_a_429_fault_looks_like_the_limits_and_counts_as_one(mock):
    faults = [{"kind": "status", "status": 429, "first": 1}]
    account = mock.account("asked-429", faults=faults, limit={"per_second": 0, "retry_after": 7, "body": "empty"})
    failed = account.create()
    assert (failed.status_code, failed.content, failed.headers["Retry-After"]) == (429, b"", "7")
    assert account.admin("counters")["rate_limited"] == 1


def test_a_reset_reaches_the_client_as_one_and_nothing_is_carried_out(mock):
    account = failing(mock, "reset", "reset")
    with pytest.raises(requests.ConnectionError) as failed:
        account.create("c-1")
    assert "ConnectionResetError" in str(failed.value)
    assert account.external_ids() == []
    assert account.create("c-1").status_code == 201
    assert seen_by(account)["no_reply"] == 1


def test_a_dropped_reply_is_carried_out_and_the_retry_meets_a_conflict(mock):
    account = failing(mock, "drop", "drop_reply")
    with pytest.raises(requests.ConnectionError) as failed:
        account.create("c-1")
    assert "RemoteDisconnected" in str(failed.value)
    assert account.external_ids() == ["c-1"]
    assert account.create("c-1").status_code == 409
    assert seen_by(account) == {
        "requests": 2,
        "by_status": {"409": 1},
        "no_reply": 1,
        "faults": {"drop_reply": 1},
        "created": 1,
    }


def test_a_truncated_reply_breaks_off_and_is_carried_out(mock):
    account = failing(mock, "truncate", "truncate")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        account.create("c-1")
    assert account.external_ids() == ["c-1"]
    assert account.create("c-1").status_code == 409


def test_a_truncated_reply_without_a_body_breaks_off_too(mock):
    account = mock.account("cut", faults=[{"kind": "truncate", "first": 1, "routes": ["DELETE /v1/contacts/{id}"]}])
    contact = f"{mock.url}/v1/contacts/{account.create().json()['data']['id']}"
    with pytest.raises(requests.ConnectionError):
        account.http.delete(contact, timeout=5)
    assert account.external_ids() == []


def test_a_hanging_request_ends_when_the_client_leaves(mock):
    account = failing(mock, "hang", "hang")
    with pytest.raises(requests.ReadTimeout):
        account.create("c-1", timeout=0.2)
    while account.admin("counters")["in_flight"]:
        pass
    assert account.external_ids() == []
    assert seen_by(account)["faults"] == {"hang": 1}
    assert account.create("c-1").status_code == 201


def test_a_hanging_request_ends_at_its_cap(mock):
    account = failing(mock, "capped", "hang", cap_seconds=0.1)
    with pytest.raises(requests.ConnectionError):
        account.create("c-1")
    assert account.external_ids() == []


def test_a_client_that_leaves_during_the_delay_finds_its_contact_there(mock):
    account = mock.account("impatient", latency={"kind": "fixed", "ms": 400})
    with pytest.raises(requests.ReadTimeout):
        account.create("c-1", timeout=0.1)
    while account.admin("counters")["in_flight"]:
        pass
    assert account.external_ids() == ["c-1"]
    assert seen_by(account)["no_reply"] == 1


def test_the_same_seed_and_requests_give_the_same_failures_and_delays(mock):
    profile = {
        "latency": {"kind": "uniform", "low_ms": 0, "high_ms": 2},
        "faults": [
            {"kind": "status", "status": 500, "rate": 0.3},
            {"kind": "drop_reply", "rate": 0.2, "routes": ["POST /v1/contacts"]},
        ],
    }
    journals = []
    for seed in (5, 5, 6):
        account = mock.account(f"seeded-{len(journals)}", seed=seed, **profile)
        for n in range(40):
            try:
                account.create(f"c-{n}")
            except requests.ConnectionError:
                account.http.close()
        journals.append([(entry["fault"], entry["delay_ms"]) for entry in account.admin("journal")["entries"]])
    assert journals[0] == journals[1] != journals[2]
    assert {fault for fault, _ in journals[0]} == {None, "status", "drop_reply"}


def test_the_journal_tells_which_contact_a_fault_met(mock):
    account = failing(mock, "told", "reset")
    with pytest.raises(requests.ConnectionError):
        account.create("c-1")
    account.create("c-1")
    told = [(entry["status"], entry["fault"], entry["externalId"]) for entry in account.admin("journal")["entries"]]
    assert told == [(None, "reset", "c-1"), (201, None, "c-1")]
