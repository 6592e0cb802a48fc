from types import SimpleNamespace

import pytest

from app.gunicorn_hooks import pre_request


def logged(*headers):
    lines = []
    worker = SimpleNamespace(log=SimpleNamespace(info=lambda message, *values: lines.append(message % values)))
    # gunicorn's: names in capitals, values as they came
    pre_request(worker, SimpleNamespace(method="POST", path="/api/imports", headers=list(headers)))
    [line] = lines
    return line


def test_a_request_is_logged_with_its_id():
    assert logged(("HOST", "x"), ("X-REQUEST-ID", "a-1.b_C")) == "request started POST /api/imports id=a-1.b_C"


@pytest.mark.parametrize("given", ["", "two words", "line\nbreak", "x" * 65, "é"])
def test_an_id_that_would_spoil_the_log_is_left_out(given):
    assert logged(("X-REQUEST-ID", given)) == "request started POST /api/imports"


def test_a_request_without_an_id_is_logged_without_one():
    assert logged(("HOST", "x")) == "request started POST /api/imports"
