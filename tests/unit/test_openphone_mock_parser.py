from collections import deque
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.openphone.http.parser import Parser
from loadtest.openphone.http.request import Request

STREAM = (
    b"POST /v1/contacts HTTP/1.1\r\nAuthorization: one\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\nhello"
    b"PATCH /v1/contacts/%7Eid HTTP/1.1\r\nAuthorization: two\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
    b"GET /v1/contacts?externalIds=a HTTP/1.0\r\nAUTHORIZATION:  three \r\n\r\n"
)


def parsed(pieces):
    requests = deque()
    parser = Parser(requests)
    for piece in pieces:
        parser.feed(memoryview(piece))
    return [
        (each.method, each.path, each.key, each.body, each.complete, each.old, each.keep_alive, each.expects_continue)
        for each in requests
    ]


@given(st.lists(st.integers(1, len(STREAM)), max_size=8))
def test_a_stream_means_the_same_however_it_is_cut(cuts):
    edges = [0, *sorted(cuts), len(STREAM)]
    assert parsed(STREAM[start:end] for start, end in pairwise(edges) if start < end) == [
        ("POST", "/v1/contacts", "one", b"hello", True, False, True, True),
        ("PATCH", "/v1/contacts/~id", "two", b"hello", True, False, True, False),
        ("GET", "/v1/contacts", "three", b"", True, True, False, False),
    ]


def test_what_follows_a_request_that_is_none_is_not_read():
    requests = deque()
    parser = Parser(requests)
    for piece in (b"rubbish\r\n\r\n", STREAM):
        parser.feed(piece)
    assert [request.refused for request in requests] == [400]


def test_the_first_of_two_keys_counts():
    assert [each[2] for each in parsed([b"GET / HTTP/1.1\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n"])] == ["a"]


def test_no_more_of_a_body_is_kept_than_the_limit():
    requests = deque()
    parser = Parser(requests)
    parser.feed(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(50):
        parser.feed(b"%x\r\n%b\r\n" % (10_000, b" " * 10_000))
    assert requests[0].too_large
    assert len(requests[0].body) == 260_000


@pytest.mark.parametrize(
    ("target", "query"),
    [
        ("/x", {}),
        ("/x?", {}),
        ("/x?a=1&a=2&b=", {"a": ["1", "2"], "b": [""]}),
        ("/x?a=%41+b%26#a=3", {"a": ["A b&"]}),
    ],
)
def test_a_query_has_every_value_of_a_parameter(target, query):
    request = Request()
    request.target = target
    assert request.query == query
