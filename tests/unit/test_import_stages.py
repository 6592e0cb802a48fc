import json
from contextlib import suppress

import pytest

from app import stages
from app.stages import STAGES, NotedClock, Span, StageClock


@pytest.fixture
def hand(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(stages, "perf_counter", lambda: now[0])

    def move(seconds):
        now[0] += seconds

    return move


def test_a_stage_inside_another_stops_the_outer_ones_time(hand):
    clock = StageClock()
    hand(1)
    with clock.stage("openphone"):
        hand(2)
        with clock.stage("limit"):
            hand(4)
        hand(8)
    hand(16)
    with clock.stage("limit"):
        hand(32)
    assert clock.seconds == dict.fromkeys(STAGES, 0.0) | {"openphone": 10.0, "limit": 36.0}


def test_a_stage_that_fails_keeps_its_time(hand):
    clock = StageClock()
    with suppress(ZeroDivisionError), clock.stage("read"):
        hand(1)
        raise ZeroDivisionError
    hand(2)
    with clock.stage("copy"):
        hand(4)
    assert (clock.seconds["read"], clock.seconds["copy"]) == (1.0, 4.0)


def test_time_so_far_counts_while_a_stage_still_runs(hand):
    clock = StageClock()
    with clock.stage("openphone"):
        hand(3)
        with clock.stage("limit"):
            assert clock.seconds["openphone"] == 3.0


def test_an_earlier_attempts_seconds_are_gone_on_from_and_unknown_stages_dropped(hand):
    clock = StageClock({"read": 5, "gone": 7})
    with clock.stage("read"):
        hand(0.1234567)
    assert json.loads(clock.as_json()) == dict.fromkeys(STAGES, 0.0) | {"read": 5.123457}


def test_waiting_for_another_thread_counts_as_what_that_spent_its_time_on():
    clock = StageClock()
    clock.waited(3.0, {"read": 2.0, "normalise": 4.0})
    clock.waited(5.0, dict.fromkeys(STAGES, 0.0))
    assert clock.seconds == dict.fromkeys(STAGES, 0.0) | {"read": 1.0, "normalise": 2.0}


def test_what_another_process_has_noted_counts_here_and_is_told_once(hand):
    there, here = NotedClock(), StageClock()
    with there.stage("read"):
        hand(1)
        with there.stage("copy"):
            hand(2)
        hand(4)
    told = there.taken()
    assert told == [Span("read", 100, 101), Span("copy", 101, 103), Span("read", 103, 107)]
    assert here.beside("reading", told).seconds == dict.fromkeys(STAGES, 0.0) | {"read": 5.0, "copy": 2.0}
    assert here.seconds == dict.fromkeys(STAGES, 0.0)
    for _ in range(2):
        with there.stage("copy"):
            hand(8)
    hand(1)
    with there.stage("copy"):
        hand(8)
    assert there.taken() == [Span("copy", 107, 123), Span("copy", 124, 132)]
