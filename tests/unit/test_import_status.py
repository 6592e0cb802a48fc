import pytest

from app.imports.status import FINISHED, RESUMABLE, TRANSITIONS, Status, before


def reachable(start):
    found, to_do = {start}, [start]
    while to_do:
        new = TRANSITIONS[to_do.pop()] - found
        found |= new
        to_do += new
    return found


def test_every_state_has_its_arrows_and_can_be_reached_from_the_first():
    assert set(TRANSITIONS) == set(Status)
    assert reachable(Status.RECEIVED) == set(Status)


def test_nothing_leaves_a_finished_state():
    assert {Status.COMPLETED, Status.COMPLETED_WITH_ERRORS, Status.FAILED, Status.CANCELLED} == FINISHED
    assert all(reachable(status) == {status} for status in FINISHED)


@pytest.mark.parametrize("status", sorted(set(Status) - FINISHED))
def test_whatever_is_unfinished_can_be_resumed_interrupted_cancelled_and_brought_to_an_end(status):
    assert status in RESUMABLE
    assert status == Status.INTERRUPTED or Status.INTERRUPTED in TRANSITIONS[status]
    assert Status.CANCELLED in TRANSITIONS[status]
    assert reachable(status) >= FINISHED


def test_an_import_ends_only_by_way_of_running():
    assert before(Status.COMPLETED) == before(Status.COMPLETED_WITH_ERRORS) == before(Status.FAILED) == ["running"]


def test_what_a_dead_process_leaves_can_be_called_interrupted():
    assert set(before(Status.INTERRUPTED)) == {"received", "running", "handed_off"}
