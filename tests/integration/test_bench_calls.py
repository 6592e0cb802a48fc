import pytest

from benchmarks.counts import WrongCountError
from benchmarks.openphone_calls import measure_cpu
from benchmarks.side_by_side import measure_rates


def test_every_call_that_is_measured_is_counted_by_the_mock(stack):
    found = measure_cpu(stack.url("openphone"), rounds=2, calls=5)
    assert (found.calls, found.created) == (30, 30)
    assert found.ours_us > 0
    assert found.ratio > 0


def test_imports_are_measured_in_turns_with_each_concurrency(stack):
    one, four = measure_rates(stack, (1, 4), rounds=1, contacts=30, latency_ms=20)
    assert (one.concurrency, one.ratio, one.most_at_once) == (1, 1, 1)
    assert four.concurrency == 4
    assert 1 < four.most_at_once <= 4


def test_an_import_that_told_too_few_is_no_measurement(stack, monkeypatch):
    monkeypatch.setattr("benchmarks.side_by_side.national", lambda _: "4045550100")
    with pytest.raises(WrongCountError):
        measure_rates(stack, (1,), rounds=1, contacts=2, latency_ms=0)
