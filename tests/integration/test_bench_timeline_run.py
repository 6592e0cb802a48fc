"""`timeoutlab bench timeline`, small: its lanes cover the import."""

import json
import shutil
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise

import pytest
from running_cli import files_left, left_of, run

from benchmarks.counts import WrongCountError
from benchmarks.files import make
from benchmarks.timeline.measure import measure

ROWS, CHUNK_ROWS = 300, 100


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    out, picture = home / "timeline.json", home / "timeline.svg"
    options = ("--rows", ROWS, "--json", out, "--svg", picture)
    env = {"IMPORT_CHUNK_ROWS": str(CHUNK_ROWS), "OPENPHONE_API_KEY": "secret"}
    code, said, err = run(home, "bench", "timeline", *options, **env)
    assert (code, err) == (0, "")
    yield home, said, json.loads(out.read_text()), ET.parse(picture).getroot()
    shutil.rmtree(home)


def lane(told, name):
    return [each for each in told["intervals"] if each["lane"] == name]


def within(whole, part):
    return whole["begin"] <= part["begin"] and part["end"] <= whole["end"]


def test_the_imports_lane_is_the_import_from_its_beginning_to_its_end(done):
    told, whole = done[2], done[2]["figures"]
    found = lane(told, "import")
    assert (found[0]["begin"], found[-1]["end"]) == (0, pytest.approx(whole["total"], abs=1e-5))
    assert all(one["end"] == pytest.approx(other["begin"], abs=2e-6) for one, other in pairwise(found))
    assert {"store", "waits"} <= {each["name"] for each in found}
    assert whole["import_worked"] + whole["import_waited"] == pytest.approx(whole["total"], abs=3e-6)  # each is rounded


def test_each_readers_lane_has_its_chunks_and_its_waits_between_them(done):
    lanes = [lane(done[2], name) for name in ("reading 1", "reading 2")]
    for found in lanes:
        assert all(one["end"] == pytest.approx(other["begin"], abs=2e-6) for one, other in pairwise(found))
    names = [each["name"] for found in lanes for each in found]
    assert {"read", "normalise", "copy", "waits"} <= set(names) <= {"read", "repeats", "normalise", "copy", "waits"}
    # Cells of several lines: the second part has some rows more than its chunk. And there is what all chunks held.
    assert sum(name == "copy" for name in names) == ROWS / CHUNK_ROWS + 2


def test_postgresqls_lane_has_each_chunks_copy_within_its_stage_and_a_commit(done):
    told = done[2]
    assert all(0 <= each["begin"] <= each["end"] <= told["figures"]["total"] for each in told["intervals"])
    busy = lane(told, "PostgreSQL")
    stages = [each for name in ("merge 1", "merge 2") for each in lane(told, name) if each["name"] == "copy"]
    copies = [each for each in busy if each["name"] == "COPY"]
    with_copy = [stage for stage in stages if any(within(stage, each) for each in copies)]
    assert len(with_copy) >= ROWS / CHUNK_ROWS
    assert sum(each["name"] == "commit" for each in busy) >= ROWS / CHUNK_ROWS
    assert 0 < told["figures"]["postgresql_worked"] < told["figures"]["total"]


def test_the_text_has_a_bar_a_lane_and_the_picture_all_intervals(done):
    _, said, told, picture = done
    assert said.startswith(f"contacts, {ROWS} rows: ")
    bars = dict(
        line.replace("reading 1", "reading").split(None, 1)
        for line in said.splitlines()
        if line.startswith(("import  ", "reading 1  "))
    )
    assert ("s" in bars["import"], "s" in bars["reading"]) == (True, False)
    assert "\nmerge 1 " in said
    titles = list(picture.iter("{http://www.w3.org/2000/svg}title"))
    assert len(titles) == len(told["intervals"]) + 1


def test_its_json_has_the_settings_it_was_measured_with_and_no_secret(done):
    told = done[2]
    assert told["settings"] == {"IMPORT_CHUNK_ROWS": str(CHUNK_ROWS)}
    assert told["machine"]["cores"] >= 1


def test_nothing_is_left_behind(done):
    home = done[0]
    assert left_of(home) == []
    assert files_left(home) == []


def test_a_changed_file_is_measured_after_the_first_one_and_nothing_that_is_miscounted(stack, tmp_path):
    files = make("propertyradar", 200, tmp_path, tmp_path)
    found = measure(stack, files, {}, again=True)
    assert (found.kind, found.rows, found.again) == ("propertyradar", 200, True)
    assert [each.name for each in found.of("import")].count("store") == 1

    one_more = replace(files.manifest, links_expected=files.manifest.links_expected + 1)
    with pytest.raises(WrongCountError, match=r"links \d+ instead of \d+"):
        measure(stack, replace(files, manifest=one_more), {}, again=False)
