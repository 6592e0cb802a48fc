import json
from dataclasses import replace

import pytest
from sizing_examples import kill, killed, measurement, property_run, recording, run

from loadtest.errors import UsageError
from loadtest.sizing import accounting, record
from loadtest.sizing.record import NotRun, Sample

FULL = recording(
    measurements=(measurement(1000), measurement(5000, runs=[run(5000, call_ms=17), killed(5000, 180)])),
    not_run=(NotRun("kill", "the stack died"), NotRun("measurement", "left out", rows=10, profile="guide")),
    samples=(Sample("t1", "import 1000", 1795536000.125, 16.4, 200, "200", "an-id", 123456),),
    interrupted=True,
)


def test_a_recording_comes_back_from_its_file_as_it_was(tmp_path):
    path = tmp_path / "recording.json"
    FULL.save(path)
    assert record.load(path) == FULL


def broken(change):
    data = json.loads(json.dumps(FULL.to_dict()))
    change(data)
    return data


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.pop("stack"), "recording: stack is missing"),
        (lambda d: d.update(extra=1), "recording: extra is not known here"),
        (
            lambda d: d["measurements"][1]["runs"][0].update(seconds="17"),
            "measurements[1].runs[0].seconds: '17' is not a",
        ),
        (
            lambda d: d["measurements"][0]["runs"][0].update(outcome="ok"),
            "outcome: 'ok' is not one of completed, killed",
        ),
        (
            lambda d: d["measurements"][0]["runs"][0]["stage_seconds"].update(copy=None),
            "stage_seconds.copy: None is not a",
        ),
        (lambda d: d.update(kills={}), "kills: {} is not a list"),
        (lambda d: d.update(sizes=[1000.5]), "sizes[0]: 1000.5 is not a whole number"),
        (lambda d: d.update(version=2), "a recording of version 2; this timeoutlab reads version 1"),
        (lambda d: d["profiles"][0]["mock"].update(limit=5), "recording: profiles[0]: mock.limit"),
    ],
)
def test_a_recording_that_is_none_is_refused_with_the_place(change, said):
    with pytest.raises(UsageError) as caught:
        record.from_dict(broken(change))
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "\udcff"])
def test_a_file_that_is_no_recording_is_named(tmp_path, text):
    path = tmp_path / "recording.json"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(UsageError, match=r"recording\.json"):
        record.load(path)


def test_runs_of_one_size_and_profile_are_found_together():
    twice = recording(measurements=(measurement(1000), measurement(1000, "offline"), measurement(1000)))
    assert len(twice.runs(1000, "guide")) == 2
    assert twice.runs(1000, "degraded") == []


def test_another_kind_of_csv_is_another_size():
    other = replace(measurement(1000), kind="propertyradar")
    assert recording(measurements=(other,)).runs(1000, "guide") == []


@pytest.mark.parametrize(
    ("changes", "lost", "duplicated", "problems"),
    [
        ({}, 0, 0, 0),
        ({"contacts_db": 929}, 1, 0, 2),
        ({"contacts_openphone": 935}, 0, 5, 2),
        ({"contacts_db": 929, "contacts_openphone": 931}, 1, 1, 4),
        ({"lost": 2, "duplicated": 2}, 2, 2, 2),
        ({"rows_total": 999}, 0, 0, 1),
        ({"rows_rejected": 49}, 0, 0, 1),
        ({"rows_rejected": None, "rows_total": None}, 0, 0, 0),
        ({"outcome": "killed", "contacts_db": 300}, 0, 0, 0),
    ],
)
def test_a_run_is_held_against_its_manifest(changes, lost, duplicated, problems):
    account = accounting.of_run(run(1000, call_ms=17, **changes), 1000, calls_api=True)
    assert (account.lost, account.duplicated, len(account.problems), account.unknown) == (
        lost,
        duplicated,
        problems,
        (),
    )


@pytest.mark.parametrize("changes", [{"contacts_db": None}, {"contacts_openphone": None}, {"contacts_expected": None}])
def test_what_nobody_counted_is_unknown_and_not_fine(changes):
    account = accounting.of_run(run(1000, call_ms=17, **changes), 1000, calls_api=True)
    assert account.unknown
    assert not account.problems


def test_a_profile_without_the_api_has_no_store_to_count():
    assert accounting.of_run(run(1000, calls_api=False), 1000, calls_api=False) == accounting.Account()


def test_a_resume_is_held_against_the_manifest_too():
    account = accounting.of_kill(kill(contacts_after_resume=929, contacts_openphone_after_resume=932), calls_api=True)
    assert (account.lost, account.duplicated) == (1, 2)


def test_a_recording_from_before_there_were_other_kinds_is_read():
    data = json.loads(json.dumps(FULL.to_dict()))
    for item in (*data["kills"], *(each for measured in data["measurements"] for each in measured["runs"])):
        for name in [key for key in item if key.startswith(("properties_", "links_", "members_"))]:
            del item[name]
    assert record.from_dict(data) == FULL


def test_properties_and_links_are_held_against_the_manifest():
    def account(**changes):
        return accounting.of_run(property_run(1000, **changes), 1000, calls_api=True)

    assert account() == accounting.Account()
    bad = account(properties_db=900, links_db=1210)
    assert (bad.lost, bad.duplicated, len(bad.problems)) == (30, 7, 2)
    assert account(links_db=None).unknown == ("the links in the database were not counted",)
    assert account(links_expected=None).unknown == ("the manifest's links are not known",)
    assert account(outcome="killed", properties_db=None, links_db=None) == accounting.Account()
