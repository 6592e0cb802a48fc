import threading
from contextvars import ContextVar

import pytest

from app.imports.ahead import Ahead
from app.imports.budget import Budget, HandOffError

here = ContextVar("here", default="elsewhere")


def test_items_come_in_their_order_and_all_of_them():
    with Ahead(Budget()).items(lambda: (number for number in range(100))) as items:
        assert list(items) == list(range(100))


def test_the_next_item_is_made_while_one_is_worked_on_and_no_more_than_that():
    begun = [threading.Event() for _ in range(4)]

    def make():
        for event in begun:
            event.set()
            yield event

    with Ahead(Budget()).items(make) as items:
        next(items)
        assert begun[1].wait(10)
        assert not begun[2].wait(0.05)
        next(items)
        assert begun[2].wait(10)


def test_what_making_raises_is_raised_in_the_items_place():
    def make():
        yield 1
        raise LookupError("the second")

    with Ahead(Budget()).items(make) as items:
        assert next(items) == 1
        with pytest.raises(LookupError, match="the second"):
            next(items)


def test_all_is_made_in_one_other_thread_that_sees_what_is_set_here():
    def make():
        for _ in range(3):
            yield threading.current_thread(), here.get()

    token = here.set("as set")
    try:
        with Ahead(Budget()).items(make) as items:
            found = list(items)
    finally:
        here.reset(token)
    assert {where for _, where in found} == {"as set"}
    [thread] = {thread for thread, _ in found}
    assert thread is not threading.current_thread()
    assert not thread.is_alive()


def test_whoever_stops_halfway_ends_what_is_being_made_and_closes_it():
    ahead = Ahead(Budget())
    closed = []

    def make():
        try:
            yield 1
            for _ in ahead.checked(iter(int, 1), every=1):  # endless
                pass
        finally:
            closed.append(threading.current_thread().name)

    with ahead.items(make) as items:
        next(items)
    assert len(closed) == 1


def test_one_that_waits_for_its_next_turn_is_closed_too():
    closed = []

    def make():
        try:
            yield 1
            yield 2
        finally:
            closed.append(True)

    with Ahead(Budget()).items(make) as items:
        next(items)
    assert closed == [True]


def test_its_budget_is_the_one_it_is_made_for():
    class Over(Budget):
        def check(self):
            raise HandOffError("over")

    with pytest.raises(HandOffError, match="over"):
        Ahead(Over()).require(0)
