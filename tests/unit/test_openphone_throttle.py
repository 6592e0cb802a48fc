from types import SimpleNamespace

import pytest
from redis import ConnectionError as RedisConnectionError

from app.imports.budget import Budget, HandOffError
from app.openphone import throttle as module
from app.openphone.errors import OpenPhoneDownError
from app.openphone.throttle import FRESH_SECONDS, RedisThrottle


class Slept(Budget):
    def __init__(self):
        self.seconds = []

    def sleep(self, seconds):
        self.seconds.append(seconds)


@pytest.fixture
def scripted(monkeypatch):
    """A throttle whose Redis gives the answers (microseconds until a turn comes, seconds that the answer takes)."""
    now = [0.0]
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def throttle(*answers):
        script, asked = list(answers), []

        def turn(keys, args):
            asked.append(args[0])
            delay, took = script.pop(0)
            now[0] += took
            if isinstance(delay, Exception):
                raise delay
            return delay

        made = RedisThrottle(SimpleNamespace(register_script=lambda _: turn), "key", 10)
        made.asked, made.script = asked, script
        return made

    return throttle


def test_a_turn_that_has_not_come_is_slept_for_and_asked_for_again(scripted):
    throttle, budget = scripted((95_000, 0.0002), (90, 0.0002), (0, 0.0002)), Slept()
    throttle.wait(budget)
    assert budget.seconds == [0.095, 0.00009]
    assert len(set(throttle.asked)) == 1


def test_who_was_held_up_with_a_turn_in_its_hand_asks_again_for_the_same_one(scripted):
    throttle, budget = scripted((0, 0.0002), (0, 0.0002 + 2 * FRESH_SECONDS), (0, 0.0003)), Slept()
    throttle.wait(budget)
    throttle.wait(budget)
    first, *second = throttle.asked
    assert len(second) == 2
    assert len(set(second)) == 1
    assert first not in second
    assert budget.seconds == []


def test_a_redis_that_is_far_away_from_now_on_does_not_keep_turns_from_being_used(scripted):
    far = (0, 0.05)
    throttle = scripted((0, 0.0002), *[far] * 200)
    for _ in range(20):
        throttle.wait(Slept())
    assert len(throttle.script) > 100


def test_without_redis_nothing_goes_out(scripted):
    with pytest.raises(OpenPhoneDownError, match="Redis does not answer"):
        scripted((RedisConnectionError("gone"), 0)).wait(Slept())


def test_a_stop_ends_the_wait(scripted):
    class Stopped(Budget):
        def check(self):
            raise HandOffError("stop")

    with pytest.raises(HandOffError):
        scripted((95_000, 0)).wait(Stopped())
