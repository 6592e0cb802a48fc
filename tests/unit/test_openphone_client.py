import json
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.imports.budget import Budget
from app.openphone.client import BACKOFF_MAX_SECONDS, BACKOFF_SECONDS, RETRY_AFTER_MAX_SECONDS, Client, retry_after
from app.openphone.contacts import payload, push
from app.openphone.errors import CallFailedError, OpenPhoneDownError, RejectedError, message_of
from app.openphone.throttle import Unlimited
from app.stages import StageClock

CONTACT = {
    "id": uuid4(),
    "phone": "+14045550123",
    "first_name": "Ada",
    "last_name": None,
    "email": "a@b.co",
    "company": None,
    "title": "Dr",
}
FLAT = {"message": "No.", "code": "0800409", "status": 409, "docs": "https://x", "title": "Conflict"}
NESTED = {"error": {"message": "No.", "key": "Unauthorized", "trace": "abc"}}


@pytest.fixture(scope="module")
def server():
    """Answers with what is in ``script``: (status, body, header ...) one after the other; notes what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            server.asked.append((self.command, self.path, json.loads(body) if body else None))
            status, answer, *headers = server.script.pop(0)
            answer = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    for method in ("GET", "POST", "PATCH"):
        setattr(Handler, f"do_{method}", Handler.answer)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def pauses(monkeypatch):
    """What the client slept, in seconds; nothing is waited for."""
    slept = []
    monkeypatch.setattr(Budget, "sleep", lambda _, seconds: slept.append(seconds))
    return slept


@pytest.fixture
def scripted(server, pauses):
    def client(*script, max_attempts=4):
        server.asked, server.script = [], list(script)
        return Client(server.url, "key", timeout=5, max_attempts=max_attempts, throttle=Unlimited())

    return client


def theirs(**fields):
    contact = {"id": "theirs-1", "externalId": str(CONTACT["id"]), **payload(CONTACT)}
    return {**contact, "defaultFields": {**contact["defaultFields"], **fields}}


def post(client):
    return client.call("POST", "/v1/contacts", StageClock(), json={"a": 1})


def test_a_call_that_fails_for_a_while_is_repeated_with_growing_pauses(scripted, pauses, server):
    client = scripted((503, FLAT), (500, b"<html>"), (429, b""), (201, {"data": 1}))
    assert post(client).data == 1
    assert [asked[0] for asked in server.asked] == ["POST"] * 4
    assert client.calls == 4
    for attempt, pause in enumerate(pauses):
        assert BACKOFF_SECONDS * 2**attempt / 2 <= pause <= BACKOFF_SECONDS * 2**attempt
    assert len(pauses) == 3


@pytest.mark.parametrize(
    ("asked_for", "least", "most"), [("3", 3, 3), ("0", 0, 0.25), ("86400", 60, 60), ("soon", 0, 0.25)]
)
def test_a_429_is_waited_out_as_long_as_it_asks_for_within_reason(scripted, pauses, asked_for, least, most):
    post(scripted((429, FLAT, ("Retry-After", asked_for)), (201, {"data": 1})))
    assert least <= pauses[0] <= most


def test_pauses_stop_growing_and_none_follows_the_last_attempt(scripted, pauses):
    client = scripted(*[(502, b"")] * 12, max_attempts=12)
    with pytest.raises(CallFailedError, match="in 12 attempts"):
        post(client)
    assert len(pauses) == 11
    assert BACKOFF_MAX_SECONDS / 2 <= pauses[-1] <= BACKOFF_MAX_SECONDS


@pytest.mark.parametrize(
    ("status", "error"),
    [
        *((status, OpenPhoneDownError) for status in (408, 425, 429)),
        *((status, CallFailedError) for status in (500, 502, 503, 504, 599)),
    ],
)
def test_when_attempts_run_out_the_last_answer_is_told_and_whether_another_call_may_fare_better(
    scripted, status, error
):
    with pytest.raises(error, match=rf"2 attempts \(last: {status}: No\. \(0800409\)\)"):
        post(scripted((status, FLAT), (status, FLAT), max_attempts=2))


@pytest.mark.parametrize("body", [b"", b"<html>Bad request</html>", FLAT, NESTED, [], None])
@pytest.mark.parametrize("status", [400, 409, 413, 422])
def test_what_is_the_contacts_own_fault_rejects_it_at_once_whatever_the_body(scripted, server, status, body):
    with pytest.raises(RejectedError, match=f"OpenPhone answered {status}: "):
        post(scripted((status, body)))
    assert len(server.asked) == 1


@pytest.mark.parametrize("body", [b"", b"<html>Log in</html>", FLAT, NESTED])
@pytest.mark.parametrize(("status", "says"), [(401, "OPENPHONE_API_KEY"), (403, "OPENPHONE_API_KEY")])
def test_a_refused_key_is_no_contacts_fault_and_not_asked_again(scripted, server, status, says, body):
    with pytest.raises(OpenPhoneDownError, match=says):
        post(scripted((status, body)))
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 304, 402, 404, 405, 410, 426, 451])
def test_an_answer_that_every_contact_would_get_is_no_contacts_fault(scripted, status):
    with pytest.raises(OpenPhoneDownError, match="OPENPHONE_BASE_URL"):
        post(scripted((status, FLAT, ("Location", "/elsewhere"))))


@pytest.mark.parametrize("answer", [(200, b"<html>It works!</html>"), (201, b"{")])
def test_a_success_that_is_not_json_is_asked_for_again(scripted, answer):
    assert post(scripted(answer, (201, {"data": 1}))).data == 1


@pytest.mark.parametrize(
    "body", [b"", {}, [], "ok", {"data": None}, {"data": {}}, {"data": {"id": None}}, {"data": []}]
)
def test_a_success_without_a_contact_is_not_taken_for_one(scripted, body):
    with pytest.raises(OpenPhoneDownError, match="OPENPHONE_BASE_URL"):
        push(scripted((201, body)), StageClock(), CONTACT, None)


def test_a_new_contact_is_created_under_its_uuid(scripted, server):
    assert push(scripted((201, {"data": theirs()})), StageClock(), CONTACT, None) == "theirs-1"
    [(method, path, body)] = server.asked
    assert (method, path, body["externalId"]) == ("POST", "/v1/contacts", str(CONTACT["id"]))
    assert body["defaultFields"] == {
        "firstName": "Ada",
        "lastName": None,
        "company": None,
        "role": "Dr",
        "emails": [{"name": "email", "value": "a@b.co"}],
        "phoneNumbers": [{"name": "phone", "value": "+14045550123"}],
    }


def test_a_known_contact_is_replaced_and_made_again_where_it_was_deleted(scripted, server):
    assert push(scripted((200, {"data": theirs()})), StageClock(), CONTACT, "theirs-1") == "theirs-1"
    assert [asked[:2] for asked in server.asked] == [("PATCH", "/v1/contacts/theirs-1")]
    client = scripted((404, FLAT), (201, {"data": theirs() | {"id": "theirs-2"}}))
    assert push(client, StageClock(), CONTACT, "theirs-1") == "theirs-2"
    assert [asked[0] for asked in server.asked] == ["PATCH", "POST"]


def test_a_taken_external_id_leads_to_the_contact_that_has_it(scripted, server):
    listed = (200, {"data": [theirs()], "totalItems": 1, "nextPageToken": None})
    assert push(scripted((409, FLAT), listed), StageClock(), CONTACT, None) == "theirs-1"
    assert server.asked[1][:2] == ("GET", f"/v1/contacts?externalIds={CONTACT['id']}&maxResults=50")
    assert len(server.asked) == 2


@pytest.mark.parametrize("fields", [{"firstName": "Bo"}, {"emails": []}, {"role": None}, {"phoneNumbers": None}])
def test_a_taken_external_id_with_other_fields_is_replaced_as_a_whole(scripted, server, fields):
    listed = (200, {"data": [theirs(**fields)]})
    assert push(scripted((409, FLAT), listed, (200, {"data": theirs()})), StageClock(), CONTACT, None) == "theirs-1"
    assert server.asked[2] == ("PATCH", "/v1/contacts/theirs-1", payload(CONTACT))


def test_another_ones_contact_is_never_overwritten_though_the_search_returns_it(scripted, server):
    others = (200, {"data": [theirs() | {"externalId": "another", "id": "theirs-9"}, None, "x"]})
    with pytest.raises(CallFailedError, match="does not list it"):
        push(scripted((409, FLAT), others, (409, FLAT), others), StageClock(), CONTACT, None)
    assert [asked[0] for asked in server.asked] == ["POST", "GET", "POST", "GET"]


def test_a_contact_deleted_between_conflict_and_search_is_made_again(scripted, server):
    gone = (200, {"data": []})
    assert push(scripted((409, FLAT), gone, (201, {"data": theirs()})), StageClock(), CONTACT, None) == "theirs-1"


def test_an_api_that_can_not_be_reached_is_down(scripted):
    nobody = Client("http://127.0.0.1:9", "key", timeout=1, max_attempts=2, throttle=Unlimited())
    with pytest.raises(OpenPhoneDownError, match="ConnectionError"):
        post(nobody)


def test_waiting_for_the_limit_is_not_the_apis_time(scripted):
    class Slow:
        def wait(self, _):
            clock.seconds["limit"] += 100

    clock = StageClock()
    client = scripted((201, {"data": 1}))
    client._throttle = Slow()
    with clock.stage("openphone"):
        client.call("POST", "/v1/contacts", clock)
    assert clock.seconds["limit"] > 100 > clock.seconds["openphone"]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("0", 0),
        ("7", 7),
        ("1.5", 1.5),
        ("-3", 0),
        ("nan", 0),
        ("inf", RETRY_AFTER_MAX_SECONDS),
        ("99999", RETRY_AFTER_MAX_SECONDS),
        ("soon", 0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Wed, 21 Oct 2015 07:28:00", 0),
        ("Fri, 31 Dec 9999 23:59:59 -9959", 0),
        pytest.param(
            format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True), RETRY_AFTER_MAX_SECONDS, id="tomorrow"
        ),
    ],
)
def test_retry_after_is_read_in_both_forms_and_bounded(value, seconds):
    assert retry_after(value) == seconds


@given(st.text())
def test_no_retry_after_makes_the_client_stumble(value):
    assert 0 <= retry_after(value) <= RETRY_AFTER_MAX_SECONDS


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (FLAT, "No. (0800409)"),
        (NESTED, "No. (Unauthorized)"),
        ({"message": "No."}, "No."),
        ({"title": "Conflict"}, "Conflict"),
        ({}, "no reason given"),
        (None, "no reason given"),
        ([], "no reason given"),
        ("No.", "no reason given"),
        ({"error": "invalid_token"}, "no reason given"),
        ({"message": "Bad", "errors": [{"path": "/a", "message": "too long"}, None, {}]}, "Bad; /a too long; "),
        ({"message": "Bad", "errors": {"path": "/a"}}, "Bad"),
        ({"message": "a\0b\ud800"}, "a\u2400b?"),
        ({"message": "x" * 1000}, "x" * 500),
    ],
)
def test_both_of_the_vendors_error_envelopes_are_understood(body, text):
    assert message_of(body) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "errors", "message", "code", "key", "path", "x"]), inner, max_size=4
        )
    ),
)


@given(JSON)
def test_no_error_body_makes_the_client_stumble_and_postgresql_can_hold_what_it_says(body):
    text = message_of(body)
    assert len(text) <= 500
    assert "\0" not in text
    text.encode()
