import json

import pytest

import config
from benchmarks.gate.samples import MEASURES, PHONES, expected, made
from fixtures.manifest import Manifest

SAMPLES = config.ROOT / "fixtures" / "samples"
MANIFESTS = {kind: Manifest.load(SAMPLES / f"{kind}-1000.manifest.json") for kind in ("contacts", "propertyradar")}


def answer(kind, **changes):
    manifest = MANIFESTS[kind]
    return {
        "seconds": 1.0,
        "amount": manifest.rows,
        "before_bytes": 90,
        "peak_bytes": 100,
        "stage_seconds": {"merge": 0.5},
        "counts": expected(kind, manifest),
        **changes,
    }


def trouble(kind, **changes):
    return made(kind, "now", 1, answer(kind, **changes), MANIFESTS[kind]).trouble


@pytest.mark.parametrize("kind", list(MANIFESTS))
def test_an_import_that_is_as_the_file_s_maker_says_counts(kind):
    assert trouble(kind) is None


@pytest.mark.parametrize("what", list(expected("propertyradar", MANIFESTS["propertyradar"])))
@pytest.mark.parametrize("by", [-1, 1])
def test_one_too_few_or_too_many_of_anything_does_not(what, by):
    counts = expected("propertyradar", MANIFESTS["propertyradar"])
    counts[what] += by
    said = trouble("propertyradar", counts=counts)
    assert said == f"{counts[what]:,} {what}, the file has {counts[what] - by:,}"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"amount": 999}, "999 of 1,000 done"),
        ({"amount": 0}, "0 of 1,000 done"),
        ({"seconds": 0.0}, "it took no time"),
        ({"peak_bytes": 0}, "the memory of the process is not known"),
        ({"counts": {}}, "contacts not counted; properties not counted"),
    ],
)
def test_what_was_not_measured_does_not(changes, said):
    assert said in trouble("contacts", **changes)


def test_an_import_that_failed_says_why():
    found = made("contacts", "now", 3, {"trouble": "the upload was answered 500"}, MANIFESTS["contacts"])
    assert (found.trouble, found.round) == ("the upload was answered 500", 3)


@pytest.mark.parametrize(
    ("amount", "valid", "said"),
    [(1000, 965, None), (999, 965, "999 of 1,000 done"), (1000, 0, "no phone was found valid")],
)
def test_phones_count_if_all_were_read_and_some_are_valid(amount, valid, said):
    found = {"seconds": 0.1, "amount": amount, "counts": {"valid phones": valid}}
    assert made("phone", "base", 1, found, MANIFESTS["contacts"]).trouble == said
    assert PHONES >= 1000


def test_a_cost_is_more_where_it_is_worse_and_shown_as_people_read_it():
    sample = made("contacts", "now", 1, answer("contacts", seconds=0.5, peak_bytes=3 * 2**20), MANIFESTS["contacts"])
    shown = {each.name: (each.shown(each.cost(sample)), each.unit) for each in MEASURES if each.task == "contacts"}
    assert shown == {"contacts": (pytest.approx(2000), "rows/s"), "contacts memory": (3, "MiB")}
    assert json.dumps(vars(sample))
