import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest
from sizing_examples import kill, recording, run

from loadtest.errors import HarnessError, StackDied
from loadtest.sizing import kill as kills
from loadtest.sizing import profile as profiles
from loadtest.sizing.drive import Drivers, Upload
from loadtest.sizing.plan import Job, Plan
from loadtest.sizing.progress import Display
from loadtest.sizing.record import NotRun, Sample
from loadtest.sizing.run import Runner

GUIDE = profiles.load("guide")


class Stack:
    """Answers check() with nothing, or raises what it is given from the given call on."""

    def __init__(self, error=None, calls=0):
        self.error = error
        self.calls = calls

    def check(self):
        self.calls -= 1
        if self.error and self.calls < 0:
            raise self.error


class Trials:
    """`runs[rows]` is what measure() returns, or a callable that makes it."""

    def __init__(self, home, **runs):
        self.drivers = Drivers(home)
        self.runs = {int(rows.removeprefix("rows")): made for rows, made in runs.items()}
        self.asked = []

    def measure(self, job, number):
        self.asked.append((job.rows, number))
        made = self.runs[job.rows]
        result = made() if callable(made) else made
        return result, Upload(Sample("t", "import", 0.0, result.seconds or 0.0, 200, "200"), None)


def measure(rows, repeat=1):
    return Job("measure", rows, GUIDE, 60, repeat)


def killing(rows):
    return Job("kill", rows, GUIDE, None)


def runner(tmp_path, lanes, stack=None, **runs):
    plan = Plan((tuple(lanes),))
    trials = Trials(tmp_path, **runs)
    empty = recording(measurements=(), kills=())
    return Runner(stack or Stack(), trials, empty, Display(plan)), plan, trials


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("loadtest.sizing.run.TICK_SECONDS", 0.01)


def raising(error):
    def fail():
        raise error

    return fail


@pytest.fixture
def waiting(tmp_path):
    """A lane that waits for its upload until the drivers are ended, and a list of whether they were."""
    seen = []

    def made(trials):
        def wait():
            seen.append(trials.drivers.over.wait(60))
            raise HarnessError("locust recorded no request")

        return wait

    return made, seen


@pytest.mark.parametrize(
    "error", [HarnessError("locust recorded no request"), ZeroDivisionError("a mistake of the harness")]
)
def test_a_lane_that_fails_ends_those_that_still_wait(tmp_path, waiting, error):
    made, seen = waiting
    running, plan, trials = runner(tmp_path, [(measure(1000),), (measure(5000),)], rows1000=raising(error))
    trials.runs[5000] = made(trials)
    with pytest.raises(type(error), match=str(error)):
        running.run(plan)
    assert seen == [True]


def test_a_service_that_dies_ends_the_lanes_that_wait_for_it(tmp_path, waiting):
    made, seen = waiting
    died = StackDied("openphone ended half way")
    running, plan, trials = runner(tmp_path, [(measure(1000),), (measure(5000),)], Stack(died))
    trials.runs |= {1000: made(trials), 5000: made(trials)}
    with pytest.raises(StackDied, match="openphone ended half way"):
        running.run(plan)
    assert seen == [True, True]


@pytest.mark.parametrize("seen", [HarnessError("no answer"), ConnectionError("refused"), KeyError("status")])
def test_a_lane_that_fails_because_a_service_died_names_the_service(tmp_path, seen):
    died = StackDied("db ended half way")
    running, plan, _ = runner(tmp_path, [(measure(1000),)], Stack(died), rows1000=raising(seen))
    with pytest.raises(StackDied, match="db ended half way"):
        running.run(plan)


def test_ctrl_c_ends_the_lanes(tmp_path, waiting):
    made, seen = waiting
    running, plan, trials = runner(tmp_path, [(measure(1000),)], Stack(KeyboardInterrupt()))
    trials.runs[1000] = made(trials)
    with pytest.raises(KeyboardInterrupt):
        running.run(plan)
    assert seen == [True]


def test_what_was_measured_before_a_lane_failed_is_not_lost(tmp_path):
    lanes = [(measure(1000), measure(5000))]
    running, plan, _ = runner(tmp_path, lanes, rows1000=run(1000), rows5000=raising(HarnessError("no")))
    with pytest.raises(HarnessError):
        running.run(plan)
    assert [found.rows for found in running.recording.measurements] == [1000]


def test_each_repeat_is_a_run_with_its_own_number_and_sample(tmp_path):
    running, plan, trials = runner(tmp_path, [(measure(1000, repeat=3),)], rows1000=run(1000))
    found = running.run(plan)
    assert trials.asked == [(1000, 1), (1000, 2), (1000, 3)]
    assert [len(measurement.runs) for measurement in found.measurements] == [3]
    assert len(found.samples) == 3


def test_lanes_side_by_side_all_get_into_the_recording(tmp_path):
    sizes = range(100, 900, 100)
    together = threading.Barrier(len(sizes))

    def made(rows):
        def wait():
            together.wait(30)
            return run(rows)

        return wait

    runs = {f"rows{rows}": made(rows) for rows in sizes}
    running, plan, _ = runner(tmp_path, [(measure(rows),) for rows in sizes], **runs)
    assert sorted(found.rows for found in running.run(plan).measurements) == list(sizes)


@pytest.fixture
def provoked(monkeypatch):
    asked = []

    def provoke(_, job, need):
        asked.append((job.rows, need))
        return kill(rows=job.rows), Sample("kill", "import", 0.0, 13.0, 500, "500")

    monkeypatch.setattr(kills, "provoke", provoke)
    return asked


def test_the_kill_takes_its_need_from_the_fastest_repeat(tmp_path, provoked):
    times = iter([18.0, 16.0, 17.0])
    running, plan, _ = runner(
        tmp_path, [(measure(1000, repeat=3), killing(1000))], rows1000=lambda: run(1000, seconds=next(times))
    )
    found = running.run(plan)
    assert provoked == [(1000, 16.0)]
    assert [each.rows for each in found.kills] == [1000]
    assert [sample.saw for sample in found.samples] == ["200", "200", "200", "500"]


def test_the_kill_takes_its_need_in_proportion_from_the_size_nearest_above_it(tmp_path, provoked):
    lanes = [(measure(1), measure(9000), measure(5000), killing(1000))]
    runs = {"rows1": run(1, seconds=0.2), "rows9000": run(9000, seconds=170), "rows5000": run(5000, seconds=85.0)}
    running, plan, _ = runner(tmp_path, lanes, **runs)
    running.run(plan)
    assert provoked == [(1000, 17.0)]


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (run(1000, seconds=2.9), "it needs only 2.9 s"),
        (replace(run(1000, seconds=60.5), outcome="killed", layer="gunicorn"), "no run of this profile completed"),
        (replace(run(1000), outcome="failed", layer="openphone"), "no run of this profile completed"),
    ],
)
def test_a_kill_that_cannot_be_provoked_says_why(tmp_path, provoked, made, reason):
    running, plan, _ = runner(tmp_path, [(measure(1000), killing(1000))], rows1000=made)
    found = running.run(plan)
    assert provoked == []
    assert found.kills == ()
    assert found.not_run == (NotRun("kill", reason, 1000, "guide"),)


def test_another_profiles_time_says_nothing_of_what_the_kill_needs(tmp_path, provoked):
    running, plan, _ = runner(tmp_path, [(killing(1000),)])
    running.recording = recording(kills=(), not_run=(), measurements=tuple(
        each for each in recording().measurements if each.profile == "offline"
    ))  # fmt: skip
    assert running.run(plan).not_run[0].reason == "no run of this profile completed"


@pytest.mark.parametrize(
    ("need", "timeout", "possible"),
    [(17.4, 14, True), (5.9, 2, True), (3.3, 2, True), (3.2, 2, False), (0.1, 2, False), (1000.2, 997, True)],
)
def test_the_timeout_of_a_kill_lies_three_seconds_under_the_need_and_never_under_two(need, timeout, possible):
    assert kills.timeout_below(need) == timeout
    assert kills.possible(need) is possible


def test_no_driver_starts_after_all_were_ended(tmp_path):
    drivers = Drivers(tmp_path)
    drivers.end()
    trial = SimpleNamespace(name="t", url="http://127.0.0.1:1", api_key="k", log_path=tmp_path / "web.log")
    with pytest.raises(HarnessError, match="the run is being ended"):
        drivers.upload(trial, 1, 2)
