import json
import socket
import struct
import time

import pytest
import requests
from raw_http import CREATE, connected, create, get
from test_openphone_mock import started

FIELDS = "/v1/contact-custom-fields"
HEALTH = "/_mock/health"
LARGE = 300_000


@pytest.fixture(scope="module")
def mock():
    with started() as running:
        yield running


def statuses(account):
    return account.admin("counters")["by_status"]


def until_quiet(account):
    while account.admin("counters")["in_flight"]:
        time.sleep(0.01)


def test_pipelined_requests_are_answered_in_order(mock):
    account = mock.account("pipeline", routes={"POST /v1/contacts": {"kind": "fixed", "ms": 30}})
    with connected(mock.url) as client:
        client.send(create("pipeline", "c-1") + get(FIELDS, "pipeline") + create("pipeline", "c-1") + get(HEALTH))
        replies = [client.reply() for _ in range(4)]
    assert [status for status, _, _ in replies] == [201, 200, 409, 200]
    assert json.loads(replies[0][2])["data"]["externalId"] == "c-1"
    assert json.loads(replies[3][2]) == {"status": "ok"}
    assert account.admin("counters")["peak_in_flight"] == 1


def test_more_pipelined_requests_than_are_read_ahead_are_all_answered(mock):
    account = mock.account("long-pipeline", latency={"kind": "fixed", "ms": 1})
    with connected(mock.url) as client:
        for n in range(0, 300, 100):
            client.send(b"".join(create("long-pipeline", f"c-{n + k}") for k in range(100)))
        assert [client.status() for _ in range(300)] == [201] * 300
    assert account.external_ids() == [f"c-{n}" for n in range(300)]


def test_as_many_requests_as_a_read_can_hold_are_answered(mock):
    mock.account("dense")
    with connected(mock.url) as client:
        client.send(b"GET %b HTTP/1.1\r\nAuthorization: dense\r\n\r\n" % FIELDS.encode() * 2000)
        assert {client.status() for _ in range(2000)} == {200}


def test_a_connection_is_kept_for_the_next_request(mock):
    mock.account("kept")
    with connected(mock.url) as client:
        for n in range(3):
            client.send(create("kept", f"c-{n}"))
            status, headers, _ = client.reply()
            assert (status, "connection" in headers, "date" in headers) == (201, False, True)


@pytest.mark.parametrize("at", [1, 20, 60, 120, -1])
def test_a_request_may_come_in_pieces(mock, at):
    mock.account("pieces")
    request = create("pieces", "c-1")
    with connected(mock.url) as client:
        client.send(request[:at])
        time.sleep(0.02)
        client.send(request[at:])
        assert client.status() == 201


def test_a_client_that_expects_a_100_gets_it_before_its_body_is_sent(mock):
    mock.account("expects")
    head, _, body = create("expects", "c-1", b"Expect: 100-continue").partition(b"\r\n\r\n")
    with connected(mock.url) as client:
        client.send(head + b"\r\n\r\n")
        assert client.reply() == (100, {}, b"")
        client.send(body)
        assert client.status() == 201


def test_a_client_that_expects_a_100_for_too_much_gets_the_413_instead(mock):
    mock.account("expects-much")
    with connected(mock.url) as client:
        client.send(CREATE % b"expects-much" + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % LARGE)
        assert client.status() == 413
        assert client.closed()


def test_connection_close_is_answered_and_kept_to(mock):
    mock.account("closing")
    with connected(mock.url) as client:
        client.send(create("closing", "c-1", b"Connection: close") + create("closing", "c-2"))
        status, headers, _ = client.reply()
        assert (status, headers["connection"]) == (201, "close")
        assert client.reply() is None


def test_http_1_0_closes_unless_it_asks_to_be_kept(mock):
    with connected(mock.url) as client:
        client.send(get(HEALTH, "", "1.0"))
        status, headers, _ = client.reply()
        assert (status, headers["connection"]) == (200, "close")
        assert client.reply() is None
    with connected(mock.url) as client:
        for _ in range(2):
            client.send(get(HEALTH, "", "1.0", "Connection: keep-alive"))
            status, headers, _ = client.reply()
            assert (status, headers["connection"]) == (200, "keep-alive")


def test_a_chunked_body_is_put_together_and_its_trailers_are_let_go(mock):
    account = mock.account("chunked")
    body = create("chunked", "c-1").partition(b"\r\n\r\n")[2]
    chunks = b"".join(b"%x;a=b\r\n%b\r\n" % (len(part), part) for part in (body[:10], body[10:11], body[11:]))
    with connected(mock.url) as client:
        client.send(CREATE % b"chunked" + b"Transfer-Encoding: chunked\r\n\r\n")
        client.send(chunks + b"0\r\nAuthorization: another\r\n\r\n" + get(HEALTH))
        assert [client.status(), client.status()] == [201, 200]
    assert account.external_ids() == ["c-1"]


def test_a_chunked_body_that_is_too_large_is_a_413_although_no_length_was_given(mock):
    account = mock.account("chunked-large")
    with connected(mock.url) as client:
        client.send(CREATE % b"chunked-large" + b"Transfer-Encoding: chunked\r\n\r\n")
        client.send(b"%x\r\n" % LARGE, b" " * LARGE)
        status, headers, body = client.reply()
        assert (status, headers["connection"]) == (413, "close")
        assert json.loads(body)["message"] == "The body is too large."
    assert statuses(account) == {"413": 1}


def test_a_body_past_the_limit_is_a_413_while_the_client_still_sends(mock):
    account = mock.account("much")
    with connected(mock.url) as client:
        client.send(CREATE % b"much" + b"Content-Length: 20000000\r\n\r\n", b" " * 5_000_000)
        assert client.status() == 413
        assert client.closed()
    assert statuses(account) == {"413": 1}


def test_a_profile_past_the_limit_is_a_413(mock):
    refused = requests.put(f"{mock.url}/_mock/accounts/large", data=b" " * LARGE, timeout=5)
    assert (refused.status_code, refused.json()["title"]) == (413, "Request Entity Too Large")


@pytest.mark.parametrize(
    "request_",
    [
        b"rubbish\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"BREW /v1/contacts HTTP/1.1\r\n\r\n",
        b"GET /v1/contacts HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /v1/contacts HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST /v1/contacts HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/contacts HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_what_is_no_request_is_a_400_and_the_end(mock, request_):
    with connected(mock.url) as client:
        client.send(request_)
        status, headers, body = client.reply()
        assert (status, headers["connection"], headers["content-type"]) == (400, "close", "application/problem+json")
        assert json.loads(body)["status"] == 400
        assert client.closed()


def test_requests_before_one_that_is_none_are_answered(mock):
    account = mock.account("until-then", latency={"kind": "fixed", "ms": 20})
    with connected(mock.url) as client:
        client.send(create("until-then", "c-1") + create("until-then", "c-2") + b"rubbish\r\n\r\n")
        assert [client.status() for _ in range(3)] == [201, 201, 400]
    assert account.external_ids() == ["c-1", "c-2"]


def test_a_chunk_that_is_none_is_a_400_and_nothing_is_carried_out(mock):
    account = mock.account("bad-chunk")
    with connected(mock.url) as client:
        client.send(CREATE % b"bad-chunk" + b"Transfer-Encoding: chunked\r\n\r\n")
        while not account.admin("counters")["in_flight"]:
            time.sleep(0.01)
        client.send(b"rubbish\r\n")
        assert client.status() == 400
        assert client.closed()
    counters = account.admin("counters")
    assert (counters["requests"], counters["no_reply"], counters["in_flight"], counters["created"]) == (1, 1, 0, 0)


@pytest.mark.parametrize(
    "pieces",
    [
        [b"GET /" + b"x" * 40_000 + b" HTTP/1.1\r\n\r\n"],
        [b"GET / HTTP/1.1\r\nX: " + b"x" * 40_000 + b"\r\n\r\n"],
        [b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(5000)) + b"\r\n"],
        [b"GET / HTTP/1.1\r\nX: ", *[b"x" * 20_000] * 20],  # a header without an end
    ],
)
def test_a_head_past_the_limit_is_a_431_and_the_end(mock, pieces):
    with connected(mock.url) as client:
        client.send(*pieces)
        status, headers, _ = client.reply()
        assert (status, headers["connection"]) == (431, "close")
        assert client.closed()


def test_a_head_just_within_the_limit_is_read(mock):
    with connected(mock.url) as client:
        client.send(get(HEALTH, "", "1.1", *[f"X-{n}: {'y' * 1000}" for n in range(30)]))
        assert client.status() == 200


def test_trailers_without_an_end_are_not_kept_for_ever(mock):
    mock.account("trailers")
    with connected(mock.url) as client:
        client.send(CREATE % b"trailers" + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: ")
        for _ in range(60):
            client.send(b"x" * 50_000)
        assert client.status() == 400


def test_a_client_that_hangs_up_in_mid_request_is_counted_and_nothing_is_carried_out(mock):
    account = mock.account("hangs-up")
    with connected(mock.url) as client:
        client.send(create("hangs-up", "c-1")[:-5])
        while not account.admin("counters")["in_flight"]:
            time.sleep(0.01)
    until_quiet(account)
    counters = account.admin("counters")
    assert (counters["requests"], counters["no_reply"], counters["by_status"]) == (1, 1, {})
    assert account.external_ids() == []


def test_a_client_that_resets_during_the_delay_leaves_nothing_behind(mock):
    account = mock.account("resets", latency={"kind": "fixed", "ms": 60_000})
    with connected(mock.url) as client:
        client.send(create("resets", "c-1"))
        while not account.admin("counters")["in_flight"]:
            time.sleep(0.01)
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    until_quiet(account)
    assert (account.external_ids(), account.admin("counters")["no_reply"]) == (["c-1"], 1)


def test_a_client_that_left_during_the_delay_is_counted_once(mock):
    account = mock.account("left-once", latency={"kind": "fixed", "ms": 300})
    with connected(mock.url) as client:
        client.send(create("left-once", "c-1"))
        while not account.admin("counters")["in_flight"]:
            time.sleep(0.01)
    until_quiet(account)
    time.sleep(0.4)  # the delay is over
    counters = account.admin("counters")
    assert (counters["no_reply"], counters["by_status"], counters["in_flight"]) == (1, {}, 0)


def test_what_a_client_asked_before_it_closed_its_side_is_answered(mock):
    mock.account("half-closed")
    with connected(mock.url) as client:
        client.send(create("half-closed", "c-1"))
        client.socket.shutdown(socket.SHUT_WR)
        assert client.status() == 201
        assert client.closed()


def test_a_client_that_reads_late_gets_every_reply_and_holds_up_nobody(mock):
    account = mock.account("reads-late")
    other = mock.account("in-a-hurry")
    for n in range(50):
        assert account.create(f"c-{n}").status_code == 201
    query = "&".join(f"externalIds=c-{n}" for n in range(50))
    listing = get(f"/v1/contacts?{query}&maxResults=50", "reads-late")
    with connected(mock.url) as client:
        client.send(listing * 300)  # 8 MB of replies
        assert other.create("c-1").status_code == 201
        assert account.admin("counters")["by_status"]["200"] < 300
        sizes = {len(client.reply()[2]) for _ in range(300)}
    assert len(sizes) == 1
    assert account.admin("counters")["by_status"] == {"200": 300, "201": 50}


def test_a_head_request_gets_no_body(mock):
    mock.account("head")
    with connected(mock.url) as client:
        client.send(get(HEALTH).replace(b"GET", b"HEAD") + get(FIELDS, "head").replace(b"GET", b"HEAD") + get(HEALTH))
        assert [client.reply(body=False)[0] for _ in range(2)] == [200, 404]
        assert client.status() == 200


def test_an_upgrade_is_answered_as_if_it_were_none(mock):
    mock.account("upgrade")
    with connected(mock.url) as client:
        client.send(get(FIELDS, "upgrade", "1.1", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c"))
        assert client.status() == 200
        assert client.closed()


def test_a_target_as_proxies_get_it_is_understood(mock):
    mock.account("proxied")
    with connected(mock.url) as client:
        client.send(get(f"http://api.example.com{FIELDS}", "proxied") + get("http://[/", "proxied"))
        assert [client.status(), client.status()] == [200, 404]


def test_paths_that_nobody_has_and_methods_that_do_not_fit_are_told_apart(mock):
    for path, method, status in (
        ("/", "GET", 404),
        ("/_mock/accounts/", "PUT", 404),
        ("/_mock/accounts/a/b", "GET", 404),
        (HEALTH, "POST", 405),
        ("/_mock/accounts/a", "GET", 405),
        ("/_mock/accounts/a/counters", "PUT", 405),
    ):
        answer = requests.request(method, mock.url + path, timeout=5)
        assert (answer.status_code, answer.json()["status"]) == (status, status)
        assert ("Allow" in answer.headers) == (status == 405)


def test_a_key_that_needs_escaping_names_its_account(mock):
    assert requests.put(f"{mock.url}/_mock/accounts/a%2Fb%3F", json={}, timeout=5).status_code == 200
    answer = requests.get(mock.url + FIELDS, headers={"Authorization": "a/b?"}, timeout=5)
    assert answer.status_code == 200
    counters = requests.get(f"{mock.url}/_mock/accounts/a%2fb%3f/counters", timeout=5).json()
    assert counters["requests"] == 1


def test_a_silent_client_is_hung_up_on_between_requests_and_within_one():
    with started("--idle-seconds", "0.3") as mock:
        account = mock.account("silent", latency={"kind": "fixed", "ms": 900})
        with connected(mock.url) as idle, connected(mock.url) as half, connected(mock.url) as waiting:
            idle.send(get(HEALTH))
            half.send(create("silent", "c-1")[:-5])
            waiting.send(create("silent", "c-2"))
            assert idle.status() == 200
            assert (idle.reply(), half.reply()) == (None, None)
            assert waiting.status() == 201  # it is not the one who is silent
        until_quiet(account)
        assert account.external_ids() == ["c-2"]


def test_a_server_that_stops_answers_what_is_nearly_done_and_takes_no_more():
    with started() as mock:
        mock.account("last", latency={"kind": "fixed", "ms": 150})
        with connected(mock.url) as busy, connected(mock.url) as idle:
            idle.send(get(HEALTH))
            assert idle.status() == 200
            busy.send(create("last", "c-1") + create("last", "c-2"))
            time.sleep(0.05)
            mock.process.terminate()
            status, headers, _ = busy.reply()
            assert (status, headers["connection"]) == (201, "close")
            assert busy.reply() is None
            assert idle.reply() is None
        assert mock.process.wait(timeout=5) == 0
        assert mock.process.stderr.read() == ""


def test_the_access_log_has_a_line_for_what_was_no_request_and_for_what_got_no_reply():
    with started("--access-log") as mock:
        account = mock.account("logged", faults=[{"kind": "drop_reply", "first": 1}])
        with connected(mock.url) as client:
            client.send(create("logged", "c-1"))
            assert client.closed()
        with connected(mock.url) as client:
            client.send(b"rubbish\r\n\r\n")
            assert client.status() == 400
        assert account.external_ids() == ["c-1"]
        stuck = mock.account("stuck", latency={"kind": "fixed", "ms": 60_000})
        with connected(mock.url) as client:
            client.send(get(FIELDS, "stuck"))
            while not stuck.admin("counters")["in_flight"]:
                time.sleep(0.01)
            mock.process.terminate()
            assert client.reply() is None
        lines = [
            line.rpartition(" ms")[0].rsplit(" ", 1)[0] for line in mock.process.communicate(timeout=5)[0].splitlines()
        ]
    assert "POST /v1/contacts no reply" in lines
    assert "- - 400" in lines
    assert lines[-1] == f"GET {FIELDS} no reply"
