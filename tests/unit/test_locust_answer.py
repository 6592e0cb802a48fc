import json
import socket
from threading import Thread

import pytest
import requests

from loadtest.scenarios.answer import Cut, facts, saw
from loadtest.scenarios.form import fields


@pytest.fixture
def server():
    """`server(reply, reset=False)`: the URL of one that reads a request, sends the bytes, and hangs up."""
    opened = []

    def serve(reply, *, reset=False, hold=False):
        listening = socket.create_server(("127.0.0.1", 0))
        opened.append(listening)

        def answer():
            connection, _ = listening.accept()
            opened.append(connection)
            connection.recv(65536)
            connection.sendall(reply)
            if reset:
                # with SO_LINGER at 0 seconds, closing sends RST
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            if not hold:
                connection.close()

        Thread(target=answer, daemon=True).start()
        return f"http://127.0.0.1:{listening.getsockname()[1]}"

    yield serve
    for each in opened:
        each.close()


def error_of(url, **options):
    with requests.Session() as session:
        session.trust_env = False
        with pytest.raises(requests.RequestException) as caught:
            session.get(url, **options)
    return caught.value


PART = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"


@pytest.mark.parametrize(
    ("reply", "how", "word"),
    [
        (b"", {}, "eof"),
        (PART, {}, "eof"),
        (b"", {"reset": True}, "reset"),
        (PART, {"reset": True}, "reset"),
        (b"", {"hold": True}, "timeout"),
        (PART, {"hold": True}, "timeout"),  # a ConnectionError to requests
    ],
)
def test_a_request_without_an_answer_is_called_what_its_client_saw(server, reply, how, word):
    assert saw(error_of(server(reply, **how), timeout=(5, 0.2))) == word


def test_nobody_listening_is_refused():
    with socket.socket() as held:  # bound, so nobody else gets the port; but not listening
        held.bind(("127.0.0.1", 0))
        assert saw(error_of(f"http://127.0.0.1:{held.getsockname()[1]}")) == "refused"


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (requests.exceptions.ConnectTimeout("x"), "timeout"),
        (requests.exceptions.ReadTimeout("x"), "timeout"),
        (requests.exceptions.ConnectionError("('Connection aborted.', BrokenPipeError(32, 'Broken pipe'))"), "reset"),
        (requests.exceptions.ConnectionError("('Connection aborted.', TimeoutError('timed out'))"), "timeout"),
        (requests.exceptions.ConnectionError("NameResolutionError(\"Failed to resolve 'nowhere'\")"), "refused"),
        (requests.exceptions.ConnectionError("NewConnectionError('Network is unreachable')"), "refused"),
        (requests.exceptions.ConnectionError("RemoteDisconnected('Remote end closed connection')"), "eof"),
        (None, "eof"),
    ],
)
def test_what_requests_wraps_is_read_by_its_words(error, word):
    assert saw(error) == word


def answered(body=b"", sent=b"a=1", **headers):
    response = requests.Response()
    response.status_code = 200
    response.headers = requests.structures.CaseInsensitiveDict(headers)
    response._content = body
    response.request = requests.Request("POST", "http://127.0.0.1/api/imports", data=sent).prepare()
    return response


def test_an_answer_tells_its_import_its_size_and_its_problem():
    told = facts(
        answered(
            json.dumps({"type": "urn:x:missing-columns"}).encode(),
            Location="http://127.0.0.1/api/imports/5c1e",
            **{"Content-Type": "application/problem+json; charset=utf-8"},
        ),
        400,
    )
    assert told == {"import_id": "5c1e", "request_bytes": 3, "problem": "urn:x:missing-columns"}


@pytest.mark.parametrize("body", [b"", b'{"type": "urn:x', b"[]", b'"text"', b"null", b"{}", b'{"type": 5}', b"\xff"])
def test_a_problem_that_cannot_be_read_is_none_and_does_not_lose_the_sample(body):
    assert facts(answered(body, **{"Content-Type": "application/problem+json"}), 503)["problem"] is None


def test_a_page_of_html_is_no_problem():
    assert facts(answered(b"<h1>Bad Gateway</h1>", **{"Content-Type": "text/html"}), 502) == {
        "import_id": None, "request_bytes": 3, "problem": None,
    }  # fmt: skip


def test_without_an_answer_there_is_nothing_to_tell():
    assert facts(None, None) == {"import_id": None, "request_bytes": None, "problem": None}
    nothing = answered()
    nothing.request = None
    assert facts(nothing, 200)["request_bytes"] is None


@pytest.mark.parametrize(("kind", "group"), [("contacts", "list"), ("propertyradar", "list"), ("campaign", "campaign")])
def test_an_upload_names_its_kind_and_the_list_or_campaign_of_its_contacts(kind, group):
    assert fields(kind, "a name") == {"kind": kind, "mode": "sync", group: "a name"}


def test_a_request_that_its_own_client_cut_is_no_failure_of_the_server():
    assert saw(Cut("the load was stopped before the answer: Connection refused")) == "cut"
