import math
import os

import pytest

from benchmarks.counts import WrongCountError
from benchmarks.mocks import bench, figures, servers, text
from benchmarks.mocks.messages import SCRIPTS, Messages
from loadtest.errors import UsageError


def rate(number, server="mock", per_second=7000.0, cpu_us=40.0, busy=1.0, script="create"):
    return figures.Rate(number, server, script, per_second, cpu_us, busy, 0.5, {"201": 10})


def late(number=1, asked=20.0, p50=0.2, p99=1.0, most=3.0, lag=0.1):
    return figures.Lateness(number, asked, p50, p99, most, lag, {"201": 10})


def counted(**more):
    counters = {"requests": 10, "by_status": {"200": 6, "201": 4}, "no_reply": 0, "in_flight": 0, "created": 4}
    return {"by_status": {"200": 6, "201": 4}, "lost": 0, **more}, counters


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1), (0.501, 51)])
def test_a_percentile_is_a_value_that_was_seen(share, value):
    assert figures.percentile(range(100, 0, -1), share) == value


def test_without_a_reply_no_latency_was_kept_to():
    assert figures.percentile([], 0.99) == math.inf


def test_a_rate_is_of_the_window_and_its_cpu_of_each_answer():
    found = {"answers": 12_000, "seconds": 1.5, "server_cpu": 1.2, "generator_cpu": 0.6, "by_status": {"201": 14_000}}
    measured = figures.Rate.of(3, "mock", "create", found)
    assert (measured.per_second, measured.cpu_us, measured.busy, measured.generator_busy) == (8000, 100, 0.8, 0.4)
    assert (measured.round, measured.by_status) == (3, {"201": 14_000})


def test_too_early_is_as_wrong_as_too_late():
    found = {"latencies": [0.019, 0.0205, 0.023], "lags": [0.0001, 0.0004], "by_status": {"201": 3}}
    measured = figures.Lateness.of(1, 20.0, found)
    assert (measured.p50_ms, measured.p99_ms, measured.most_ms, measured.lag_p99_ms) == (1.0, 3.0, 3.0, 0.4)


def test_the_round_in_the_middle_counts_and_of_two_the_lower():
    rates = [rate(n, per_second=value) for n, value in enumerate((9000.0, 5000.0, 7000.0))]
    assert figures.rate_of(rates, "mock", "create").per_second == 7000
    assert figures.rate_of(rates[:2], "mock", "create").per_second == 5000
    assert figures.rate_of(rates, "prism", "create") is None


def test_ratios_are_by_cpu_time_and_within_a_round():
    rates = [
        *(rate(1, cpu_us=40.0), rate(1, "bare", cpu_us=20.0), rate(1, "prism", cpu_us=800.0)),
        *(rate(2, cpu_us=100.0), rate(2, "bare", cpu_us=60.0)),
        *(rate(3, cpu_us=40.0), rate(3, "bare", cpu_us=4.0), rate(3, script="lives", cpu_us=1.0)),
        rate(4, "bare", cpu_us=1.0),  # a round that ended early
    ]
    assert figures.ratios(rates) == {"creates_over_bare": 0.5, "creates_over_prism": 20.0}
    assert figures.ratios([rate(1)]) == {}


def test_lateness_is_a_median_of_rounds_and_the_worst_reply_of_all():
    found = [late(n, p99=value, most=value * 2) for n, value in enumerate((1.0, 9.0, 2.0))]
    assert figures.lateness_of([*found, late(asked=5.0, p99=50.0)], 20.0) == {
        "p50_ms": 0.2,
        "p99_ms": 2.0,
        "most_ms": 18.0,
        "lag_p99_ms": 0.1,
    }


@pytest.mark.parametrize(
    ("rates", "lateness", "verdict"),
    [
        ([rate(1, per_second=6000.0)], [late(p99=2.0)], "pass"),
        ([rate(1, per_second=5999.0)], [late()], "fail"),
        ([rate(1, per_second=5999.0, busy=0.5)], [late()], "inconclusive"),  # it did not have its core
        ([rate(1, per_second=9000.0, busy=0.5)], [late()], "pass"),
        ([rate(1), rate(1, "bare", per_second=10.0), rate(1, script="lives", per_second=10.0)], [late()], "pass"),
        ([rate(1)], [late(p99=2.01)], "fail"),
        ([rate(1)], [late(p99=2.01, lag=0.6)], "inconclusive"),  # the generator was late, too
        ([rate(1)], [late(), late(asked=100.0, p99=2.01)], "fail"),
        ([rate(1, per_second=5999.0)], [late(p99=2.01, lag=0.6)], "fail"),
        ([rate(1)], [], "pass"),
    ],
)
def test_the_verdict_fails_only_where_it_is_not_the_machines_doing(rates, lateness, verdict):
    assert figures.verdict(rates, lateness) == verdict


def test_both_sides_must_have_counted_the_same():
    bench.agree("mock", *counted())


@pytest.mark.parametrize(
    ("name", "value"), [("requests", 11), ("by_status", {"201": 10}), ("no_reply", 1), ("in_flight", 1), ("created", 5)]
)
def test_a_count_that_differs_is_no_measurement(name, value):
    found, counters = counted()
    with pytest.raises(WrongCountError, match=f"^mock: wrong counts, so this is no measurement: {name} "):
        bench.agree("mock", found, {**counters, name: value})


def test_failures_and_lost_connections_are_no_measurement():
    with pytest.raises(WrongCountError, match="lost 1 instead of 0"):
        bench.agree("mock", *counted(lost=1))
    found, counters = counted(by_status={"201": 4, "429": 6})
    with pytest.raises(WrongCountError, match="failed 6 instead of 0"):
        bench.agree("mock", found, {**counters, "by_status": found["by_status"]})


def test_prism_is_left_out_with_the_reason(monkeypatch, tmp_path):
    assert servers.prism_missing(None) == "no --document of the vendor's API was given"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert servers.prism_missing(tmp_path) == "there is no npx (Node.js)"
    monkeypatch.undo()
    monkeypatch.setattr(servers, "PRISM", ("true",))
    assert servers.prism_missing(tmp_path) is None


def test_a_machine_with_one_core_is_told_so(monkeypatch):
    monkeypatch.setattr("psutil.Process.cpu_affinity", lambda self: [3])
    with pytest.raises(UsageError, match="two cores"):
        bench.cores()
    monkeypatch.setattr("psutil.Process.cpu_affinity", lambda self: [0, 1, 3])
    assert bench.cores() == (3, 0)


def test_who_may_not_ask_for_real_time_is_told_what_it_takes(monkeypatch):
    def refuse(pid, policy, parameters):
        assert (pid, policy) == (7, os.SCHED_RR)
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    with pytest.raises(UsageError, match=r"^--real-time: Operation not permitted; it takes root, or do without$"):
        servers.real_time(7)


def test_a_life_is_a_create_and_three_requests_about_the_contact_it_made():
    script = SCRIPTS["lives"](Messages("x", "key"), iter([7, 8]))
    sent = [next(script)]
    sent += [script.send(b'{"data":{"id":"abc","externalId":null}}') for _ in range(4)]
    assert [request.split(b" HTTP")[0] for request in sent] == [
        b"POST /v1/contacts",
        b"GET /v1/contacts?externalIds=00000000-0000-4000-8000-000000000007&maxResults=50",
        b"PATCH /v1/contacts/abc",
        b"GET /v1/contacts/abc",
        b"POST /v1/contacts",
    ]
    head, _, body = sent[4].partition(b"\r\n\r\n")
    assert b"Content-Length: %d\r\n" % len(body) in head
    assert b'"externalId": "00000000-0000-4000-8000-000000000008"' in body


def test_the_summary_says_what_is_wanted_and_what_was_left_out():
    found = {
        "rounds": 1,
        "rate": 1000.0,
        "real_time": False,
        "ratios": {"creates_over_bare": 0.7},
        "at": {"20": figures.lateness_of([late()], 20.0)},
        "verdict": "pass",
    }
    said = text.summary([rate(1), rate(1, "bare")], found, "there is no npx")
    assert said.splitlines() == [
        "requests/s on one core, the round in the middle of 1 (wanted of create: 6,000)",
        "  bare, a constant    7,000/s, 40.0 us of CPU each, 100% of its core (generator: 50%)",
        "  mock, create        7,000/s, 40.0 us of CPU each, 100% of its core (generator: 50%)",
        "  Prism             left out: there is no npx",
        "  create: 0.70 answered for one of bare, by CPU time",
        "latency at 1,000 requests/s, medians (wanted at p99: 2 ms)",
        "   20 ms asked, off by 0.20 ms at p50, 1.00 at p99, 3.00 at most (generator late by 0.10 at p99)",
        "verdict: pass",
    ]
