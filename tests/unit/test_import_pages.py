import base64
from uuid import UUID, uuid4

import pytest
from flask import Flask

from app.problem import Problem
from app.web.pages import cursor, filters, limit, next_cursor, page, phone, uuid

KEY = UUID("0192f0c1-7e5a-4b57-9d0e-3f6a1c2b4d5e")  # no new one: several processes must find tests of the same names


@pytest.fixture
def asked():
    def request(query_string="", **query):
        return Flask("pages").test_request_context(query_string=query_string or query)

    return request


def encoded(text):
    return base64.urlsafe_b64encode(text.encode()).decode()


def test_a_cursor_goes_on_behind_the_key_it_was_made_of(asked):
    key = uuid4()
    with asked(cursor=next_cursor("contact", key)):
        assert cursor("contact", UUID) == key
    with asked(cursor=next_cursor("import", 0)):
        assert cursor("import", int) == 0
    with asked():
        assert cursor("import", int) is None


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "x",
        "é",
        "====",
        encoded("contact"),
        encoded("contact:"),
        encoded("contact:nope"),
        encoded("import:7"),
        encoded(f"contact:{KEY}x"),
        base64.urlsafe_b64encode(b"contact:\xff").decode(),
        encoded("contact:" + "9" * 5000),
    ],
)
def test_a_cursor_that_was_never_given_out_is_a_problem_of_the_client(asked, raw):
    with asked(cursor=raw), pytest.raises(Problem) as problem:
        cursor("contact", UUID)
    assert (problem.value.status, problem.value.kind) == (400, "bad-cursor")


@pytest.mark.parametrize("raw", ["import:x", "import:", "import:1.5", "import:" + "9" * 5000, f"contact:{KEY}"])
def test_a_cursor_of_imports_is_a_number(asked, raw):
    with asked(cursor=encoded(raw)), pytest.raises(Problem) as problem:
        cursor("import", int)
    assert problem.value.kind == "bad-cursor"


@pytest.mark.parametrize(("raw", "size"), [("1", 1), ("50", 50), ("500", 500), ("007", 7)])
def test_a_page_may_have_1_to_500_items(asked, raw, size):
    with asked(limit=raw):
        assert limit() == size


@pytest.mark.parametrize("raw", ["", "0", "501", "-1", "+5", "1e2", "1_0", " 5", "\uff15", "9" * 5000])
def test_any_other_size_is_refused(asked, raw):
    with asked(limit=raw), pytest.raises(Problem) as problem:
        limit()
    assert (problem.value.status, problem.value.kind) == (400, "bad-option")


def test_a_page_has_50_items_unless_told_otherwise(asked):
    with asked():
        assert limit() == 50


@pytest.mark.parametrize(("found", "shown", "more"), [(0, 0, False), (1, 1, False), (2, 2, False), (3, 2, True)])
def test_one_item_more_than_a_page_may_have_says_that_it_goes_on(found, shown, more):
    items = [{"id": number} for number in range(found)]
    assert page("import", items, 2) == (items[:shown], next_cursor("import", 1) if more else None)


def test_the_filters_that_are_given_are_found_beside_limit_and_cursor(asked):
    with asked(list="a b ", limit="5", cursor="x"):
        assert filters("list", "phone") == {"list": "a b "}
    with asked():
        assert filters("list", "phone") == {}


@pytest.mark.parametrize(
    ("query", "kind", "said"),
    [
        ("lst=a", "unknown-option", "There is no parameter lst; there are: list, phone, limit, cursor."),
        ("b=1&a=2&list=x", "unknown-option", "There is no parameter a, b;"),
        ("%00=1", "unknown-option", "there are: list"),
        ("LIST=a", "unknown-option", "no parameter LIST"),
        ("list=a&list=b", "bad-option", "list is given 2 times"),
        ("limit=1&limit=2", "bad-option", "limit is given 2 times"),
        ("list=", "bad-option", "list is empty"),
        ("list=%20", "bad-option", "list is empty"),
        ("list=a%00b", "bad-option", "list holds a NUL character"),
    ],
)
def test_a_query_that_cant_be_meant_is_refused(asked, query, kind, said):
    with asked(query), pytest.raises(Problem) as problem:
        filters("list", "phone")
    assert (problem.value.status, problem.value.kind) == (400, kind)
    assert said in problem.value.detail


@pytest.mark.parametrize(
    ("raw", "region", "number"),
    [
        ("+14045550123", "US", "+14045550123"),
        (" 14045550123", "US", "+14045550123"),  # "+" as it stands in a URL
        (" 14045550123", "DE", "+14045550123"),
        (" 1 (404) 555-0123", "DE", "+14045550123"),
        (" 4930901820", "US", "+4930901820"),
        (" (404) 555-0123 ", "US", "+14045550123"),
        ("404.555.0123", "US", "+14045550123"),
        ("4045550123.0", "US", "+14045550123"),
        ("030 901820", "DE", "+4930901820"),
    ],
)
def test_a_phone_is_found_in_any_spelling(raw, region, number):
    assert phone("phone", raw, region) == number


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("5550123", "area code"),
        (" 5550123", "area code"),
        ("nobody", "not a phone number"),
        ("+", "not a phone number"),
    ],
)
def test_what_is_no_phone_is_refused_and_why(raw, said):
    with pytest.raises(Problem) as problem:
        phone("contact", raw, "US")
    assert (problem.value.status, problem.value.kind) == (400, "bad-option")
    assert problem.value.detail.startswith(f"contact is {raw!r}: ")
    assert said in problem.value.detail
    assert not problem.value.detail.endswith("..")


@pytest.mark.parametrize("raw", ["7", "x" * 5000, "\uff15", "00000000-0000-0000-0000-00000000000g"])
def test_an_id_that_is_none_is_refused_and_the_way_to_one_shown(raw):
    with pytest.raises(Problem) as problem:
        uuid("import", raw, "GET /api/imports lists them.")
    assert (problem.value.status, problem.value.kind) == (400, "bad-option")
    assert problem.value.detail.endswith("; it must be a UUID. GET /api/imports lists them.")
    assert len(problem.value.detail) < 250
