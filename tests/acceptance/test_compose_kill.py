import time

import pytest
from operating import SAMPLE_CONTACTS

from loadtest.sizing.drive import Upload
from loadtest.sizing.layer import attribute
from loadtest.sizing.record import Sample

TIMEOUT = 3
WHOLE = ((SAMPLE_CONTACTS, SAMPLE_CONTACTS), (SAMPLE_CONTACTS, SAMPLE_CONTACTS))


@pytest.fixture(autouse=True, scope="module")
def cliff(checkout):
    """Nobody takes over before gunicorn's timeout, nor after it."""
    off = {"IMPORT_HANDOFF": "off", "IMPORT_AUTO_RESUME": "off"}
    checkout.env |= off
    yield
    for name in off:
        del checkout.env[name]


def attempted(checkout):
    """The answer to an upload, and the layer it failed in as the harness tells it from web's log."""
    [web] = checkout.containers("web")
    began, clock = time.time(), time.monotonic()
    answer = checkout.upload()
    sample = Sample(
        "acceptance", "import", began, time.monotonic() - clock, answer.status_code, str(answer.status_code)
    )
    is_problem = answer.headers["Content-Type"] == "application/problem+json"
    upload = Upload(sample, answer.json()["type"] if is_problem else None)
    return answer, attribute(upload, web.logs().decode())


def finished(checkout):
    """Resumes the import until it is done; each attempt may be killed and gets further."""
    for _ in range(12):
        answer = checkout.resume(checkout.newest()["id"])
        if answer.status_code == 200:
            return answer.json()
        time.sleep(1)
    raise AssertionError(checkout.newest())


def test_a_worker_that_gunicorn_kills_at_work_is_a_500_through_nginx_and_gunicorns(checkout):
    checkout.up(GUNICORN_TIMEOUT=str(TIMEOUT), GUNICORN_WORKERS="2")
    checkout.empty()
    checkout.profile(latency={"kind": "fixed", "ms": 10})
    answer, (layer, detail) = attempted(checkout)
    assert answer.status_code == 500
    assert layer == "gunicorn"
    assert "WORKER TIMEOUT" in detail
    assert finished(checkout)["rows_total"] == 1000
    assert checkout.both_sides() == WHOLE


def test_a_worker_that_is_killed_without_a_word_is_nginxs_502_and_gunicorns_kill(checkout):
    # The statement timeout is above gunicorn's: the worker is stuck in a query and has to be shot.
    checkout.up(GUNICORN_TIMEOUT=str(TIMEOUT), GUNICORN_WORKERS="2", DB_STATEMENT_TIMEOUT_MS="60000")
    checkout.empty()
    lock = "BEGIN; LOCK TABLE contacts; SELECT pg_sleep(9)"
    checkout.containers("db")[0].exec_run(
        ["psql", "-U", "timeoutlab", "-d", "timeoutlab", "-c", lock],
        environment={"PGPASSWORD": checkout.env["POSTGRES_PASSWORD"]},
        detach=True,
    )
    while not int(checkout.sql("SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock'")[0][0]):
        pass
    answer, (layer, detail) = attempted(checkout)
    assert answer.status_code == 502
    assert answer.json()["type"] == "urn:timeoutlab:problem:bad-gateway"
    assert layer == "gunicorn"
    assert "WORKER TIMEOUT" in detail
    assert finished(checkout)["rows_total"] == 1000
    assert checkout.both_sides() == WHOLE


def test_an_nginx_that_waits_less_than_gunicorn_is_a_504_and_nginxs_and_the_import_goes_on(checkout):
    checkout.up(GUNICORN_TIMEOUT="60", NGINX_PROXY_READ_TIMEOUT="2")
    checkout.empty()
    checkout.profile(latency={"kind": "fixed", "ms": 5})
    answer, (layer, _) = attempted(checkout)
    assert answer.status_code == 504
    assert answer.json()["type"] == "urn:timeoutlab:problem:gateway-timeout"
    assert layer == "nginx"
    while checkout.newest()["status"] == "running":
        time.sleep(0.5)
    assert checkout.newest()["status"] == "completed_with_errors"
    assert checkout.both_sides() == WHOLE


def test_a_web_that_is_stopped_is_a_502_and_nginxs(checkout):
    del checkout.env["NGINX_PROXY_READ_TIMEOUT"]
    checkout.up()
    checkout.call("stop", "web")
    answer = checkout.upload()
    assert (answer.status_code, answer.json()["type"]) == (502, "urn:timeoutlab:problem:bad-gateway")
    [web] = checkout.containers("web")
    sample = Sample("acceptance", "import", time.time(), 0.1, 502, "502")
    assert attribute(Upload(sample, answer.json()["type"]), web.logs().decode())[0] == "nginx"
    checkout.call("start", "web")
    checkout.until_healthy()
    checkout.empty()
    assert checkout.upload().status_code == 200
