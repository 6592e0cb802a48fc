from itertools import count

import pytest

from loadtest.scenarios.handout import Handout


@pytest.fixture
def make():
    def made(uploads=0, clock=lambda: 0.0):
        handout = Handout(count(10).__next__, uploads, clock)
        handout.open()
        return handout

    return made


def test_every_upload_has_an_area_of_its_own_whoever_asks(make):
    handout = make()
    assert [handout.give("a", 1), handout.give("b", 1), handout.give("a", 2)] == [10, 11, 12]
    assert (handout.under_way, handout.workers) == (3, {"a", "b"})


def test_no_more_are_given_than_there_are_over_all_workers(make):
    handout = make(uploads=2)
    assert [handout.give("a", 1), handout.give("b", 1), handout.give("a", 2), handout.give("c", 1)] == [
        10,
        11,
        None,
        None,
    ]


def test_it_is_complete_when_the_last_one_is_over_and_not_when_it_is_given(make):
    handout = make(uploads=2)
    handout.give("a", 1)
    handout.give("b", 1)
    handout.end("b", 1)
    assert not handout.complete
    handout.end("a", 1)
    assert handout.complete


def test_without_an_end_it_is_never_complete(make):
    handout = make()
    handout.give("a", 1)
    handout.end("a", 1)
    assert not handout.complete


@pytest.mark.parametrize("ticket", [("a", 2), ("b", 1)])
def test_an_end_that_nobody_began_counts_for_nothing(make, ticket):
    handout = make(uploads=1)
    handout.give("a", 1)
    handout.end(*ticket)
    assert (handout.under_way, handout.complete) == (1, False)
    handout.end("a", 1)
    handout.end("a", 1)
    assert (handout.under_way, handout.complete) == (0, True)


def test_what_a_worker_had_that_is_gone_is_over_and_counted(make):
    handout = make(uploads=3)
    for worker, ticket in (("a", 1), ("a", 2), ("b", 1)):
        handout.give(worker, ticket)
    assert handout.drop("a") == 2
    assert (handout.workers, handout.complete) == ({"b"}, False)
    assert handout.drop("a") == 0
    handout.end("b", 1)
    assert handout.complete


def test_a_closed_one_gives_nothing_and_takes_no_area(make):
    handout = make()
    handout.give("a", 1)
    handout.close()
    assert handout.give("a", 2) is None
    handout.open()
    assert handout.give("a", 3) == 11


def test_the_next_test_counts_anew_and_what_the_last_one_left_is_not_its_own(make):
    handout = make(uploads=1)
    handout.give("a", 1)
    handout.open()
    assert handout.under_way == 0
    handout.end("a", 1)
    assert not handout.complete
    assert handout.give("a", 2) == 11


def test_an_area_that_cannot_be_had_is_no_upload():
    def nothing():
        raise OSError("no space")

    handout = Handout(nothing, 1)
    handout.open()
    with pytest.raises(OSError, match="no space"):
        handout.give("a", 1)
    assert handout.under_way == 0


def test_the_newest_is_the_last_that_was_given_of_those_under_way(make):
    handout = make(clock=count(100.0).__next__)
    handout.give("a", 1)
    handout.give("a", 2)
    assert handout.newest == 101.0
    handout.end("a", 2)
    assert handout.newest == 100.0
