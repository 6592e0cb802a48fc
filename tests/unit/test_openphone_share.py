import pytest
import requests

from app.imports.budget import Budget, HandOffError, RequestBudget
from app.openphone.share import Share


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def share(clock):
    """Of ten seconds: work for eight, and what has begun may take 8.6."""
    return Share(RequestBudget(clock.now, 10, 0.8, clock))


def test_a_wait_is_bounded_by_what_is_left(share, clock):
    assert share.capped(5) == 5
    clock.now += 6
    assert share.capped(5) == pytest.approx(2.6)
    clock.now += 6
    assert 0 < share.capped(5) < 0.01
    assert Share(Budget()).capped(5) == 5


def test_work_ends_with_the_whole(share, clock):
    share.check()
    share.require(7.9)
    with pytest.raises(HandOffError):
        share.require(8)
    clock.now += 8
    with pytest.raises(HandOffError):
        share.check()
    assert not share.is_up()


def test_once_it_is_ended_nothing_begins_but_what_is_under_way_has_its_time(share):
    share.end()
    for begin in (share.check, lambda: share.require(0), lambda: share.sleep(0)):
        with pytest.raises(HandOffError):
            begin()
    with share.cut():
        pass


def late(clock, error):
    clock.now += 8.6
    return error


def test_what_breaks_when_time_is_up_is_the_budgets_end_and_before_that_an_error_like_any_other(share, clock):
    with pytest.raises(requests.ConnectionError), share.cut():
        raise requests.ConnectionError
    with pytest.raises(HandOffError), share.cut():
        raise late(clock, requests.ConnectionError)
    with pytest.raises(HandOffError), share.cut():
        pytest.fail("a call began")


def test_an_answer_that_came_late_but_whole_counts(share, clock):
    with share.cut():
        clock.now += 8.6
