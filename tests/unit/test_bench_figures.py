import pytest
from bench_examples import WHOLE, recording, samples

from benchmarks.figures import figures, met, ratios, share


def figure(name, what="first", found=WHOLE):
    [only] = [each for each in figures(found) if (each.yardstick, each.what) == (name, what)]
    return only


def test_a_figure_is_the_median_of_its_samples_whatever_the_outliers():
    assert figure("timeoutlab").seconds == 1.25
    assert figure("timeoutlab").rate == 800
    assert figure("timeoutlab").samples == (1.2, 1.25, 9.0)


def test_of_several_ways_the_one_with_the_fastest_median_counts_not_the_one_with_the_luckiest_sample():
    assert (figure("floor").variant, figure("floor").seconds) == ("anti-join", 1.1)


def test_a_rate_is_of_the_rows_that_were_done():
    assert figure("orm_per_row").rate == 50


def test_ratios_are_times_over_the_floor_and_rates_over_the_rest():
    assert ratios(WHOLE) == {
        "contacts": {
            "rate_over_heap": 0.08,
            "rate_over_limit": 0.4,
            "time_over_floor": pytest.approx(1.25 / 1.1, abs=0.001),
            "again_time_over_floor": 2.5,
            "rate_over_bulk_insert_mappings": 4.0,
            "rate_over_orm_per_row": 16.0,
        }
    }


def test_kinds_are_held_apart():
    found = recording(
        samples("floor", 1.0), samples("timeoutlab", 2.0),
        samples("floor", 1.0, kind="propertyradar"), samples("timeoutlab", 3.0, kind="propertyradar"),
        rows={"contacts": 1000, "propertyradar": 1000},
    )  # fmt: skip
    assert ratios(found) == {"contacts": {"time_over_floor": 2.0}, "propertyradar": {"time_over_floor": 3.0}}


def test_without_the_import_there_is_no_ratio():
    assert ratios(recording(samples("floor", 1.0))) == {"contacts": {}}


def test_a_share_is_of_the_limit_and_of_first_imports_only():
    found = figures(WHOLE)
    assert share(figure("limit"), found) == 1
    assert share(figure("timeoutlab"), found) == 0.4
    assert share(figure("timeoutlab", "again"), found) is None
    assert share(figure("timeoutlab"), [figure("timeoutlab")]) is None


@pytest.mark.parametrize(
    ("name", "ratio", "reached"),
    [
        ("time_over_floor", 1.25, True),
        ("time_over_floor", 1.26, False),
        ("again_time_over_floor", 2.01, False),
        ("rate_over_limit", 0.5, True),
        ("rate_over_limit", 0.49, False),
        ("rate_over_django_import_export", 50.1, True),
        ("rate_over_csvsql", 0.1, None),
    ],
)
def test_a_goal_is_a_most_for_times_and_a_least_for_rates(name, ratio, reached):
    assert met(name, ratio) is reached
