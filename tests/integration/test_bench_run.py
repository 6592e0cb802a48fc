"""`timeoutlab bench run`, small: what it measures is counted, and what it writes can be read."""

import json
import shutil
from dataclasses import replace

import pytest
from running_cli import files_left, left_of, run

from benchmarks import peers, record
from benchmarks.counts import WrongCountError
from benchmarks.files import make
from benchmarks.yardsticks import floor, heap, limit, timeoutlab
from benchmarks.yardsticks.bench import AGAIN, FIRST
from benchmarks.yardsticks.peer import PeerStick

PEERS = ("bulk_insert_mappings_whole", "bulk_insert_mappings", "execute_values")  # which need no `make peers`


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    out = home / "bench.json"
    only = ",".join(("heap", "limit", "floor", "timeoutlab", *PEERS))
    code, said, err = run(
        home, "bench", "run", "--kind", "contacts", "--rows", 500, "--rounds", 1, "--only", only, "--json", out
    )
    assert code == 0, err
    yield home, said, record.load(out), json.loads(out.read_text())
    shutil.rmtree(home)


def test_every_yardstick_is_measured_once_and_the_import_and_its_floor_also_with_the_changed_file(done):
    recording = done[2]
    assert (recording.missing, recording.rows) == ((), {"contacts": 500})
    measured = {(each.yardstick, each.variant, each.what) for each in recording.samples}
    once = {(name, "", FIRST) for name in ("heap", "limit", "timeoutlab", *PEERS)}
    assert measured == once | {("timeoutlab", "", AGAIN)} | {
        ("floor", way, what) for way in floor.WAYS for what in (FIRST, AGAIN)
    }
    assert len(recording.samples) == len(measured)
    assert all(each.seconds > 0 and each.rows == 500 for each in recording.samples)


def test_its_result_has_the_ratios_and_says_where_it_was_measured(done):
    _, said, _, told = done
    ratios = told["ratios"]["contacts"]
    wanted = {"time_over_floor", "again_time_over_floor", "rate_over_limit", "rate_over_bulk_insert_mappings"}
    assert wanted <= ratios.keys()
    assert all(ratio > 0 for ratio in ratios.values())
    assert "contacts: 500 rows, medians" in said
    assert told["machine"]["cores"] >= 1


def test_nothing_is_left_behind(done):
    home = done[0]
    assert left_of(home) == []
    assert files_left(home) == []


@pytest.fixture(scope="module")
def bench(stack, tmp_path_factory):
    files = make("propertyradar", 200, tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("scratch"))
    return timeoutlab.prepare(stack, files)


@pytest.mark.parametrize(("stick", "times"), [(heap, 1), (limit, 1), (floor, 2 * len(floor.WAYS))])
def test_properties_contacts_and_their_links_are_all_in_before_a_time_is_given_out(bench, stick, times):
    assert len(list(stick.measure(bench))) == times

    files = bench.files
    one_more = replace(files.manifest, links_expected=files.manifest.links_expected + 1)
    with pytest.raises(WrongCountError, match=r"links \d+ instead of \d+"):
        next(stick.measure(replace(bench, files=replace(files, manifest=one_more))))


def test_a_peer_has_to_write_whatever_it_does_not_say_that_it_lacks(bench, monkeypatch):
    monkeypatch.setattr(peers.find("bulk_insert_mappings"), "LACKS", ("validation", "resume"))
    with pytest.raises(WrongCountError, match=r"outbox 0 instead of \d+, listed 0 instead of"):
        next(PeerStick("bulk_insert_mappings").measure(bench))
