from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sizing_examples import SIZES, busy_run, contacts, killed, measurement, of_kind, only, property_run, recording, run

from loadtest.sizing import model, stages
from loadtest.sizing import profile as profiles

GUIDE = profiles.load("guide")
OPENPHONE = profiles.load("openphone")
OFFLINE = profiles.load("offline")


def test_a_prediction_of_a_measured_world_is_what_the_world_would_take():
    prediction = model.predict(recording(), GUIDE, 50000)
    assert prediction.seconds == pytest.approx(run(50000, call_ms=17.4).seconds, rel=0.001)


def test_a_rate_limited_import_is_paced_and_not_scaled_from_a_small_sample():
    truth = run(50000, call_ms=17.9, wait_ms=82.9).seconds
    prediction = model.predict(recording(), OPENPHONE, 50000)
    assert prediction.seconds == pytest.approx(truth, rel=0.002)
    assert prediction.stage_seconds["limit"] > prediction.stage_seconds["openphone"]


def test_no_sample_may_promise_more_than_the_limit_permits():
    burst = replace(measurement(100, "openphone"), runs=(run(100, call_ms=5, wait_ms=0),))
    prediction = model.predict(only(burst, sizes=(1000,)), OPENPHONE, 1000)
    assert prediction.stage_seconds["openphone"] + prediction.stage_seconds["limit"] >= (contacts(1000) - 1) / 10


def test_an_api_slower_than_the_limit_sets_the_pace_itself():
    slow = replace(measurement(100, "openphone"), runs=(run(100, call_ms=250, wait_ms=0),))
    prediction = model.predict(only(slow, sizes=(1000,)), OPENPHONE, 1000)
    assert prediction.stage_seconds["openphone"] == pytest.approx(contacts(1000) * 0.25)


def test_the_stacks_own_time_comes_from_whichever_profile_went_furthest_and_says_so():
    prediction = model.predict(recording(), GUIDE, 25000)
    assert "measured at 25,000 rows under offline" in prediction.explanation
    alone = model.predict(only(measurement(1000), measurement(5000)), GUIDE, 25000)
    assert "scaled from 5,000 rows measured" in alone.explanation
    assert "offline" not in alone.explanation


def test_the_api_is_never_taken_from_another_profile():
    assert model.predict(only(measurement(1000), measurement(5000)), OPENPHONE, 10000) is None
    assert model.predict(recording(measurements=()), GUIDE, 1000) is None


def test_a_killed_or_failed_import_is_no_sample():
    assert model.predict(only(measurement(1000, runs=[killed(1000, 60)])), GUIDE, 5000) is None
    failed = run(1000, call_ms=17, outcome="failed", layer="openphone")
    assert model.predict(only(measurement(1000, runs=[failed])), GUIDE, 5000) is None


def test_the_slowest_of_several_runs_is_the_sample():
    runs = [run(1000, call_ms=15), run(1000, call_ms=20), run(1000, call_ms=17)]
    prediction = model.predict(only(measurement(1000, runs=runs)), GUIDE, 2000)
    assert prediction.stage_seconds["openphone"] == pytest.approx(contacts(2000) * 0.020)


def test_offline_needs_no_api():
    prediction = model.predict(only(measurement(5000, "offline"), judged="offline"), OFFLINE, 10000)
    assert "openphone" not in prediction.stage_seconds


def test_without_stage_times_the_whole_time_is_scaled_with_the_rows():
    bare = run(1000, calls_api=False, stage_seconds=None, seconds=2.0)
    prediction = model.predict(only(measurement(1000, "offline", runs=[bare])), OFFLINE, 5000)
    assert prediction.seconds == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("points", "rows", "value"),
    [
        ({1000: 1.0}, 5000, 5.0),
        ({1000: 1.0, 5000: 3.0}, 9000, 5.0),
        ({1000: 1.0, 5000: 3.0, 50000: 100.0}, 10000, 5.5),
        ({1000: 1.0, 5000: 3.0}, 5000, 3.0),
        ({1000: 5.0, 5000: 3.0}, 10000, 6.0),
        ({1000: 0.1, 5000: 8.1}, 100, 0.0),
    ],
)
def test_a_line_goes_through_the_two_nearest_sizes(points, rows, value):
    assert model.line(points, rows) == pytest.approx(value)


seconds = st.floats(0, 1000)
samples = st.dictionaries(st.sampled_from(SIZES), st.tuples(seconds, seconds, seconds, seconds), min_size=1)


@given(samples, st.integers(1, 100_000), st.sampled_from([GUIDE, OPENPHONE]))
def test_a_prediction_is_never_negative_and_its_stages_add_up(times, rows, profile):
    made = [
        measurement(
            size,
            profile.name,
            runs=[
                run(
                    size,
                    seconds=copy + openphone + limit + other,
                    stage_seconds={"copy": copy, "openphone": openphone, "limit": limit},
                )
            ],
        )
        for size, (copy, openphone, limit, other) in times.items()
    ]
    prediction = model.predict(only(*made), profile, rows)
    assert all(value >= 0 for value in prediction.stage_seconds.values())
    assert prediction.seconds == pytest.approx(sum(prediction.stage_seconds.values()))


@given(st.dictionaries(st.sampled_from(["read", "copy", "openphone", "limit"]), seconds), seconds)
def test_what_a_client_waited_is_split_without_a_rest(recorded, extra):
    waited = sum(recorded.values()) + extra
    split = stages.split(run(1000, seconds=waited, stage_seconds=recorded))
    assert sum(split.values()) == pytest.approx(waited)
    assert stages.own_seconds(split) + stages.api_seconds(split) == pytest.approx(waited)


def test_a_row_with_more_than_one_contact_is_predicted_by_its_contacts():
    sample = of_kind("propertyradar", property_run(1000), sizes=(1000, 5000))
    prediction = model.predict(sample, GUIDE, 5000)
    assert prediction.seconds == pytest.approx(property_run(5000).seconds, rel=0.01)
    assert "6,000 contacts x 17.4 ms" in prediction.explanation


def test_the_limit_counts_contacts_and_not_rows():
    sample = of_kind("propertyradar", property_run(1000), judged="guide")
    sample = replace(
        sample, profiles=(OPENPHONE,), measurements=tuple(replace(m, profile="openphone") for m in sample.measurements)
    )
    assert model.predict(sample, OPENPHONE, 5000).seconds > 5999 / 10


def test_a_prediction_knows_how_much_of_it_a_busy_machine_added():
    busy = only(measurement(1000, runs=[busy_run(1000, 40)]))
    assert model.predict(busy, GUIDE, 5000).busy_seconds == pytest.approx(contacts(5000) * 0.0226)
    assert model.predict(recording(), GUIDE, 50000).busy_seconds == 0
