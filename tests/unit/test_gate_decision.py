import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from benchmarks.gate.decision import Rule, Verdict, compare

RULE = Rule()
BASE = [1.0, 1.02, 0.98, 1.01, 0.99, 1.03, 0.97, 1.005, 0.995, 1.0]
NOISE = [0.99, 1.01, 1.0, 0.995, 1.005, 0.985, 1.015, 1.002, 0.998, 1.003]  # one measurement's, beside the base's
WILD = [0.6, 1.5, 0.9, 1.4, 0.7, 1.2, 0.8, 1.3, 1.0, 1.1]


def costing(factor, noise=NOISE):
    return [factor * base * wobble for base, wobble in zip(BASE, noise, strict=True)]


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        (costing(1), Verdict.SAME),
        (costing(1.05), Verdict.SAME),  # clear, yet too small to count
        (costing(1.15), Verdict.REGRESSION),
        (costing(3, WILD), Verdict.REGRESSION),
        (costing(0.85), Verdict.IMPROVEMENT),
        (costing(0.95), Verdict.SAME),
        (costing(1.0, WILD), Verdict.INCONCLUSIVE),  # noise
        (costing(1.15, WILD), Verdict.INCONCLUSIVE),  # large, yet not clear
        (costing(1.098), Verdict.INCONCLUSIVE),  # clear, yet maybe large enough
        (costing(0.75, WILD), Verdict.SAME),  # not clear, but certainly no worse
    ],
)
def test_it_takes_two_keys_to_call_a_change_one(now, verdict):
    assert compare(BASE, now, RULE).verdict is verdict


@pytest.mark.parametrize("threshold", [0.02, 0.1, 0.3])
def test_the_threshold_is_the_caller_s(threshold):
    rule = Rule(threshold)
    assert compare(BASE, costing(1 + threshold * 1.5), rule).verdict is Verdict.REGRESSION
    assert compare(BASE, costing(1 + threshold * 0.3), rule).verdict is Verdict.SAME


def test_a_change_is_a_share_of_the_base_s_cost_with_its_bounds():
    found = compare(BASE, costing(1.25), RULE)
    assert found.change == pytest.approx(0.25, abs=0.01)
    assert found.low < found.change < found.high
    assert found.p == pytest.approx(2 / 2**10)
    assert (found.rounds, found.more_rounds) == (10, None)


def test_too_few_rounds_are_no_verdict_and_how_many_are_needed_is_said():
    found = compare(BASE[:3], costing(2)[:3], RULE)
    assert (found.verdict, found.more_rounds) == (Verdict.INCONCLUSIVE, 5)
    assert (found.low, found.high) == (-1, math.inf)


def test_none_at_all_are_an_error_and_so_are_halves_of_pairs():
    with pytest.raises(ValueError, match="no differences"):
        compare([], [], RULE)
    with pytest.raises(ValueError, match="shorter"):
        compare(BASE, BASE[:-1], RULE)


def test_what_would_settle_it_is_more_the_noisier_it_is():
    calm = compare(BASE, costing(1.05, [1 + (noise - 1) * 5 for noise in NOISE]), RULE)
    wild = compare(BASE, costing(1.0, WILD), RULE)
    assert calm.verdict is wild.verdict is Verdict.INCONCLUSIVE
    assert 1 <= calm.more_rounds < wild.more_rounds


def test_the_rounds_that_were_asked_for_do_settle_it():
    found = compare(BASE, costing(1.0, WILD), RULE)
    times = math.ceil((found.rounds + found.more_rounds) / found.rounds)
    assert compare(BASE * times, costing(1.0, WILD) * times, RULE).verdict is Verdict.SAME


costs = st.lists(st.floats(0.5, 2), min_size=8, max_size=20)


@given(costs)
def test_a_tree_beside_its_own_times_is_never_a_change(found):
    assert compare(found, found, RULE).verdict is Verdict.SAME


@given(costs, st.data())
def test_trees_that_change_places_change_the_verdict_s_direction(base, data):
    now = data.draw(st.lists(st.floats(0.5, 2), min_size=len(base), max_size=len(base)))
    there, back = compare(base, now, RULE), compare(now, base, RULE)
    assume(abs(abs(math.log1p(there.change)) - math.log1p(RULE.threshold)) > 1e-9)
    opposite = {Verdict.REGRESSION: Verdict.IMPROVEMENT, Verdict.IMPROVEMENT: Verdict.REGRESSION}
    if there.verdict in opposite:
        assert back.verdict is opposite[there.verdict]
    assert math.log1p(there.change) == pytest.approx(-math.log1p(back.change), abs=1e-9)


@given(costs, st.data())
def test_a_regression_is_clear_and_large_and_what_is_the_same_can_t_be_one(base, data):
    now = data.draw(st.lists(st.floats(0.5, 2), min_size=len(base), max_size=len(base)))
    found = compare(base, now, RULE)
    if found.verdict is Verdict.REGRESSION:
        assert found.p <= RULE.alpha
        assert found.change > RULE.threshold
    if found.verdict is Verdict.SAME:
        assert found.high < RULE.threshold
    assert (found.more_rounds is None) or found.verdict is Verdict.INCONCLUSIVE
