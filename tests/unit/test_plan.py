import pytest

from loadtest.sizing import guide as guides
from loadtest.sizing import plan
from loadtest.sizing import profile as profiles

GUIDE = guides.load()
SIZES = tuple(claim.rows for claim in GUIDE.claims)
DEFAULT = ("guide", "offline", "openphone")


def own(tmp_path, milliseconds, name="mine"):
    path = tmp_path / f"{name}.toml"
    path.write_text(
        f"[mock]\nlatency = {{ kind = 'fixed', ms = {milliseconds} }}\nlimit = {{ per_second = 0 }}\n[env]\n"
    )
    return str(path)


def made(*names, sizes=SIZES, judged=None, full=False, repeat=1):
    chosen = [profiles.load(name) for name in names]
    return plan.make(GUIDE, chosen, judged or chosen[0].name, sizes, full=full, repeat=repeat)


def measured(found, profile):
    return [job.rows for job in found.jobs() if job.what == "measure" and job.profile.name == profile]


def kills(found):
    return [job for job in found.jobs() if job.what == "kill"]


def test_a_quick_run_measures_what_fits_into_three_minutes():
    found = made(*DEFAULT)
    assert sorted(measured(found, "guide")) == [1000, 5000]
    assert measured(found, "offline") == list(SIZES)
    assert measured(found, "openphone") == [200]
    assert [(job.rows, job.profile.name) for job in kills(found)] == [(1000, "guide")]
    assert 60 < found.seconds < 175


def test_full_measures_every_size_of_the_guide_side_by_side_and_still_only_a_sample_of_the_limited():
    found = made(*DEFAULT, full=True)
    assert sorted(measured(found, "guide")) == list(SIZES)
    assert measured(found, "openphone") == [200]
    waiting = found.phases[0]
    assert len(waiting) == len(SIZES) + 1
    assert found.seconds < 1.1 * max(job.seconds for job in found.jobs())


def test_what_computes_runs_alone_after_what_waits():
    waiting, computing = made(*DEFAULT).phases
    assert {job.profile.name for lane in waiting for job in lane} == {"guide", "openphone"}
    assert [[job.rows for job in lane] for lane in computing] == [list(SIZES)]


def test_the_longest_lane_starts_first():
    waiting = made(*DEFAULT).phases[0]
    assert [(lane[0].profile.name, lane[0].rows) for lane in waiting] == [
        ("guide", 5000), ("guide", 1000), ("openphone", 200),
    ]  # fmt: skip


def test_offline_alone_has_nothing_to_wait_for_and_nothing_to_kill():
    found = made("offline", sizes=(200,))
    assert [(job.what, job.rows, job.profile.name) for job in found.jobs()] == [("measure", 200, "offline")]
    assert found.seconds < 15


def test_the_faults_of_degraded_are_measured_too_and_killed_only_when_judged():
    assert sorted(measured(made("guide", "degraded"), "degraded")) == [1000, 5000]
    assert [job.profile.name for job in kills(made("guide", "degraded"))] == ["guide"]
    assert [job.profile.name for job in kills(made("guide", "degraded", judged="degraded"))] == ["degraded"]


def test_a_judged_profile_with_a_rate_limit_is_not_killed():
    assert kills(made("guide", "openphone", judged="openphone")) == []


@pytest.mark.parametrize(
    ("sizes", "quick", "limited", "killed"),
    [
        ((1,), [1], [1], (1, 1)),
        ((100,), [100], [100], (100, 100)),
        ((200,), [200], [200], (200, 200)),
        ((100, 7000), [100], [100, 200], (100, 100)),
        ((1, 5000), [1, 5000], [1, 200], (5000, 1000)),
        ((200, 1000), [200, 1000], [200], (1000, 1000)),
        ((7000,), [5000], [200], (5000, 1000)),
        ((7000, 100_000), [5000], [200], (5000, 1000)),
        ((100_000,), [5000], [200], (5000, 1000)),
    ],
)
def test_odd_sizes(sizes, quick, limited, killed):
    found = made("guide", "offline", "openphone", sizes=sizes)
    assert sorted(measured(found, "guide")) == quick
    assert measured(found, "offline") == list(sizes)
    assert sorted(measured(found, "openphone")) == limited
    (lane,) = [lane for lane in found.phases[0] if lane[-1].what == "kill"]
    assert (lane[0].rows, lane[-1].rows) == killed


def test_with_full_odd_sizes_are_measured_whatever_they_are():
    assert sorted(measured(made("guide", sizes=(1, 7000, 100_000), full=True), "guide")) == [1, 7000, 100_000]


@pytest.mark.parametrize(
    ("milliseconds", "sizes", "killed"),
    [
        (20, (100, 200, 1000), 1000),
        (100, (100, 200), 100),  # slow enough to be killed as it is
        (1, (1000, 5000), 1000),
        (0, (1000, 5000), 5000),  # so fast that it takes the whole file
        (0, (100,), 100),  # too fast for any kill; the run says so
    ],
)
def test_the_kill_takes_the_smallest_file_that_takes_long_enough(tmp_path, milliseconds, sizes, killed):
    assert [job.rows for job in kills(made(own(tmp_path, milliseconds), sizes=sizes))] == [killed]


def test_the_kill_follows_the_measurement_that_it_needs_and_learns_its_timeout_from_it():
    (lane,) = [lane for lane in made(*DEFAULT).phases[0] if lane[-1].what == "kill"]
    assert [(job.what, job.rows) for job in lane] == [("measure", 1000), ("kill", 1000)]
    assert lane[-1].timeout is None


@pytest.mark.parametrize(
    ("rows", "timeout"),
    [(1, 60), (200, 60), (1000, 60), (1001, 180), (7000, 300), (15_000, 300), (50_000, 1200), (100_000, 2400)],
)
def test_each_size_runs_under_the_timeout_that_the_guides_reader_would_set(rows, timeout):
    jobs = made("guide", sizes=(rows,), full=True).jobs()
    assert [job.timeout for job in jobs if job.what == "measure"] == [timeout]


def test_repeats_take_as_often_as_long():
    once, thrice = made("offline", sizes=(1000,)), made("offline", sizes=(1000,), repeat=3)
    assert [job.repeat for job in thrice.jobs()] == [3]
    assert thrice.jobs()[0].seconds == pytest.approx(3 * once.jobs()[0].seconds)


def test_repeats_do_not_make_a_short_import_long_enough_for_a_kill():
    found = made("guide", sizes=(100, 1000), repeat=10)
    assert [job.rows for job in kills(found)] == [1000]


def test_the_estimate_counts_waiting_for_the_limit():
    found = made("openphone", sizes=(5000,))
    assert [job.rows for job in found.jobs()] == [200]
    assert 30 <= found.seconds < 35


def test_a_job_is_titled_as_a_person_reads_it():
    found = made("guide", sizes=(1000,))
    assert [job.title for job in found.jobs()] == ["guide, 1,000 rows", "kill, guide, 1,000 rows"]


def test_a_row_with_more_contacts_takes_more_calls_and_each_its_share_of_the_latency():
    one, two = (
        plan.make(GUIDE, [profiles.load("guide")], "guide", (5000,), full=True, repeat=1, contacts_per_row=share)
        for share in (1.0, 2.0)
    )
    more = two.jobs()[0].seconds - one.jobs()[0].seconds
    assert more == pytest.approx(5000 * plan.SECONDS_PER_CALL)  # the latency is that of the row


def test_under_a_limit_the_time_grows_with_the_contacts():
    chosen = [profiles.load("openphone")]
    found = plan.make(GUIDE, chosen, "openphone", (200,), full=True, repeat=1, contacts_per_row=1.2)
    assert 24 < found.jobs()[0].seconds - plan.SECONDS_TO_START < 24.2
    fewer = plan.make(GUIDE, chosen, "openphone", (200,), full=True, repeat=1, contacts_per_row=0.93)
    assert 18.6 < fewer.jobs()[0].seconds - plan.SECONDS_TO_START < 18.8
