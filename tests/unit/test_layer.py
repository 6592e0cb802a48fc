from datetime import datetime

import pytest

from loadtest.sizing.drive import Upload
from loadtest.sizing.layer import attribute, killed_by, worker_timeouts
from loadtest.sizing.record import Sample

PROBLEM = "urn:timeoutlab:problem:"


def at(clock):
    return datetime.fromisoformat(f"2026-11-23T{clock}+00:00").timestamp()


def upload(saw, problem=None, began="16:00:10.000", seconds=14.0):
    status = int(saw) if saw.isdigit() else None
    return Upload(Sample("kill-1000", "import 1000 rows", at(began), seconds, status, saw), problem)


# An import that worker 101 began at 10.050 and was killed at after 13 s; its client saw the end at 24.000.
KILLED = """\
2026-11-23T16:00:01.000Z [100] INFO Listening at: http://127.0.0.1:20001 (100)
2026-11-23T16:00:01.500Z [101] INFO Booting worker with pid: 101
{"event": "import started", "timestamp": "2026-11-23T16:00:10.060Z"}
2026-11-23T16:00:10.050Z [101] INFO request started POST /api/imports
2026-11-23T16:00:10.150Z [102] INFO request started GET /api/imports
2026-11-23T16:00:23.600Z [100] CRITICAL WORKER TIMEOUT (pid:101)
2026-11-23T16:00:23.601Z [101] ERROR Error handling request /api/imports
Traceback (most recent call last):
  File "x.py", line 1, in <module>
SystemExit: 1
2026-11-23T16:00:23.990Z [103] INFO Booting worker with pid: 103
"""
QUIET = """\
2026-11-23T16:00:10.050Z [101] INFO request started POST /api/imports
2026-11-23T16:00:24.000Z [101] INFO 127.0.0.1 POST /api/imports 500
"""


def test_a_worker_timeout_is_timed_from_the_start_of_its_workers_import():
    (found,) = worker_timeouts(KILLED)
    assert found.pid == 101
    assert found.line == "2026-11-23T16:00:23.600Z [100] CRITICAL WORKER TIMEOUT (pid:101)"
    assert found.at == at("16:00:23.600")
    assert found.after_seconds == pytest.approx(13.55)


def test_a_resume_is_an_import_too():
    (found,) = worker_timeouts(KILLED.replace("POST /api/imports", "POST /api/imports/5c1e/resume"))
    assert found.after_seconds == pytest.approx(13.55)


def test_a_worker_that_was_at_something_else_by_then_was_not_killed_at_its_import():
    log = """\
2026-11-23T16:00:10.050Z [101] INFO request started POST /api/imports
2026-11-23T16:00:12.000Z [101] INFO request started GET /api/contacts
2026-11-23T16:00:23.600Z [100] CRITICAL WORKER TIMEOUT (pid:101)
"""
    (found,) = worker_timeouts(log)
    assert (found.request_began_at, found.after_seconds) == (None, None)


def test_a_new_worker_with_an_old_ones_pid_has_begun_nothing():
    log = KILLED + "2026-11-23T16:01:23.600Z [100] CRITICAL WORKER TIMEOUT (pid:101)\n"
    assert [found.request_began_at is None for found in worker_timeouts(log)] == [False, True]


@pytest.mark.parametrize(
    "log",
    [
        "",
        "no such format",
        "2026-11-23T16:00:23Z WORKER TIMEOUT (pid:101)",
        '{"event": "2026-11-23T16:00:23.600Z [100] CRITICAL WORKER TIMEOUT (pid:101)"}',
        "  2026-11-23T16:00:23.600Z [100] CRITICAL WORKER TIMEOUT (pid:101)",  # in a traceback
    ],
)
def test_what_is_no_line_of_the_arbiter_is_no_worker_timeout(log):
    assert worker_timeouts(log) == []


@pytest.mark.parametrize("saw", ["500", "502", "eof", "reset"])
def test_whatever_a_client_sees_of_a_killed_worker_is_gunicorns_with_the_line_that_says_so(saw):
    assert attribute(upload(saw), KILLED) == (
        "gunicorn",
        "2026-11-23T16:00:23.600Z [100] CRITICAL WORKER TIMEOUT (pid:101)",
    )


@pytest.mark.parametrize(
    ("began", "seconds", "why"),
    [
        ("16:00:05.000", 3.0, "the client had its answer before the worker was killed"),
        ("16:00:05.000", 5.2, "the client had its answer before the worker was killed"),
        ("16:00:12.000", 12.0, "the worker began its import before this client sent anything"),
        ("16:00:10.000", 60.0, "the client waited on for long after the kill"),
        ("16:01:00.000", 14.0, "it was another minute's import"),
    ],
)
def test_a_worker_timeout_of_another_request_is_not_this_ones(began, seconds, why):
    other = upload("500", began=began, seconds=seconds)
    assert killed_by(other.sample, KILLED) is None, why
    layer, detail = attribute(other, KILLED)
    assert layer == "gunicorn"
    assert detail == "the client saw 500, and no WORKER TIMEOUT of it is in the log"


def test_a_worker_timeout_at_something_else_is_not_the_imports():
    log = """\
2026-11-23T16:00:10.050Z [101] INFO request started POST /api/imports
2026-11-23T16:00:11.000Z [102] INFO request started GET /api/contacts
2026-11-23T16:00:23.600Z [100] CRITICAL WORKER TIMEOUT (pid:102)
"""
    assert killed_by(upload("eof").sample, log) is None
    assert attribute(upload("eof"), log)[1] == "the client saw eof, and no WORKER TIMEOUT of it is in the log"


def test_of_two_imports_that_were_killed_each_gets_its_own_line():
    log = """\
2026-11-23T16:00:10.050Z [101] INFO request started POST /api/imports
2026-11-23T16:00:12.050Z [102] INFO request started POST /api/imports
2026-11-23T16:00:23.600Z [100] CRITICAL WORKER TIMEOUT (pid:101)
2026-11-23T16:00:25.600Z [100] CRITICAL WORKER TIMEOUT (pid:102)
"""
    assert killed_by(upload("500", seconds=13.9).sample, log).pid == 101
    assert killed_by(upload("500", began="16:00:12.000", seconds=13.9).sample, log).pid == 102
    assert killed_by(upload("500", seconds=15.9).sample, log).pid == 102, "begun together, ended later"


def test_an_app_that_says_itself_what_went_wrong_was_not_killed():
    assert attribute(upload("500", PROBLEM + "internal"), KILLED) == (
        "gunicorn",
        "the app answered 500 (internal), and no WORKER TIMEOUT of it is in the log",
    )


def test_a_worker_stuck_in_c_dies_two_seconds_after_the_line():
    assert killed_by(upload("eof", seconds=15.7).sample, KILLED).pid == 101


@pytest.mark.parametrize(
    ("saw", "layer"), [("504", "nginx"), ("524", "gateway"), ("timeout", "client"), ("refused", "stack")]
)
@pytest.mark.parametrize("log", [KILLED, QUIET, ""])
def test_who_gave_up_before_the_worker_ended_is_told_by_what_the_client_saw(saw, layer, log):
    assert attribute(upload(saw), log) == (layer, f"the client saw {saw}")


def test_a_bad_gateway_is_gunicorns_only_if_a_worker_was_killed():
    assert attribute(upload("502"), QUIET) == ("nginx", "the client saw 502")
    assert attribute(upload("502"), KILLED)[0] == "gunicorn"


@pytest.mark.parametrize(
    ("problem", "layer"),
    [("openphone-unavailable", "openphone"), ("database-unavailable", "postgresql"), ("busy", "postgresql")],
)
@pytest.mark.parametrize("log", [KILLED, QUIET])
def test_a_problem_that_names_its_layer_is_believed(problem, layer, log):
    assert attribute(upload("503", PROBLEM + problem), log) == (layer, f"the app answered 503 ({problem})")


def test_a_statement_timeout_is_postgresqls():
    log = QUIET + '{"code": "57014", "error": "canceling statement due to statement timeout", "level": "error"}\n'
    assert attribute(upload("503", PROBLEM + "database-unavailable"), log)[0] == "postgresql"


@pytest.mark.parametrize(
    ("saw", "problem", "said"),
    [
        ("400", "missing-columns", "the app answered 400 (missing-columns)"),
        ("401", "unauthorized", "the app answered 401 (unauthorized)"),
        ("422", "no-importable-row", "the app answered 422 (no-importable-row)"),
        ("413", None, "the client saw 413"),
        ("202", None, "the client saw 202: it was not finished within the request"),
    ],
)
def test_what_the_app_refused_or_left_is_validation_even_when_another_worker_was_killed(saw, problem, said):
    assert attribute(upload(saw, problem and PROBLEM + problem), KILLED) == ("validation", said)


@pytest.mark.parametrize(
    ("saw", "problem", "said"),
    [
        ("eof", None, "the client saw eof"),
        ("reset", None, "the client saw reset"),
        ("500", None, "the client saw 500"),
        ("500", PROBLEM + "internal", "the app answered 500 (internal)"),
        ("503", None, "the client saw 503"),
    ],
)
def test_without_a_line_that_says_so_nobody_is_called_killed(saw, problem, said):
    layer, detail = attribute(upload(saw, problem), QUIET)
    assert layer == "gunicorn"
    assert detail == f"{said}, and no WORKER TIMEOUT of it is in the log"
