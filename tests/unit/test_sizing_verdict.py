import pytest
from hypothesis import given
from hypothesis import strategies as st
from sizing_examples import (
    GUIDE,
    SIZES,
    busy_run,
    kill,
    killed,
    measurement,
    of_kind,
    only,
    property_run,
    recording,
    run,
)

from loadtest.sizing import thresholds
from loadtest.sizing import verdict as verdicts
from loadtest.sizing.record import NotRun


def judge(made):
    return verdicts.judge(made, GUIDE)


def row(made, rows=1000, profile="guide"):
    return next(item for item in judge(made).rows if (item.rows, item.profile.name) == (rows, profile))


def took(seconds, rows=1000, **changes):
    return only(measurement(rows, runs=[run(rows, seconds=seconds, stage_seconds={}, **changes)]))


@pytest.mark.parametrize(
    ("seconds", "timeout_verdict", "outcome"),
    [
        (40.0, "holds", "pass"),
        (40.001, "tight", "pass"),
        (60.0, "tight", "pass"),
        (60.001, "too_low", "fail"),
        (0.0, "holds", "pass"),
    ],
)
def test_a_timeout_holds_with_its_buffer_and_is_tight_without_it(seconds, timeout_verdict, outcome):
    assert row(took(seconds)).timeout_verdict == timeout_verdict
    assert judge(took(seconds)).outcome == outcome


@pytest.mark.parametrize(
    ("seconds", "claim"), [(9.999, "faster"), (10.0, "within"), (20.0, "within"), (20.001, "slower")]
)
def test_the_ends_of_the_guides_range_are_within_it(seconds, claim):
    assert row(took(seconds)).time_claim == claim


@pytest.mark.parametrize(
    ("seconds", "timeout"),
    [(17.1, 30), (20.0, 30), (20.001, 35), (0.0, 5), (0.1, 5), (3.3333333333, 5), (1000 / 3 * 2, 1000), (66.6, 100)],
)
def test_the_recommended_timeout_is_the_buffer_rounded_up_to_five_seconds(seconds, timeout):
    assert row(took(seconds)).recommended_timeout == timeout


@given(st.floats(0, 1e5))
def test_a_recommended_timeout_holds_and_no_shorter_one_of_its_kind_does(seconds):
    timeout = thresholds.recommended_timeout(seconds, 1.5)
    assert timeout % 5 == 0
    assert thresholds.timeout_verdict(seconds, timeout, 1.5) == "holds"
    assert timeout == 5 or thresholds.timeout_verdict(seconds, timeout - 5, 1.5) != "holds"


@given(st.floats(0, 1e4), st.floats(0, 1e4), st.integers(1, 1200))
def test_a_slower_import_never_gets_a_better_verdict(one, other, timeout):
    order = ("holds", "tight", "too_low")
    fast, slow = sorted((one, other))
    got = [order.index(thresholds.timeout_verdict(seconds, timeout, 1.5)) for seconds in (fast, slow)]
    assert got == sorted(got)


@given(st.floats(0, 30), st.floats(0, 200))
def test_the_break_even_is_where_the_timeout_stops_holding(own, api_ms):
    breaks = thresholds.break_even_ms_per_row({"copy": own, "openphone": 7.0, "limit": 2.0}, 1000, 60, 1.5)
    held = thresholds.timeout_verdict(own + api_ms, 60, 1.5) == "holds"
    assert held == (api_ms <= breaks) or api_ms == pytest.approx(breaks)


def test_the_break_even_leaves_out_openphone_and_only_that():
    stages = {"read": 0.1, "copy": 0.3, "openphone": 16.0}
    made = only(measurement(1000, runs=[run(1000, seconds=16.5, stage_seconds=stages)]))
    assert row(made).break_even_ms_per_row == pytest.approx((60 / 1.5 - 0.5) / 1000 * 1000)
    assert row(made).stage_seconds["other"] == pytest.approx(0.1)


def test_the_slowest_of_several_runs_decides_and_all_are_kept():
    runs = [run(1000, seconds=seconds, stage_seconds={}) for seconds in (17.0, 41.0, 18.0)]
    found = row(only(measurement(1000, runs=runs)))
    assert (found.slowest_seconds, found.seconds, found.timeout_verdict) == (41.0, (17.0, 41.0, 18.0), "tight")


def test_one_killed_run_among_good_ones_is_too_low():
    made = only(measurement(1000, runs=[run(1000, call_ms=17), killed(1000, 60), run(1000, call_ms=17)]))
    assert row(made).timeout_verdict == "too_low"
    assert judge(made).outcome == "fail"


def test_a_kill_at_the_guides_timeout_is_too_low_and_what_is_needed_is_predicted():
    made = only(measurement(1000, runs=[run(1000, call_ms=60)]), measurement(5000, runs=[killed(5000, 180)]))
    found = row(made, 5000)
    assert (found.source, found.timeout_verdict, found.time_claim) == ("measured", "too_low", "slower")
    assert (found.recommended_source, found.recommended_timeout) == ("predicted", 420)
    assert "measured at 1,000 rows" in found.predicted_from


def test_a_killed_import_is_never_recommended_less_than_it_had():
    made = only(measurement(1000, runs=[run(1000, call_ms=5), killed(1000, 60)]))
    assert row(made).recommended_timeout >= 60 * 1.5


def test_a_kill_with_nothing_to_predict_from_recommends_nothing():
    found = row(only(measurement(1000, runs=[killed(1000, 60)])))
    assert (found.timeout_verdict, found.recommended_timeout, found.time_claim) == ("too_low", None, "slower")


@pytest.mark.parametrize(
    "failed",
    [
        run(1000, outcome="failed", layer="stack", seconds=30.0, detail="db ended"),
        run(1000, outcome="failed", layer="openphone", seconds=61.0, detail="503"),
        run(1000, outcome="failed", layer="client", seconds=None),
        killed(1000, 60, seconds=45.0),
        run(1000, outcome="killed", layer="nginx", seconds=61.0, detail="504"),
        run(1000, outcome="completed", seconds=None),
    ],
)
def test_a_failure_that_is_no_kill_at_the_timeout_is_no_verdict_on_it(failed):
    made = only(measurement(1000, runs=[failed]), measurement(5000))
    assert row(made).timeout_verdict == "not_run"
    assert row(made).source is None
    assert row(made).reason
    assert judge(made).outcome == "inconclusive"


def test_a_failure_says_where_it_was():
    failed = run(1000, outcome="failed", layer="openphone", seconds=61.0, detail="503 after 5 tries")
    assert row(only(measurement(1000, runs=[failed]))).reason == "failed after 61.0 s (openphone): 503 after 5 tries"


def test_sizes_that_did_not_run_are_predicted_and_marked():
    made = recording()
    assert [item.source for item in judge(made).rows if item.profile.name == "guide"] == ["measured"] * 2 + [
        "predicted"
    ] * 4
    assert row(made, 50000).seconds == ()
    assert "5,000 rows" in row(made, 50000).predicted_from


def test_the_example_passes_with_three_tight_rows():
    verdict = judge(recording())
    assert (verdict.outcome, verdict.exit_code) == ("pass", 0)
    tight = [item.rows for item in verdict.rows if item.timeout_verdict == "tight"]
    assert tight == [15000, 25000, 50000]
    assert "6 of 6 timeouts are too low" in verdict.reasons[1]


def test_a_predicted_row_of_the_judged_profile_can_fail_the_run():
    made = only(measurement(1000, runs=[run(1000, call_ms=40)]), sizes=(1000, 15000))
    assert (row(made).timeout_verdict, row(made, 15000).timeout_verdict) == ("holds", "too_low")
    assert judge(made).outcome == "fail"
    assert judge(made).reasons == ("15,000 rows: 300 s are too low (predicted)",)


def test_another_profile_can_be_judged():
    assert judge(recording(judged="offline")).outcome == "pass"
    verdict = judge(recording(judged="openphone"))
    assert (verdict.outcome, verdict.exit_code, len(verdict.reasons)) == ("fail", 1, 6)


def test_predictions_alone_are_never_a_pass():
    made = only(measurement(100), sizes=(1000,))
    assert row(made).timeout_verdict == "holds"
    assert judge(made).outcome == "inconclusive"
    assert judge(made).reasons == ("no row of profile guide ran",)


@pytest.mark.parametrize("sizes", [SIZES, ()])
def test_no_data_is_never_a_pass(sizes):
    verdict = judge(recording(measurements=(), kills=(), sizes=sizes))
    assert (verdict.outcome, verdict.exit_code) == ("inconclusive", 3)
    assert {item.timeout_verdict for item in verdict.rows} <= {"not_run"}


def test_other_profiles_are_no_data_of_the_judged_one():
    made = only(measurement(1000, "offline"), measurement(5000, "offline"))
    assert judge(made).outcome == "inconclusive"


def test_sizes_left_out_do_not_count():
    assert judge(only(measurement(1000))).outcome == "pass"
    assert [item.rows for item in judge(only(measurement(1000))).rows] == [1000]


def test_a_size_beyond_the_guide_gets_a_timeout_but_no_verdict():
    made = only(measurement(1000), sizes=(1000, 70000))
    found = row(made, 70000)
    assert (found.claim, found.timeout_verdict, found.source) == (None, "not_run", "predicted")
    assert found.recommended_timeout > 1200
    assert judge(made).outcome == "pass"
    assert judge(only(measurement(70000, timeout=3600))).outcome == "inconclusive"


def test_by_construction_is_said_of_the_guides_profile_only():
    assert {(r.profile.name, r.profile.by_construction) for r in judge(recording()).rows} == {
        ("guide", True),
        ("offline", False),
        ("openphone", False),
    }


@pytest.mark.parametrize(
    "changes", [{"contacts_db": 929}, {"contacts_openphone": 931}, {"lost": 1}, {"duplicated": 1}, {"rows_total": 999}]
)
@pytest.mark.parametrize("profile", ["guide", "degraded"])
def test_a_row_lost_or_doubled_in_any_profile_fails_whatever_the_times(profile, changes):
    bad = measurement(1000, profile, runs=[run(1000, call_ms=17), run(1000, call_ms=15, **changes)])
    verdict = judge(only(measurement(5000), bad))
    assert verdict.outcome == "fail"
    assert verdict.reasons[0].startswith(f"1,000 rows under {profile}")


def test_a_sample_that_is_no_row_of_the_table_counts_when_it_lost_something():
    made = only(measurement(1000), measurement(100, "openphone", runs=[run(100, call_ms=18, lost=1)]), sizes=(1000,))
    assert judge(made).outcome == "fail"


def test_a_run_whose_contacts_nobody_counted_is_no_pass():
    verdict = judge(only(measurement(1000, runs=[run(1000, call_ms=17, contacts_openphone=None)])))
    assert verdict.outcome == "inconclusive"
    assert "OpenPhone's store were not counted" in verdict.reasons[0]


def test_a_lost_row_outweighs_missing_data():
    made = only(measurement(1000, runs=[run(1000, call_ms=17, lost=1)]), interrupted=True)
    assert judge(made).outcome == "fail"


def test_an_interrupted_run_is_no_pass():
    verdict = judge(recording(interrupted=True))
    assert (verdict.outcome, verdict.reasons) == ("inconclusive", ("the run was interrupted",))


def test_why_something_did_not_run_is_kept():
    parts = (NotRun("measurement", "a service died", 1000, "guide"), NotRun("kill", "no time"))
    made = recording(measurements=(), kills=(), not_run=parts)
    assert row(made).reason == "a service died"
    assert "nothing was measured" in row(made, 5000).reason
    assert "no kill was seen: no time" in judge(made).reasons


def test_a_planned_kill_that_was_not_seen_is_no_pass():
    made = recording(kills=(), not_run=(NotRun("kill", "the trial did not start"),))
    assert judge(made).outcome == "inconclusive"


@pytest.mark.parametrize(
    ("timeout", "after", "within"),
    [(13, 13.0, False), (13, 13.001, True), (13, 15.0, True), (13, 15.001, False), (13, 12.9, False)],
)
def test_a_kill_comes_after_its_timeout_and_within_two_seconds(timeout, after, within):
    assert verdicts.in_band(timeout, after) is within


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"killed_after_seconds": None, "layer": None, "client_saw": "200"}, "not killed at 13 s"),
        ({"killed_after_seconds": 12.9}, "killed after 12.9 s, outside 13 s to 15 s"),
        ({"killed_after_seconds": 15.4}, "outside"),
        ({"layer": "nginx", "client_saw": "504"}, "ended by nginx"),
        ({"log_line": None}, "no line in Gunicorn's log"),
        ({"client_saw": "200"}, "its client saw 200"),
        ({"client_saw": None}, "its client saw nothing"),
        ({"found_interrupted_after_seconds": None}, "never found interrupted"),
        ({"found_interrupted_after_seconds": 2.01}, "found interrupted after 2.0 s only"),
        ({"lost": 1}, "after the resume 1 lost"),
        ({"duplicated": 3}, "3 doubled"),
        ({"contacts_after_resume": 929}, "the database has 929 contacts"),
        ({"contacts_after_resume": None}, "were not counted"),
        ({"contacts_openphone_after_resume": None}, "were not counted"),
    ],
)
def test_a_kill_that_does_not_behave_fails_the_run_and_says_how(changes, said):
    verdict = judge(recording(kills=(kill(), kill(**changes))))
    assert (verdict.outcome, verdict.kills[0].problems) == ("fail", ())
    assert said in "; ".join(verdict.kills[1].problems)
    assert said in verdict.reasons[0]


@pytest.mark.parametrize("saw", ["500", "502", "eof", "reset"])
def test_a_client_may_see_a_kill_in_several_ways(saw):
    assert judge(recording(kills=(kill(client_saw=saw),))).outcome == "pass"


def test_a_kill_offline_has_no_store_to_count():
    made = recording(kills=(kill(profile="offline", contacts_openphone_after_resume=None),))
    assert judge(made).outcome == "pass"


@given(
    st.lists(
        st.tuples(st.sampled_from(SIZES), st.sampled_from(["guide", "offline"]), st.floats(0.01, 2000)), max_size=6
    ),
    st.booleans(),
)
def test_a_pass_means_that_every_judged_row_held_and_one_of_them_ran(runs, interrupted):
    made = recording(
        measurements=tuple(
            measurement(rows, profile, runs=[run(rows, seconds=seconds, calls_api=profile == "guide")])
            for rows, profile, seconds in runs
        ),
        interrupted=interrupted,
    )
    verdict = judge(made)
    judged = [item for item in verdict.rows if item.profile.name == "guide"]
    assert verdict.reasons
    if verdict.outcome == "pass":
        assert not interrupted
        assert {item.timeout_verdict for item in judged} <= {"holds", "tight"}
        assert any(item.source == "measured" for item in judged)
    if any(item.timeout_verdict == "too_low" for item in judged):
        assert verdict.outcome == "fail"


def test_a_timeout_that_is_too_low_on_a_busy_machine_only_is_no_verdict_and_says_so():
    made = only(measurement(1000, runs=[busy_run(1000, 70)]))
    verdict = judge(made)
    assert row(made).timeout_verdict == "too_low"
    assert (verdict.outcome, verdict.exit_code) == ("inconclusive", 3)
    assert verdict.reasons == (
        "1,000 rows: 60 s were too low on a busy machine, and would be enough on a quiet one (about 16.3 s, measured); "
        "run this again with nothing beside it",
    )
    assert row(made).reason.endswith("no import can count on that; without what a busy machine added about 16.3 s")


@pytest.mark.parametrize(
    ("quiet_ms", "outcome"),
    [
        (64.0, "inconclusive"),  # 59.7 s of 60
        (64.6, "fail"),  # 60.2 s
        (78.0, "fail"),  # 15% of a call: as much is waited on a quiet machine
    ],
)
def test_a_timeout_that_is_too_low_on_a_quiet_machine_too_is_too_low(quiet_ms, outcome):
    made = only(measurement(1000, runs=[busy_run(1000, 92, quiet_ms=quiet_ms)]))
    assert row(made).timeout_verdict == "too_low"
    assert judge(made).outcome == outcome


def test_a_busy_machine_does_not_matter_where_the_timeout_holds_all_the_same():
    made = only(measurement(1000, runs=[busy_run(1000, 30)]))
    assert judge(made).outcome == "pass"
    assert row(made).reason is None


def test_a_busy_machine_excuses_nothing_that_was_lost():
    made = only(measurement(1000, runs=[busy_run(1000, 70, lost=1)]))
    assert judge(made).outcome == "fail"


def test_every_repeat_has_to_fit_without_what_the_busy_machine_added():
    slow = run(1000, call_ms=68)
    assert judge(only(measurement(1000, runs=[busy_run(1000, 70), run(1000, call_ms=17)]))).outcome == "inconclusive"
    assert judge(only(measurement(1000, runs=[busy_run(1000, 70), slow]))).outcome == "fail"


def test_a_prediction_from_a_busy_sample_is_no_verdict():
    made = only(measurement(1000, runs=[busy_run(1000, 40)]), sizes=(1000, 15000))
    assert row(made, 15000).timeout_verdict == "too_low"
    assert row(made, 15000).reason == "without what a busy machine added about 245 s"
    assert judge(made).outcome == "inconclusive"
    assert "15,000 rows: 300 s were too low on a busy machine" in judge(made).reasons[0]


def test_a_kill_is_excused_by_a_busy_sample_of_its_profile_and_by_nothing_else():
    busy = measurement(1000, runs=[busy_run(1000, 55)])
    assert judge(only(busy, measurement(5000, runs=[killed(5000, 180)]))).outcome == "inconclusive"
    quiet = measurement(1000, runs=[run(1000, call_ms=55)])
    assert judge(only(quiet, measurement(5000, runs=[killed(5000, 180)]))).outcome == "fail"
    assert judge(only(measurement(5000, runs=[killed(5000, 180)]))).outcome == "fail"


def test_where_the_limit_sets_the_pace_a_busy_machine_is_no_excuse():
    paced = busy_run(1000, 40, wait_ms=60)  # a quicker call would only wait longer for the next one
    made = only(measurement(1000, "openphone", runs=[paced]), judged="openphone")
    assert row(made, profile="openphone").timeout_verdict == "too_low"
    assert judge(made).outcome == "fail"
    predicted = only(
        measurement(200, "openphone", runs=[busy_run(200, 40, wait_ms=60)]), judged="openphone", sizes=(1000,)
    )
    assert judge(predicted).outcome == "fail"


def test_pauses_before_a_repeated_call_are_no_busy_machine():
    made = only(measurement(1000, "degraded", runs=[busy_run(1000, 70)]), judged="degraded")
    assert judge(made).outcome == "fail"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"properties_db": 929}, "the database has 929 properties, the manifest 930"),
        ({"properties_db": 931}, "the database has 931 properties, the manifest 930"),
        ({"links_db": 1200}, "the database has 1,200 links, the manifest 1,203"),
        ({"contacts_db": 1199}, "the database has 1,199 contacts, the manifest 1,200"),
    ],
)
def test_a_property_or_a_link_lost_or_doubled_fails_the_run(changes, said):
    assert judge(of_kind("propertyradar", property_run(1000))).outcome == "pass"
    verdict = judge(of_kind("propertyradar", property_run(1000), property_run(1000, **changes)))
    assert verdict.outcome == "fail"
    assert said in verdict.reasons[0]


def test_a_member_lost_fails_the_run():
    def members(found):
        return of_kind("campaign", run(1000, call_ms=17.4, members_expected=930, members_db=found))

    assert judge(members(930)).outcome == "pass"
    assert judge(members(929)).outcome == "fail"
    assert judge(members(None)).outcome == "inconclusive"


def test_a_kill_that_loses_a_property_does_not_behave():
    found = {"properties_expected": 930, "links_expected": 930, "links_after_resume": 930}
    good, bad, uncounted = (
        judge(recording(kills=(kill(**found, properties_after_resume=number),))) for number in (930, 929, None)
    )
    assert good.outcome == "pass"
    assert "after the resume the database has 929 properties, the manifest 930" in bad.reasons[0]
    assert "the properties in the database were not counted" in uncounted.reasons[0]
