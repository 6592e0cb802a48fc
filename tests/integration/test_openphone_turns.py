"""The vendor's limit in Redis: who may send when."""

import os
import threading
import time

import pytest
import redis

from app.imports.budget import Budget
from app.openphone.throttle import SPACING, SPAN_SECONDS, RedisThrottle

RATE = 4
SECOND = 1_000_000


@pytest.fixture
def valkey(stack):
    with redis.Redis.from_url(stack.url("redis")) as client:
        yield client


@pytest.fixture
def turns(valkey):
    """``turns(-0.5, ...)``: a throttle of four a second whose last turns were so many seconds from now."""

    def made(*at):
        throttle = RedisThrottle(valkey, f"test:{os.urandom(6).hex()}", RATE)
        seconds, micros = valkey.time()
        now = seconds * SECOND + micros
        for offset in at:
            valkey.zadd(throttle._key, {f"at {offset}": now + round(offset * SECOND)})
        return throttle

    return made


def about(micros, seconds):
    """Redis's clock goes on between two questions."""
    return seconds - 0.2 < micros / SECOND <= seconds


def test_the_first_turn_is_there_at_once_and_the_next_ones_come_evenly(turns):
    throttle = turns()
    assert throttle._ask("a") == 0
    assert about(throttle._ask("b"), SPACING / RATE)
    assert about(throttle._ask("c"), SPACING / RATE)


@pytest.mark.parametrize(
    ("before", "wait"),
    [
        (
            (-0.9, -0.7, -0.6, -0.5),
            SPAN_SECONDS - 0.9,
        ),  # four in less than a second: as long as the first of them is in it
        ((-5, -4, -3, -0.5), 0),
        ((-0.7, -0.6, -0.5), 0),  # caught up with, one by one
        ((-0.7, -0.6, 0), SPACING / RATE),
        ((-9, -1.1, -0.9, -0.7, -0.5), 0),
    ],
)
def test_no_second_has_more_turns_than_the_limit_wherever_it_begins(turns, before, wait):
    found = turns(*before)._ask("a")
    assert about(found, wait) if wait else found == 0


def test_who_asks_with_a_turn_in_its_hand_has_it_from_now_on(turns, valkey):
    throttle = turns(-0.9)
    assert throttle._ask("a") == 0
    time.sleep(0.05)
    before = valkey.zscore(throttle._key, "a")
    assert throttle._ask("a") == 0
    assert valkey.zscore(throttle._key, "a") >= before + 0.05 * SECOND
    assert about(throttle._ask("b"), SPACING / RATE)


def test_a_clock_that_was_set_back_stops_nobody(turns):
    throttle = turns(3600)
    assert throttle._ask("a") == 0
    assert about(throttle._ask("b"), SPACING / RATE)


def test_what_is_long_ago_is_forgotten(turns, valkey):
    throttle = turns(*(-5 - number for number in range(20)))
    throttle._ask("a")
    assert valkey.zcard(throttle._key) == RATE
    assert 0 < valkey.ttl(throttle._key) <= 10


def test_together_several_keep_the_limit_and_leave_no_turn_to_nobody(valkey):
    rate, key = 40, f"test:{os.urandom(6).hex()}"
    taken, stop = [], time.monotonic() + 2.2

    def take():
        with redis.Redis.from_url(f"{valkey_url}") as own:
            throttle = RedisThrottle(own, key, rate)
            while time.monotonic() < stop:
                throttle.wait(Budget())
                taken.append(time.monotonic())

    kwargs = valkey.connection_pool.connection_kwargs
    valkey_url = f"redis://{kwargs['host']}:{kwargs['port']}/0"
    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken.sort()
    # Noted a moment behind the turn itself.
    assert all(later - earlier > 0.95 for earlier, later in zip(taken, taken[rate:], strict=False))
    assert len(taken) > rate
