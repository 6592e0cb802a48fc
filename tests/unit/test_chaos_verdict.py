from dataclasses import replace

import pytest

from loadtest.chaos import text
from loadtest.chaos.plan import Fault
from loadtest.chaos.record import Happened, Kill, Round
from loadtest.chaos.tally import Count
from loadtest.chaos.verdict import FAIL, INCONCLUSIVE, PASS, doubts, exit_code, failings

FAULT = Fault("kill", "load", 0.3, 0.5)
DONE = {"status": "completed_with_errors", "seconds": 9.0, "counts": {"rows": Count(10, 10), "synced": Count(8, 8)}}
WORKER = Round(1, 1, "worker", planned=(FAULT,), happened=(Happened(FAULT, 2.0, 3, 0, 4.0, 5.0),), **DONE)
HANDOFF = Round(2, 2, "handoff", answered=202, answer_seconds=8.1, **DONE)
KILL = Kill("... WORKER TIMEOUT (pid:7)", 1.0, 0.4, 3.0, stuck=False)
KILLED = Round(3, 3, "killed", answered=500, answer_seconds=11.0, kill=KILL, worker_timeouts=1, **DONE)


def slow(seconds):
    return replace(WORKER, happened=(replace(WORKER.happened[0], recovery_seconds=seconds),))


@pytest.mark.parametrize("found", [WORKER, HANDOFF, KILLED], ids=lambda found: found.scenario)
def test_a_round_without_blemish_passes(found):
    assert (failings(found), doubts(found)) == ((), ())
    assert exit_code([found], 1) == PASS
    assert text.line(found).endswith("; exact")
    assert text.summary([found], 1, PASS).endswith("VERDICT: PASS")


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (replace(WORKER, counts={"rows": Count(10, 9, missing=1)}), "rows: 1 missing, 0 doubled, 0 extra"),
        (replace(WORKER, counts={"openphone": Count(10, 11, doubled=1)}), "openphone: 0 missing, 1 doubled, 0 extra"),
        (replace(WORKER, status="failed"), "ended as failed"),
        (replace(WORKER, status="running", hung=True), "hung: nothing moved any more"),
        (slow(60.5), "kill at 2.0 s: went on after 60.5 s"),
        (slow(None), "kill at 2.0 s: never went on"),
        (replace(HANDOFF, worker_timeouts=1), "1 WORKER TIMEOUT in web's log, with the hand-off on"),
        (replace(HANDOFF, answered=502), "the upload was answered 502"),
        (replace(HANDOFF, answer_seconds=10.2), "the answer took 10.2 s of 10"),
        (replace(KILLED, kill=replace(KILL, found_seconds=2.1)), "found interrupted 2.1 s after the worker's end"),
        (replace(KILLED, kill=replace(KILL, found_seconds=None)), "was never found interrupted"),
        (replace(KILLED, kill=replace(KILL, recovery_seconds=None)), "the kill: never went on"),
    ],
)
def test_what_fails_a_round_fails_the_run_and_is_said(found, said):
    assert said in "; ".join(failings(found))
    assert exit_code([WORKER, found], 2) == FAIL
    assert said in text.line(found)
    assert "WRONG" in text.line(found)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (replace(WORKER, happened=()), "1 of 1 faults came too late"),
        (replace(WORKER, trouble="StackDied: db ended"), "StackDied: db ended"),
        (replace(HANDOFF, answered=200), "handed nothing off"),
        (replace(KILLED, kill=None, answered=200), "was not killed (the client saw 200)"),
    ],
)
def test_a_round_that_shows_less_than_it_should_is_no_verdict(found, said):
    assert failings(found) == ()
    assert said in "; ".join(doubts(found))
    assert exit_code([WORKER, found], 2) == INCONCLUSIVE
    assert said in text.line(found)


def test_a_failure_outweighs_a_doubt_and_rounds_that_did_not_run_are_no_pass():
    assert exit_code([slow(None), replace(WORKER, trouble="gone")], 2) == FAIL
    assert exit_code([WORKER], 2) == INCONCLUSIVE
    assert exit_code([], 1) == INCONCLUSIVE


def test_a_line_says_what_was_done_when_and_how_soon_it_went_on():
    assert text.line(WORKER) == (
        "round 1, seed 1: worker killed at 2.0 s (30% loaded), back after 4.0 s, went on after 5.0 s; "
        "completed_with_errors after 9.0 s; 10 rows: 0 missing, 0 doubled, 0 extra; exact"
    )
    assert "request killed, client saw 500; found after 0.40 s, went on after 3.0 s" in text.line(KILLED)
    assert "inside a query" in text.line(replace(KILLED, kill=replace(KILL, stuck=True)))


def test_a_summary_has_the_worst_and_the_middle():
    said = text.summary([WORKER, slow(7.0), slow(20.0)], 3, PASS)
    assert said.splitlines() == [
        "3 of 3 rounds exact; 3 faults; 0 missing, 0 doubled, 0 extra",
        "went on after 5.0 to 20.0 s (median 7.0 s)",
        "VERDICT: PASS",
    ]
