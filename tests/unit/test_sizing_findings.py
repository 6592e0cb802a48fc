import pytest
from sizing_examples import GUIDE, SIZES, busy_run, killed, measurement, only, recording, run

from loadtest.sizing import findings, verdict


def find(made):
    return findings.find(verdict.judge(made, GUIDE))


def said(made, part):
    found = [item for item in find(made) if part in item.text]
    assert len(found) == 1, [item.text for item in find(made)]
    return found[0]


def test_tight_rows_are_warned_of_with_what_to_set():
    found = said(recording(), "without the 50% buffer")
    assert found.severity == "warning"
    assert "15,000 rows (predicted 243 s, timeout 300 s)" in found.text
    assert "Set 370 s, 610 s and 1,220 s, or import in a background job, as the guide itself asks for" in found.text


def test_a_row_that_is_too_low_is_a_failure_with_what_to_set():
    made = only(measurement(1000, runs=[run(1000, call_ms=60)]), measurement(5000, runs=[killed(5000, 180)]))
    found = said(made, "Too low")
    assert found.severity == "fail"
    assert "5,000 rows (killed after 181 s, timeout 180 s). Set 420 s, or import in a background job." in found.text


def test_a_killed_row_without_a_prediction_asks_for_a_smaller_size():
    made = only(measurement(1000, runs=[killed(1000, 60)]))
    assert "How much is enough is not known" in said(made, "Too low").text


def test_slower_than_the_guide_is_a_warning_and_a_kill_is_only_a_lower_bound():
    made = only(measurement(1000, runs=[run(1000, call_ms=30)]), measurement(5000, runs=[killed(5000, 180)]))
    found = said(made, "Slower than the guide says")
    assert found.text.endswith("1,000 rows 28.0 s, not 10-20 s and 5,000 rows over 181 s, not 50-100 s.")
    assert not any("Slower" in item.text for item in find(recording()))


def test_several_runs_say_that_the_slowest_counts():
    made = only(measurement(1000, runs=[run(1000, call_ms=17), run(1000, call_ms=50)]))
    assert "(measured 46.6 s, slowest of 2, timeout 60 s)" in said(made, "without the 50% buffer").text


def test_the_vendors_limit_is_held_against_every_timeout_with_its_source():
    found = said(recording(), "At 10 requests per second")
    assert found.severity == "warning"
    assert "source: OpenPhone's API documentation" in found.text
    assert "every timeout is too low" in found.text
    assert "1,000 rows take 93.8 s (predicted; the guide sets 60 s)" in found.text
    assert "The default of 300 s is enough for about 2,100 rows" in found.text


@pytest.mark.parametrize(
    ("sizes", "part"),
    [
        ((100,), "no timeout of the guide is too low"),
        ((500, 1000, 5000), "every timeout from 1,000 rows on is too low"),
        ((1000, 5000), "every timeout is too low"),
    ],
)
def test_from_how_many_rows_on_the_limit_breaks_the_table(sizes, part):
    made = only(measurement(100, "openphone"), sizes=sizes, judged="openphone")
    assert part in said(made, "At 10 requests per second").text


def test_the_guides_contradictions_are_all_said():
    contradictions = [item for item in find(recording()) if item.text.startswith("The guide contradicts itself")]
    assert len(contradictions) == len(GUIDE.contradictions()) == 4
    assert {item.severity for item in contradictions} == {"warning"}


def test_what_holds_by_construction_is_said_to_and_only_then():
    assert "say nothing of your API" in said(recording(), "by construction").text
    assert not any("by construction" in item.text for item in find(recording(judged="openphone")))


def test_what_dominates_a_row_and_what_all_other_stages_take():
    found = said(recording(), "of the time at 1,000 rows")
    assert "OpenPhone is 99.2% of the time at 1,000 rows (measured), 99.7% at 50,000 (predicted)" in found.text
    assert "All other stages of 1,000 rows: 0.12 s of 16.3 s (0.8%)" in found.text


def test_the_clients_own_cpu_in_a_call_is_said():
    found = said(recording(), "the client's own CPU")
    assert "calls for 5,000 rows took 17.4 ms: 2.2 ms of that (13%)" in found.text
    assert "15.0 ms injected latency" in found.text


def test_the_clients_cpu_is_not_made_up_where_nobody_measured_it():
    made = only(measurement(1000, runs=[run(1000, call_ms=17, openphone_cpu_seconds=None)]))
    assert not any("own CPU" in item.text for item in find(made))


def test_the_stacks_own_time_comes_from_the_largest_file_without_an_api():
    assert "50,000 rows in 2.3 s, measured under offline" in said(recording(), "The stack's own time").text
    assert "1,000 rows in 0.12 s, measured under guide" in said(only(measurement(1000)), "The stack's own time").text


def test_the_weakest_timeout_is_the_one_with_the_lowest_break_even():
    found = said(recording(), "The weakest timeout")
    assert "300 s for 15,000 rows" in found.text
    assert "under 13.3 ms per row; here it took 16.2 ms (predicted)" in found.text


def test_what_went_wrong_under_other_profiles_informs():
    failed = run(5000, outcome="failed", layer="openphone", seconds=12.0, detail="503 after 5 tries")
    made = only(measurement(1000), measurement(5000, "degraded", runs=[failed]), measurement(10000, "degraded"))
    assert "failed after 12.0 s (openphone): 503 after 5 tries" in said(made, "5,000 rows under degraded").text
    assert "10,000 rows (measured 410 s, timeout 300 s)" in said(made, "Under degraded").text


@pytest.mark.parametrize("sizes", [(), (1000,), SIZES])
def test_with_nothing_measured_only_the_guide_is_spoken_of(sizes):
    found = find(recording(measurements=(), kills=(), sizes=sizes))
    assert all(item.text.startswith("The guide contradicts itself") for item in found)


def test_a_busy_machine_is_named_with_what_it_cost_each_call():
    # 25 ms a call, of which 15 are latency and 2.2 the client's own
    made = only(measurement(1000, runs=[busy_run(1000, 25, quiet_ms=17.2)]))
    found = said(made, "The machine was busy")
    assert found.severity == "warning"
    assert "7.8 ms of each call for 1,000 rows (31%)" in found.text
    assert not any("busy" in item.text for item in find(recording()))


def test_a_row_that_is_too_low_on_a_busy_machine_only_is_a_warning_without_a_timeout_to_set():
    made = only(measurement(1000, runs=[busy_run(1000, 70)]))
    found = said(made, "Too low on a busy machine")
    assert found.severity == "warning"
    assert "1,000 rows (measured 65.2 s, timeout 60 s). Without what that added about 16.3 s, in time" in found.text
    assert not any(item.severity == "fail" for item in find(made))


def test_pauses_before_a_repeated_call_do_not_make_a_machine_busy():
    made = only(measurement(1000, "degraded", runs=[busy_run(1000, 40)]), judged="degraded")
    assert not any("busy" in item.text for item in find(made))
