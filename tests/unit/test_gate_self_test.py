import pytest
from gate_examples import recording
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.gate.rates import Rate
from benchmarks.gate.self_test import alarms, detected, report


def test_false_alarms_and_finds_are_told_with_how_sure_they_are():
    alike, delayed = [recording()] * 9 + [recording(1.2)], [recording(1.15)] * 4
    assert str(alarms(alike)) == "1 of 10 (10%; 95% sure of 2% to 40%)"
    assert str(detected(delayed)) == "4 of 4 (100%; 95% sure of 51% to 100%)"
    lines = report(alike, delayed, 15.0)
    assert lines[:2] == [f"false alarms: {alarms(alike)}", f"a delay of 15% found: {detected(delayed)}"]
    assert any(line.startswith("  contacts: regression 1, same 9; changes of ") for line in lines)
    assert lines[-1] == "load of the machine 0.4 to 0.4, 2 cores"


def test_a_delay_is_found_only_where_the_speed_of_an_import_is():
    assert detected([recording(memory=1.3), recording(0.7), recording()]).hits == 0


@given(st.integers(1, 500), st.data())
def test_the_bounds_are_around_what_was_seen(runs, data):
    rate = Rate(data.draw(st.integers(0, runs)), runs)
    low, high = rate.bounds
    assert 0 <= low <= rate.share + 1e-12
    assert rate.share - 1e-12 <= high <= 1
    assert low < high


@pytest.mark.parametrize(
    ("hits", "runs", "bounds"), [(0, 10, (0, 0.2775)), (10, 10, (0.7225, 1)), (5, 10, (0.2366, 0.7634))]
)
def test_the_bounds_are_wilson_s(hits, runs, bounds):
    assert Rate(hits, runs).bounds == pytest.approx(bounds, abs=0.0001)
