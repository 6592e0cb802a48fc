import base64
from uuid import UUID, uuid4

import pytest
from flask import Flask

from app.problem import Problem
from app.web.pages import cursor, limit, next_cursor


@pytest.fixture
def asked():
    def request(**query):
        return Flask("pages").test_request_context(query_string=query)

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
        encoded(f"contact:{uuid4()}x"),
        base64.urlsafe_b64encode(b"contact:\xff").decode(),
        encoded("contact:" + "9" * 5000),
    ],
)
def test_a_cursor_that_was_never_given_out_is_a_problem_of_the_client(asked, raw):
    with asked(cursor=raw), pytest.raises(Problem) as problem:
        cursor("contact", UUID)
    assert (problem.value.status, problem.value.kind) == (400, "bad-cursor")


@pytest.mark.parametrize("raw", ["import:x", "import:", "import:1.5", "import:" + "9" * 5000, f"contact:{uuid4()}"])
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
