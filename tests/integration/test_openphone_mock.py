import asyncio
import signal
import socket
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest
import requests

ROOT = Path(__file__).parents[2]
NO_LIMIT = {"per_second": 0}


@contextmanager
def started(*options):
    command = [sys.executable, "-m", "loadtest.openphone", "--port", "0", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().split()[-1]
            yield Mock(url, process)
        finally:
            process.kill()


class Mock:
    def __init__(self, url, process):
        self.url = url
        self.process = process

    def account(self, key, **profile):
        profile.setdefault("limit", NO_LIMIT)
        answer = requests.put(f"{self.url}/_mock/accounts/{key}", json=profile, timeout=5)
        assert answer.status_code == 200, answer.text
        return Account(self.url, key)


class Account:
    def __init__(self, url, key):
        self.url = url
        self.key = key
        self.http = requests.Session()
        self.http.headers["Authorization"] = key

    def create(self, external_id=None, timeout=5):
        phones = [{"name": "mobile", "value": "+14155550100"}]
        body = {"defaultFields": {"firstName": "Ada", "phoneNumbers": phones}, "externalId": external_id}
        return self.http.post(f"{self.url}/v1/contacts", json=body, timeout=timeout)

    def admin(self, what):
        answer = requests.get(f"{self.url}/_mock/accounts/{self.key}/{what}", timeout=5)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def external_ids(self):
        return [contact["externalId"] for contact in self.admin("contacts")["contacts"]]


@pytest.fixture(scope="module")
def mock():
    with started() as running:
        yield running


def test_a_contact_lives_through_create_list_get_update_and_delete(mock):
    account = mock.account("life")
    made = account.create("c-1")
    assert made.status_code == 201
    contact = made.json()["data"]
    one = f"{mock.url}/v1/contacts/{contact['id']}"
    query = {"externalIds": ["c-1", "c-2"], "maxResults": 50}
    listed = account.http.get(f"{mock.url}/v1/contacts", params=query, timeout=5).json()
    assert (listed["data"], listed["totalItems"], listed["nextPageToken"]) == ([contact], 1, None)
    assert account.http.get(one, timeout=5).json()["data"] == contact
    changed = account.http.patch(one, json={"defaultFields": {"firstName": "Grace"}}, timeout=5).json()["data"]
    assert (changed["defaultFields"]["firstName"], changed["defaultFields"]["phoneNumbers"]) == ("Grace", [])
    deleted = account.http.delete(one, timeout=5)
    assert (deleted.status_code, deleted.content) == (204, b"")
    counters = account.admin("counters")
    assert [counters[name] for name in ("requests", "created", "updated", "deleted")] == [5, 1, 1, 1]
    assert counters["by_status"] == {"200": 3, "201": 1, "204": 1}


def test_a_request_without_a_key_or_with_bearer_before_it_is_unauthorized(mock):
    for headers in ({}, {"Authorization": "Bearer key"}):
        refused = requests.get(f"{mock.url}/v1/contact-custom-fields", headers=headers, timeout=5)
        assert (refused.status_code, refused.json()["code"]) == (401, "0700401")


def test_an_unknown_key_works_with_the_vendors_limit(mock):
    answer = requests.get(f"{mock.url}/v1/contact-custom-fields", headers={"Authorization": "stranger"}, timeout=5)
    assert answer.status_code == 200
    assert answer.headers["ratelimit-policy"] == '"per-second"; q=10; w=1'


def test_two_accounts_do_not_see_each_other(mock):
    one, other = mock.account("one"), mock.account("other")
    assert one.create("same").status_code == other.create("same").status_code == 201
    one.create("mine")
    assert (one.external_ids(), other.external_ids()) == (["same", "mine"], ["same"])
    assert (one.admin("counters")["requests"], other.admin("counters")["requests"]) == (2, 1)
    foreign = one.admin("contacts")["contacts"][0]["id"]
    assert other.http.get(f"{mock.url}/v1/contacts/{foreign}", timeout=5).status_code == 404


def test_setting_an_account_up_again_forgets_everything(mock):
    account = mock.account("again")
    account.create("c-1")
    account = mock.account("again")
    assert (account.external_ids(), account.admin("journal")["entries"]) == ([], [])
    assert account.admin("counters")["requests"] == 0


def test_the_limit_answers_429_with_the_headers_and_never_limits_the_admin_api(mock):
    account = mock.account("limited", limit={"per_second": 2, "retry_after": 1, "body": "text"})
    answers = [account.create() for _ in range(30)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert {(answer.headers["Retry-After"], answer.text) for answer in refused} == {("1", "Too Many Requests")}
    assert all(answer.headers["ratelimit-policy"] == '"per-second"; q=2; w=1' for answer in answers)
    assert {answer.headers["ratelimit"] for answer in refused} == {'"per-second"; r=0; t=1'}
    counters = account.admin("counters")
    assert counters["rate_limited"] == counters["by_status"]["429"] == len(refused)
    assert counters["created"] == account.admin("contacts")["count"] == 30 - len(refused)


def test_the_nested_envelope_is_a_setting(mock):
    account = mock.account("nested", envelope="nested")
    account.create("c-1")
    refused = account.create("c-1")
    assert (refused.status_code, refused.json()["error"]["key"]) == (409, "Conflict")
    assert account.admin("counters")["duplicate_external_ids"] == 1


def test_a_bad_profile_is_a_400_naming_the_field(mock):
    refused = requests.put(f"{mock.url}/_mock/accounts/bad", json={"latency": {"kind": "fixed", "sec": 1}}, timeout=5)
    assert (refused.status_code, refused.headers["Content-Type"].split(";")[0]) == (400, "application/problem+json")
    assert refused.json()["field"].startswith("latency.")
    assert requests.get(f"{mock.url}/_mock/accounts/bad/counters", timeout=5).status_code == 404


def test_a_seed_may_be_any_whole_number(mock):
    answer = requests.put(f"{mock.url}/_mock/accounts/sown", json={"seed": 2**70}, timeout=5)
    assert (answer.status_code, answer.json()["seed"]) == (200, 2**70)


def test_a_deleted_account_is_gone(mock):
    mock.account("leaving")
    where = f"{mock.url}/_mock/accounts/leaving"
    assert [requests.delete(where, timeout=5).status_code for _ in range(2)] == [204, 404]
    assert requests.get(f"{where}/contacts", timeout=5).status_code == 404


def test_a_body_past_the_limit_is_refused_and_the_server_goes_on(mock):
    account = mock.account("large")
    refused = account.http.post(f"{mock.url}/v1/contacts", data=b" " * 300_000, timeout=5)
    assert refused.status_code == 413
    assert account.create("c-1").status_code == 201


def test_a_path_that_the_api_lacks_is_not_found_and_counted(mock):
    account = mock.account("lost")
    assert account.http.put(f"{mock.url}/v1/contacts", timeout=5).status_code == 404
    assert account.admin("counters")["by_status"] == {"404": 1}


def test_requests_in_flight_do_not_wait_for_each_other(mock):
    account = mock.account("crowd", latency={"kind": "fixed", "ms": 20})
    assert asyncio.run(crowd(account, requests_sent=1000, at_once=50)) == {201: 1000}
    counters = account.admin("counters")
    assert counters["by_status"] == {"201": 1000}
    assert counters["requests"] == counters["created"] == account.admin("contacts")["count"] == 1000
    assert 20 < counters["peak_in_flight"] <= 50
    assert counters["delay_seconds"] == pytest.approx(20)
    assert counters["in_flight"] == 0


# Threads of `requests` would need most of the 20 ms for themselves.
async def crowd(account, requests_sent, at_once):
    async with aiohttp.ClientSession(
        account.url, headers={"Authorization": account.key}, connector=aiohttp.TCPConnector(limit=at_once)
    ) as session:

        async def create(n):
            body = {"defaultFields": {"firstName": "Ada"}, "externalId": f"c-{n}"}
            async with session.post("/v1/contacts", json=body) as answer:
                await answer.read()
                return answer.status

        return Counter(await asyncio.gather(*map(create, range(requests_sent))))


def test_the_server_prints_no_key_even_with_the_access_log():
    with started("--access-log") as mock:
        mock.account("very-secret").create("c-1")
        mock.process.terminate()
        output = "".join(mock.process.communicate(timeout=5))
    assert "POST /v1/contacts 201" in output
    assert "PUT /_mock/accounts/*** 200" in output
    assert "very-secret" not in output


def test_without_the_access_log_a_request_leaves_no_line():
    with started() as mock:
        mock.account("quiet").create("c-1")
        mock.process.terminate()
        assert mock.process.communicate(timeout=5) == ("", "")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_the_server_stops_at_once_although_a_request_hangs(number, code):
    with started() as mock:
        account = mock.account("stuck", faults=[{"kind": "hang", "first": 1}])
        with socket.create_connection(("127.0.0.1", int(mock.url.rsplit(":", 1)[1]))) as client:
            client.sendall(b"GET /v1/contact-custom-fields HTTP/1.1\r\nHost: x\r\nAuthorization: stuck\r\n\r\n")
            while not account.admin("counters")["in_flight"]:
                pass
            mock.process.send_signal(number)
            assert mock.process.wait(timeout=5) == code
            assert client.recv(100) == b""
        assert mock.process.stderr.read() == ""


def test_a_port_in_use_is_one_line_and_exit_code_4(mock):
    command = [sys.executable, "-m", "loadtest.openphone", "--port", mock.url.rsplit(":", 1)[1]]
    refused = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=10)
    assert refused.returncode == 4
    assert refused.stderr.startswith("error: the OpenPhone mock cannot listen on 127.0.0.1:")
    assert refused.stderr.count("\n") == 1


def test_a_profile_file_sets_keys_that_no_admin_call_has(tmp_path):
    path = tmp_path / "profile.json"
    path.write_text('{"limit": {"per_second": 3}}')
    with started("--profile", str(path)) as mock:
        answer = Account(mock.url, "stranger").create()
    assert answer.headers["ratelimit"] == '"per-second"; r=2; t=1'


def test_known_keys_only_refuses_strangers():
    with started("--known-keys-only") as mock:
        assert Account(mock.url, "stranger").create().status_code == 401
        assert mock.account("friend").create().status_code == 201
