import json

import pytest
import requests

from loadtest.client.errors import NoAnswerError
from loadtest.client.server import Answer, Server, _answer
from loadtest.stack.ports import HOST, free_port

ID = "0f4bd22c-4d4b-4a09-9a0c-0a6a2d4f9f5e"
REPORT = {"id": ID, "status": "running", "rows_total": 3, "rows_done": 1}
JSON = {"Content-Type": "application/json"}
PROBLEM = {"Content-Type": "application/problem+json"}


def reply(status, headers=(), body=b""):
    made = requests.Response()
    made.status_code = status
    made.headers.update(headers)
    made._content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return made


@pytest.mark.parametrize(
    ("status", "headers", "body", "found"),
    [
        (200, JSON, REPORT, Answer(200, REPORT, ID, None, "HTTP 200")),
        (202, JSON, REPORT, Answer(202, REPORT, ID, None, "HTTP 202")),
        (202, {"Location": f"/api/imports/{ID}"}, b"", Answer(202, None, ID, None, "HTTP 202")),
        (202, {"Location": f"https://x/api/imports/{ID}", **JSON}, {"id": ID}, Answer(202, None, ID, None, "HTTP 202")),
        (409, PROBLEM, {"detail": "Row 2.", "import": REPORT}, Answer(409, REPORT, ID, None, "HTTP 409: Row 2.")),
        (400, PROBLEM, {"detail": "No."}, Answer(400, None, None, None, "HTTP 400: No.")),
        (429, {"Retry-After": "7", **PROBLEM}, {"detail": "Later."}, Answer(429, None, None, 7, "HTTP 429: Later.")),
        (503, {"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}, b"", Answer(503, None, None, None, "HTTP 503")),
        (500, {"Content-Type": "text/html"}, b"<html>", Answer(
            500, None, None, None, "HTTP 500: the worker was killed, most likely at its timeout")),
        (200, JSON, b'{"id": ', Answer(200, None, None, None, "HTTP 200")),
        (200, JSON, [], Answer(200, None, None, None, "HTTP 200")),
        (200, {"Content-Type": "text/html"}, b"<html>", Answer(200, None, None, None, "HTTP 200")),
        (308, {"Location": "https://x/api/imports"}, b"", Answer(
            308, None, None, None, "HTTP 308: moved to https://x/api/imports; name that server with --url")),
        (502, PROBLEM, {"detail": 5}, Answer(502, None, None, None, "HTTP 502")),
    ],
)  # fmt: skip
def test_what_an_answer_tells(status, headers, body, found):
    assert _answer(reply(status, headers, body)) == found


def test_nobody_there_is_no_answer():
    with pytest.raises(NoAnswerError) as error:
        Server(f"http://{HOST}:{free_port()}", "key", 5).show(ID)
    assert error.value.saw == "refused"


def test_the_key_is_sent_whatever_netrc_says(monkeypatch, tmp_path):
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine crm.example.com login me password secret")
    monkeypatch.setenv("NETRC", str(netrc))
    sent = []

    def send(self, request, **_):
        sent.append(request.headers["Authorization"])
        return reply(200, JSON, REPORT)

    monkeypatch.setattr(requests.Session, "send", send)
    Server("http://crm.example.com", "tl_x", 5).show(ID)
    assert sent == ["Bearer tl_x"]
