import copy
import json

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sizing_examples import GUIDE, SIZES, kill, killed, measurement, of_kind, only, property_run, recording, run

from loadtest.report import as_json
from loadtest.sizing import findings
from loadtest.sizing import verdict as verdicts
from loadtest.sizing.record import NotRun

SCHEMA = json.loads(as_json.SCHEMA.read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def build(made):
    verdict = verdicts.judge(made, GUIDE)
    return json.loads(as_json.dumps(verdict, findings.find(verdict)))


BAD_KILL = kill(
    killed_after_seconds=None,
    client_saw=None,
    layer=None,
    log_line=None,
    found_interrupted_after_seconds=None,
    contacts_after_resume=None,
    contacts_openphone_after_resume=None,
    lost=None,
    duplicated=None,
)
RECORDINGS = {
    "example": recording(),
    "nothing": recording(measurements=(), kills=(), not_run=(NotRun("kill", "no time"),), interrupted=True),
    "no sizes": recording(sizes=()),
    "killed": only(measurement(1000, runs=[killed(1000, 60)]), measurement(5000, runs=[killed(5000, 180)])),
    "failed": only(measurement(1000, runs=[run(1000, outcome="failed", layer="stack", seconds=None)])),
    "lost": only(measurement(1000, runs=[run(1000, call_ms=17, lost=3)]), kills=(BAD_KILL,)),
    "beyond the guide": only(measurement(1000), sizes=(1000, 70000)),
    "properties": of_kind("propertyradar", property_run(1000), kills=(kill(properties_expected=9),)),
    "repeated": only(measurement(1000, runs=[run(1000, call_ms=17), run(1000, call_ms=18)])),
}


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_report_is_valid(name):
    VALIDATOR.validate(build(RECORDINGS[name]))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(SIZES),
            st.sampled_from(["guide", "offline", "openphone"]),
            st.sampled_from(["completed", "killed", "failed"]),
            st.none() | st.floats(0, 5000),
            st.none() | st.integers(0, 50000),
        ),
        max_size=5,
    )
)
@example([(50_000, "openphone", "completed", 5e-324, None)])
@example([(50_000, "openphone", "completed", 5e-320, None)])
def test_whatever_was_recorded_the_report_is_valid(runs):
    made = recording(
        measurements=tuple(
            measurement(rows, profile, runs=[run(rows, outcome=outcome, seconds=seconds, contacts_db=contacts)])
            for rows, profile, outcome, seconds, contacts in runs
        )
    )
    VALIDATOR.validate(build(made))


def test_the_fields_of_a_measured_row():
    row = build(recording())["rows"][0]
    stages = row.pop("stage_seconds")
    assert sum(stages.values()) == pytest.approx(row["slowest_seconds"], abs=0.001)
    assert row == {
        "rows": 1000,
        "profile": "guide",
        "kind": "contacts",
        "guide_seconds": [10, 20],
        "guide_timeout": 60,
        "source": "measured",
        "n": 1,
        "seconds": [16.307],
        "slowest_seconds": 16.307,
        "time_claim": "within",
        "by_construction": True,
        "timeout_verdict": "holds",
        "recommended_timeout": 25,
        "recommended_source": "measured",
        "break_even_ms_per_row": 39.875,
        "rows_total": 1000,
        "rows_rejected": 50,
        "contacts_expected": 930,
        "contacts_db": 930,
        "contacts_openphone": 930,
        "lost": 0,
        "duplicated": 0,
        "openphone_calls": 930,
        "openphone_cpu_seconds": 2.046,
        "injected_seconds": 13.95,
        "layer": None,
        "predicted_from": None,
        "reason": None,
        "properties_expected": None,
        "properties_db": None,
        "links_expected": None,
        "links_db": None,
        "members_expected": None,
        "members_db": None,
    }


def test_a_predicted_row_claims_nothing_measured():
    row = build(recording())["rows"][5]
    assert (row["rows"], row["source"], row["n"], row["seconds"]) == (50000, "predicted", 0, [])
    assert row["predicted_from"]
    for name in ("rows_total", "contacts_db", "contacts_openphone", "openphone_calls", "lost"):
        assert row[name] is None


def test_a_kill_is_reported_with_its_band_and_its_problems():
    good, bad = build(recording(kills=(kill(), kill(killed_after_seconds=15.5))))["kills"]
    assert (good["timeout"], good["killed_after_seconds"], good["in_band"], good["problems"]) == (13, 13.62, True, [])
    assert (bad["in_band"], bad["problems"]) == (False, ["killed after 15.5 s, outside 13 s to 15 s"])


def test_a_profile_carries_its_assumptions_and_its_limit_with_the_source():
    guide, offline, openphone = build(recording())["profiles"]
    assert "no figure for the real API was found" in guide["assumptions"]
    assert (guide["limit_per_second"], offline["limit_per_second"]) == (None, None)
    assert openphone["limit_per_second"] == 10
    assert "documentation" in openphone["limit_source"]


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(verdict="maybe"),
        lambda d: d.update(exit_code=2),
        lambda d: d.update(extra=1),
        lambda d: d.pop("rows"),
        lambda d: d["rows"][0].pop("reason"),
        lambda d: d["rows"][0].update(extra=1),
        lambda d: d["rows"][0].update(slowest_seconds=None),
        lambda d: d["rows"][0].update(seconds=[]),
        lambda d: d["rows"][5].update(seconds=[811.0]),
        lambda d: d["rows"][5].update(predicted_from=None),
        lambda d: d["rows"][0].update(source=None),
        lambda d: d["rows"][0].update(seconds=[-1]),
        lambda d: d["kills"][0].update(client_saw="nothing"),
        lambda d: d["kills"][0].update(layer="nobody"),
        lambda d: d["findings"][0].update(severity="bad"),
    ],
)
def test_the_schema_refuses_what_is_not_a_report(change):
    report = copy.deepcopy(build(recording()))
    change(report)
    assert not VALIDATOR.is_valid(report)


def test_every_field_is_described():
    for part in (SCHEMA, SCHEMA["properties"]["rows"]["items"], SCHEMA["properties"]["kills"]["items"]):
        assert sorted(part["required"]) == sorted(part["properties"])
        assert all(field.get("description") for field in part["properties"].values())


def test_the_fields_of_another_kind():
    made = of_kind(
        "propertyradar",
        property_run(1000, links_db=1200),
        kills=(kill(properties_expected=930, properties_after_resume=929),),
    )
    report = build(made)
    row, after = report["rows"][0], report["kills"][0]
    assert (row["kind"], row["contacts_expected"]) == ("propertyradar", 1200)
    assert [row[f"{name}_expected"] for name in ("properties", "links", "members")] == [930, 1203, None]
    assert [row[f"{name}_db"] for name in ("properties", "links", "members")] == [930, 1200, None]
    assert (row["lost"], row["duplicated"]) == (3, 0)
    assert (after["properties_expected"], after["properties_after_resume"]) == (930, 929)
    assert (after["links_expected"], after["members_after_resume"]) == (None, None)
