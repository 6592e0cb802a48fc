import pytest

from benchmarks import scale


def imported(rows, rate, above=20.0, slope=0.5, number=1):
    memory = {"start": 70.0, "peak": 70.0 + above, "above": above, "slope": slope}
    return {
        "round": number,
        "rows": rows,
        "seconds": rows / rate,
        "rows_per_second": rate,
        "rss": memory,
        "pss": memory,
    }


@pytest.mark.parametrize(
    ("rate", "above", "passed"), [(800, 64.0, True), (799, 20.0, False), (1000, 64.1, False), (2000, 0.0, True)]
)
def test_a_large_file_must_keep_four_fifths_of_the_throughput_in_bounded_memory(rate, above, passed):
    found = scale.judge([imported(50, 1000), imported(1000, rate, above)], 50, 1000)
    assert (found["share"], found["rss_above_start_mib"], found["passed"]) == (rate / 1000, above, passed)


def test_throughput_is_a_median_and_memory_the_most_of_all_rounds():
    imports = [
        each
        for number, rate in enumerate((900, 1000, 9000))
        for each in (imported(50, 1000, number=number), imported(1000, rate, above=10.0 * number, slope=number))
    ]
    found = scale.judge(imports, 50, 1000)
    assert found["rates"] == {50: 1000, 1000: 1000}
    assert (found["rss_above_start_mib"], found["rss_slope_mib"]) == (20.0, 2)


def test_the_result_says_what_is_wanted():
    found = scale.judge([imported(50, 1000), imported(1_000_000, 850, 12.34)], 50, 1_000_000)
    said = scale.text(found, 50, 1_000_000)
    assert said.startswith("1,000,000 rows: 850 rows/s, 85% of the 1,000 at 50 rows (wanted: 80%)\n")
    assert "12.3 MiB above its start at most (wanted: 64)" in said
    assert scale.line(imported(1000, 500)) == (
        "round 1  1,000 rows: 2.0 s, 500 rows/s, rss 70 MiB, +20.0 at its peak, +0.5 over the run"
    )
