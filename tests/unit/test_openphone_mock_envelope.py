import json

import pytest

from loadtest.openphone import envelope
from loadtest.openphone.limiter import Limit

CREATE, FIELDS = "POST /v1/contacts", "GET /v1/contact-custom-fields"


def test_the_flat_envelope_is_the_documents():
    reply = envelope.error("flat", CREATE, 409, "twice")
    assert (reply.status, json.loads(reply.body)) == (
        409,
        {
            "message": "twice",
            "code": "0800409",
            "status": 409,
            "docs": "https://openphone.com/docs",
            "title": "Conflict",
        },
    )


def test_the_nested_envelope_has_message_key_and_trace():
    body = json.loads(envelope.error("nested", CREATE, 401, "who are you").body)
    assert (body["error"]["message"], body["error"]["key"]) == ("who are you", "Unauthorized")
    assert body.keys() == {"error"}
    assert body["error"]["trace"]


@pytest.mark.parametrize(
    ("route", "status", "code", "title"),
    [
        (CREATE, 400, "0801400", "Invalid Custom Field Item"),
        (CREATE, 403, "0801403", "Not Phone Number User"),
        (CREATE, 500, "0801500", "Unknown"),
        (FIELDS, 400, "0700400", "Bad Request"),
        (FIELDS, 500, "0701500", "Unknown"),
        (CREATE, 503, "0800503", "Service Unavailable"),
        (CREATE, 599, "0800599", "Unknown"),
        (None, 404, "0800404", "Not Found"),
    ],
)
def test_every_status_has_a_code_and_a_title(route, status, code, title):
    body = json.loads(envelope.error("flat", route, status, "x").body)
    assert (body["code"], body["title"], body["status"]) == (code, title, status)


def test_a_429_comes_in_the_shape_that_was_set():
    bodies = {shape: envelope.too_many(Limit(body=shape), CREATE).body for shape in ("flat", "nested", "empty", "text")}
    assert json.loads(bodies["flat"])["status"] == 429
    assert json.loads(bodies["nested"])["error"]["key"] == "TooManyRequests"
    assert bodies["empty"] == b""
    assert bodies["text"] == b"Too Many Requests"


def test_retry_after_is_sent_only_when_set():
    assert "Retry-After" not in envelope.too_many(Limit(), CREATE).headers
    assert envelope.too_many(Limit(retry_after=0), CREATE).headers["Retry-After"] == "0"
