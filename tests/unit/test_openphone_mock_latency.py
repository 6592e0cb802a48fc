import random
import statistics

import pytest

from loadtest.openphone import pace
from loadtest.openphone.latency import (
    LONGEST_SECONDS,
    Delays,
    FixedLatency,
    LognormalLatency,
    NoLatency,
    UniformLatency,
)

CREATE, LIST = "POST /v1/contacts", "GET /v1/contacts"
GUIDE = UniformLatency(kind="uniform", low_ms=10, high_ms=20)


def draws(latency, n=2000):
    rng = random.Random(7)
    return [latency.draw(rng) for _ in range(n)]


def test_none_and_fixed_are_what_they_say():
    assert set(draws(NoLatency(), 5)) == {0.0}
    assert set(draws(FixedLatency(kind="fixed", ms=15), 5)) == {0.015}


def test_uniform_fills_its_range():
    seconds = draws(GUIDE)
    assert 0.010 <= min(seconds) < 0.0105
    assert 0.0195 < max(seconds) <= 0.020
    assert statistics.mean(seconds) == pytest.approx(0.015, abs=0.0003)


def test_lognormal_has_its_median_and_a_tail():
    seconds = sorted(draws(LognormalLatency(kind="lognormal", median_ms=40, sigma=1)))
    assert statistics.median(seconds) == pytest.approx(0.040, rel=0.1)
    assert seconds[int(0.99 * len(seconds))] > 0.250


def test_lognormal_without_sigma_is_its_median():
    assert draws(LognormalLatency(kind="lognormal", median_ms=40, sigma=0), 1) == [pytest.approx(0.040)]


def test_a_tail_is_cut_where_nobody_waits_any_more():
    assert max(draws(LognormalLatency(kind="lognormal", median_ms=600_000, sigma=5))) == LONGEST_SECONDS


def test_the_same_seed_gives_the_same_delays_and_another_seed_others():
    first, again, other = (Delays(GUIDE, {}, seed) for seed in (1, 1, 2))
    drawn = [first.draw(CREATE) for _ in range(20)]
    assert drawn == [again.draw(CREATE) for _ in range(20)]
    assert drawn != [other.draw(CREATE) for _ in range(20)]


def test_requests_on_one_route_do_not_move_the_delays_of_another():
    alone, mixed = Delays(GUIDE, {}, 1), Delays(GUIDE, {}, 1)
    expected = [alone.draw(CREATE) for _ in range(5)]
    drawn = []
    for _ in range(5):
        mixed.draw(LIST)
        drawn.append(mixed.draw(CREATE))
    assert drawn == expected


def test_a_route_can_have_a_latency_of_its_own():
    delays = Delays(NoLatency(), {LIST: FixedLatency(kind="fixed", ms=3)}, 1)
    assert (delays.draw(CREATE), delays.draw(LIST)) == (0.0, 0.003)


@pytest.mark.parametrize(
    ("worked", "ended", "delay", "seconds"),
    [
        (0.001, 0.001, 0, 0.001),  # no delay: its work
        (0.001, 0.015, 0.015, 0.001),  # work is hidden in the delay but counted
        (0.001, 0.018, 0.015, 0.004),  # woken 3 ms late
        (0.001, 0.0145, 0.015, 0.001),  # woken early: no credit for it
        (0.020, 0.020, 0.015, 0.020),  # work outlasted the delay
    ],
)
def test_own_time_is_work_and_lateness_without_the_delay(worked, ended, delay, seconds):
    assert pace.service(0, worked, ended, delay) == pytest.approx(seconds)
