import os
import socket
import threading
import time

import pytest

from app import stopping
from app.imports.budget import Budget, BudgetedReader, HandOffError, RequestBudget, Unbounded


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def budget(clock):
    """Ten seconds from now, work for eight of them."""
    return RequestBudget(clock.now, 10, 0.8, clock)


@pytest.fixture
def stop():
    asked = []
    stopping.watch(lambda: bool(asked))
    yield lambda: asked.append(True)
    stopping.watch(lambda: False)


def test_work_goes_on_until_the_hand_off(budget, clock):
    clock.now += 7.99
    budget.check()
    clock.now += 0.01
    with pytest.raises(HandOffError):
        budget.check()
    assert budget.is_over()


def test_what_will_not_fit_is_not_begun(budget, clock):
    clock.now += 5
    budget.require(2.9)
    with pytest.raises(HandOffError):
        budget.require(3)
    assert not budget.is_over()


def test_what_has_begun_is_cut_short_before_the_timeout_and_writing_it_down_still_has_time(budget, clock):
    assert budget.left() == pytest.approx(8.6)
    with budget.closing():
        assert budget.left() == pytest.approx(9.5)
    clock.now += 9
    assert budget.left() < 0 < 10 - 9.5


@pytest.mark.parametrize("timeout", [1, 2, 3, 10, 300])
def test_everything_ends_before_the_timeout_however_short(timeout, clock):
    budget = RequestBudget(clock.now, timeout, 0.8, clock)
    cut = budget.left()
    with budget.closing():
        assert 0.8 * timeout < cut < budget.left() < timeout


def test_a_reader_stops_a_copy_whose_client_stalls(budget, clock):
    class Stalling:
        def read(self, _):
            clock.now += 5
            return "x"

    reader = BudgetedReader(Stalling(), budget.check)
    assert reader.read(10) == reader.read(10) == "x"
    with pytest.raises(HandOffError):
        reader.read(10)


def test_rows_are_looked_through_no_longer_than_there_is_time(budget, clock):
    def rows():
        for number in range(10_000):
            clock.now += 0.01
            yield number

    seen = []
    with pytest.raises(HandOffError):
        seen.extend(budget.checked(rows()))
    assert clock.now < 110


def test_a_sleep_that_will_not_fit_is_not_begun(budget):
    began = time.monotonic()
    with pytest.raises(HandOffError):
        budget.sleep(60)
    assert time.monotonic() - began < 1


def recv_all(connection):
    while True:
        connection.recv(1)


def test_an_answer_that_comes_drop_by_drop_is_not_waited_for():
    ours, theirs = socket.socketpair()
    dripping = threading.Event()

    def drip():
        while not dripping.wait(0.02):
            theirs.send(b".")

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        budget = RequestBudget(time.monotonic(), 0.5, 0.2)
        with pytest.raises(HandOffError), budget.cut():
            recv_all(ours)
        assert budget.left() <= 0
    finally:
        dripping.set()
        thread.join()
        ours.close()
        theirs.close()


def test_an_alarm_is_gone_with_its_block():
    with RequestBudget(time.monotonic(), 0.2, 0.5).cut():
        pass
    time.sleep(0.3)


def test_a_stop_ends_work_of_any_size(budget, stop):
    for each in (budget, Budget()):
        each.check()
    stop()
    for each in (budget, Budget()):
        with pytest.raises(HandOffError):
            each.check()


def test_a_sleeper_notices_a_stop(stop):
    threading.Timer(0.1, stop).start()
    with pytest.raises(HandOffError):
        Budget().sleep(30)


def test_without_hand_off_nothing_ends_it(stop):
    stop()
    Unbounded().check()
    assert Unbounded().left() is None


def test_a_stop_asked_of_the_parent_reaches_what_it_has_forked():
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.read(reader, 1)
        os._exit(42 if stopping.requested() else 1)
    stopping.ask()
    try:
        os.write(writer, b".")
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42
    finally:
        stopping._asked.value = 0
        os.close(reader)
        os.close(writer)


@pytest.mark.parametrize("instead", [None, ValueError])
def test_waiting_for_an_answer_ends_where_a_library_catches_what_is_raised_in_it_too(instead):
    def asks_a_library():
        try:
            time.sleep(2)
        except Exception as error:
            if instead:
                raise instead from error

    with pytest.raises(HandOffError), RequestBudget(time.monotonic() - 0.95, 1, 0.8).cut():
        asks_a_library()
