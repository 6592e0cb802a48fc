from types import SimpleNamespace
from typing import get_args

import pytest
from sizing_examples import recording

from config import HarnessSettings
from fixtures.cache import fixture
from fixtures.kinds import KINDS
from loadtest.errors import HarnessError
from loadtest.sizing import drive, holdings
from loadtest.sizing import profile as profiles
from loadtest.sizing.plan import Job, Plan
from loadtest.sizing.progress import Display
from loadtest.sizing.record import Kill, Run
from loadtest.sizing.run import Runner
from loadtest.sizing.trials import Trials

GUIDE = profiles.load("guide")


class Database:
    """Has `counts[table]` rows in each table."""

    def __init__(self, **counts):
        self.counts = counts

    def sql(self, query):
        return [(self.counts[query.rpartition(" ")[2]],)]


FULL = Database(properties=186, property_contacts=233, campaign_members=77)


def test_the_kinds_that_a_setting_may_have_are_those_there_are():
    assert set(get_args(HarnessSettings.model_fields["kind"].annotation)) == set(KINDS)
    assert set(holdings.OF_KIND) < set(KINDS)


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("contacts", {}),
        ("propertyradar", {"properties_db": 186, "links_db": 233}),
        ("campaign", {"members_db": 77}),
    ],
)
def test_each_kind_counts_what_it_has_beside_contacts(kind, found):
    assert holdings.held(FULL, kind, "db") == found


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_manifest_promises_and_the_database_has_are_fields_of_a_run_and_of_a_kill(kind, tmp_path):
    manifest = fixture(kind, 200, cache_dir=tmp_path)[1]
    promised = holdings.promised(manifest)
    Run("completed", **promised, **holdings.held(FULL, kind, "db"))
    assert {name.partition("_")[0] for name in promised} == set(holdings.OF_KIND.get(kind, ()))
    assert {*promised, *holdings.held(FULL, kind, "after_resume")} <= set(Kill.__dataclass_fields__)


def test_a_kind_without_properties_is_compared_in_none():
    assert holdings.of_run(Run("completed")) == {}
    assert holdings.of_run(Run("completed", members_expected=3)) == {"members": (3, None)}


@pytest.mark.parametrize(("kind", "low", "high"), [("contacts", 10, 20), ("propertyradar", 8.5, 17)])
def test_a_row_with_two_contacts_splits_the_guides_latency_by_its_own_manifest(tmp_path, kind, low, high):
    opened = SimpleNamespace(trial=lambda name, env, profile: profile)
    settings = Trials(opened, tmp_path, kind, 2).open("guide", GUIDE, 1000, 60, 1)
    latency = settings["latency"]
    assert (latency["low_ms"], latency["high_ms"]) == (pytest.approx(low, rel=0.03), pytest.approx(high, rel=0.03))
    share = fixture(kind, 1000, cache_dir=tmp_path / "fixtures")[1].contacts_per_row
    assert latency["low_ms"] == pytest.approx(10 / max(1, share))


def test_a_measurement_is_found_under_the_kind_of_its_run(tmp_path):
    job = Job("measure", 200, GUIDE, 60)
    done = Run("completed", seconds=3.0)
    trials = SimpleNamespace(measure=lambda job, number: (done, SimpleNamespace(sample=None)))
    plan = Plan((((job,),),))
    empty = recording(measurements=(), kills=(), kind="propertyradar")
    runner = Runner(SimpleNamespace(check=lambda: None), trials, empty, Display(plan))
    assert runner.run(plan).runs(200, "guide") == [done]


def test_the_driver_tells_locust_which_kind_to_upload(tmp_path, monkeypatch):
    seen = {}
    monkeypatch.setattr(
        drive.Drivers, "_run", lambda self, environment, log, seconds: (seen.update(environment), log.touch())
    )
    trial = SimpleNamespace(name="t", url="http://127.0.0.1:1", api_key="k", log_path=tmp_path / "web.log")
    with pytest.raises(HarnessError):
        Trials(None, tmp_path, "campaign", 2).drivers.upload(trial, 7, 60)
    assert (seen["TIMEOUTLAB_KIND"], seen["TIMEOUTLAB_ROWS"]) == ("campaign", "7")
