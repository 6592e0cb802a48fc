import pytest

from loadtest.openphone.faults import DropReplyFault, FaultPlan, ResetFault, StatusFault

CREATE, LIST = "POST /v1/contacts", "GET /v1/contacts"


def status(**trigger):
    return StatusFault(kind="status", status=503, **trigger)


def hits(plan, n, route=CREATE):
    return [plan.next(route) is not None for _ in range(n)]


def test_the_first_n_requests_fail_and_no_others():
    assert hits(FaultPlan([status(first=3)], 1), 6) == [True] * 3 + [False] * 3


def test_a_rate_strikes_about_that_share():
    assert sum(hits(FaultPlan([status(rate=0.1)], 1), 10_000)) == pytest.approx(1000, abs=120)


def test_rate_one_strikes_always():
    assert all(hits(FaultPlan([status(rate=1.0)], 1), 100))


def test_the_same_seed_strikes_the_same_requests_and_another_seed_others():
    first, again, other = (hits(FaultPlan([status(rate=0.3)], seed), 100) for seed in (1, 1, 2))
    assert first == again != other


def test_requests_on_other_routes_neither_fail_nor_move_the_sequence():
    fault = status(rate=0.3, routes=(CREATE,))
    expected = hits(FaultPlan([fault], 1), 50)
    plan = FaultPlan([fault], 1)
    drawn = []
    for _ in range(50):
        assert plan.next(LIST) is None
        drawn.append(plan.next(CREATE) is not None)
    assert drawn == expected


def test_adding_a_fault_after_another_does_not_move_the_first_ones_hits():
    first, second = status(rate=0.3), ResetFault(kind="reset", rate=0.5)
    alone = hits(FaultPlan([first], 1), 100)
    both = FaultPlan([first, second], 1)
    assert [both.next(CREATE) is first for _ in range(100)] == alone


def test_the_first_fault_of_the_list_wins_and_the_other_keeps_its_turn():
    one, two = status(first=1), DropReplyFault(kind="drop_reply", first=1)
    plan = FaultPlan([one, two], 1)
    assert [plan.next(CREATE) for _ in range(3)] == [one, two, None]
