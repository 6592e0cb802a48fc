from dataclasses import replace

import pytest
from gate_examples import recording, sample

from benchmarks.gate.decision import Verdict
from benchmarks.gate.judgement import (
    INCONCLUSIVE,
    INVALID,
    PASS,
    REGRESSION,
    comparisons,
    exit_code,
    more_rounds,
    problems,
    stages,
)
from benchmarks.gate.samples import TASKS

WILD = (0.6, 1.5, 0.9, 1.4, 0.7, 1.2, 0.8, 1.3, 1.0, 1.1)


def with_trouble(found):
    return recording(samples=[replace(found.samples[0], trouble="the upload was answered 500"), *found.samples[1:]])


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (recording(), PASS),
        (recording(0.7), PASS),
        (recording(1.2), REGRESSION),
        (recording(memory=1.2), REGRESSION),
        (recording(1.2, tasks=("phone",)), REGRESSION),
        (recording(noise=WILD), INCONCLUSIVE),
        (recording(2.0, rounds=3), INCONCLUSIVE),
        (recording(samples=[]), INVALID),
        (recording(samples=[sample("contacts", "base", number) for number in range(20)]), INVALID),
        (recording(samples=[sample("contacts", side, 0) for side in ("base", "now")]), INVALID),
        (with_trouble(recording()), INVALID),
        (with_trouble(recording(1.2)), INVALID),
    ],
)
def test_the_exit_code_means_one_thing(found, code):
    assert exit_code(found) == code


def test_a_regression_of_one_measure_fails_the_whole_run_whatever_the_others_are():
    found = recording(tasks=TASKS, noise=WILD)
    assert exit_code(found) == INCONCLUSIVE
    slower = [
        replace(each, peak_bytes=each.peak_bytes * 2) if each.task == "propertyradar" and each.side == "now" else each
        for each in found.samples
    ]
    assert exit_code(recording(tasks=TASKS, samples=slower)) == REGRESSION


@pytest.mark.parametrize("code", [2, 3, 4])
def test_what_ended_the_run_is_its_exit_code_even_where_the_samples_so_far_would_pass(code):
    found = recording()
    found.trouble = ("db ended half way", code)
    assert exit_code(found) == code


def test_the_warm_up_does_not_count_unless_something_is_wrong_with_it():
    found = recording()
    odd = [replace(each, seconds=100.0) if each.round == 0 and each.side == "now" else each for each in found.samples]
    assert comparisons(recording(samples=odd)) == comparisons(found)
    [said] = problems(with_trouble(found))
    assert said == "contacts, base, warm-up: the upload was answered 500"


def test_half_a_round_is_left_out():
    found = recording()
    assert comparisons(recording(samples=found.samples[:-1]))["contacts"].rounds == 9


def test_every_task_of_the_plan_is_decided_on():
    assert list(comparisons(recording(tasks=TASKS))) == [
        "contacts", "propertyradar", "contacts memory", "propertyradar memory", "phone",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("found", "left", "more"),
    [
        (recording(), 20, 0),
        (recording(1.2), 20, 0),
        (recording(rounds=3), 20, 5),
        (recording(rounds=3), 2, 2),
        (recording(rounds=3), 0, 0),
        (recording(noise=WILD), 20, 20),
    ],
)
def test_more_rounds_are_tried_as_long_as_they_may_settle_something(found, left, more):
    assert more_rounds(comparisons(found), left) == more


def test_no_more_rounds_are_tried_once_one_measure_has_got_worse():
    found = comparisons(recording(tasks=TASKS, rounds=3))
    assert more_rounds(found, 20) == 5
    worse = replace(found["phone"], verdict=Verdict.REGRESSION)
    assert more_rounds(found | {"phone": worse}, 20) == 0


def test_where_the_time_went_is_told_stage_by_stage_and_what_moved_is_clear():
    found = {stage.name: stage for stage in stages(recording(1.1, normalise=0.35), "contacts")}
    assert list(found) == ["normalise", "merge", "beside the stages"]
    assert found["normalise"].clear
    assert found["normalise"].change == pytest.approx(2.2 * 0.35 - 0.5, abs=0.02)
    assert sum(stage.now for stage in found.values()) == pytest.approx(2.2, abs=0.05)


def test_a_stage_that_one_tree_does_not_know_took_it_no_time():
    found = recording()
    renamed = [replace(each, stage_seconds={"phones": 0.4}) if each.side == "now" else each for each in found.samples]
    by_name = {stage.name: stage for stage in stages(recording(samples=renamed), "contacts")}
    assert (by_name["phones"].base, by_name["phones"].now) == (0, 0.4)
    assert by_name["merge"].now == 0


def test_of_numbers_alone_there_are_no_stages():
    assert stages(recording(tasks=("phone",)), "contacts") == []
