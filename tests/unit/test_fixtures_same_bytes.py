import hashlib
import os
import subprocess
import sys
from pathlib import Path

import faker
import pytest

from fixtures import cache, checksums, people
from fixtures.cache import fixture
from fixtures.draw import Draw
from fixtures.generate import make
from fixtures.manifest import Manifest

ROOT = Path(__file__).parents[2]
WRITTEN = checksums.load(checksums.PATH)


@pytest.mark.parametrize("rows", checksums.STANDARD_ROWS)
def test_a_standard_size_has_the_checksum_in_git(tmp_path, rows):
    assert make("contacts", rows, 1, tmp_path / "list.csv").sha256 == WRITTEN["sha256"][f"contacts-{rows}"]


def test_checksums_are_those_of_the_standard_sizes_and_of_this_faker():
    assert list(WRITTEN["sha256"]) == [f"contacts-{rows}" for rows in (1000, 5000, 10_000, 15_000, 25_000, 50_000)]
    assert (WRITTEN["faker"], WRITTEN["seed"], WRITTEN["area"]) == (faker.VERSION, 1, 0)


def test_the_lock_file_pins_the_faker_of_the_checksums():
    assert f"\nfaker=={WRITTEN['faker']} " in (ROOT / "requirements.lock").read_text()


def test_the_sample_in_git_is_what_is_made_now(tmp_path):
    make("contacts", 1000, 1, tmp_path / "contacts-1000.csv")
    for name in ("contacts-1000.csv", "contacts-1000.manifest.json"):
        assert (checksums.SAMPLES / name).read_bytes() == (tmp_path / name).read_bytes()


@pytest.mark.parametrize("change", [{"seed": 2}, {"area": 1}])
def test_another_seed_or_area_gives_other_bytes(tmp_path, change):
    asked = {"seed": 1, "area": 0}
    one = make("contacts", 20, path=tmp_path / "1.csv", **asked)
    other = make("contacts", 20, path=tmp_path / "2.csv", **(asked | change))
    assert one.sha256 != other.sha256


@pytest.mark.parametrize(("hash_seed", "locale", "zone"), [("1", "C", "UTC"), ("2", "C.UTF-8", "Asia/Tokyo")])
def test_bytes_depend_on_no_hash_seed_locale_or_time_zone(tmp_path, hash_seed, locale, zone):
    script = (
        "import pathlib, sys; from fixtures.generate import make; make('contacts', 300, 1, pathlib.Path(sys.argv[1]))"
    )
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "LC_ALL": locale, "TZ": zone}
    there = tmp_path / "there.csv"
    subprocess.run([sys.executable, "-c", script, there], cwd=ROOT, env=environment, check=True)
    make("contacts", 300, 1, tmp_path / "here.csv")
    assert there.read_bytes() == (tmp_path / "here.csv").read_bytes()
    assert there.with_suffix(".manifest.json").read_bytes() == (tmp_path / "here.manifest.json").read_bytes()


def test_the_pools_ask_for_no_date_which_would_differ_tomorrow(monkeypatch):
    monkeypatch.delattr("faker.providers.date_time.datetime")
    monkeypatch.delattr("faker.providers.date_time.dtdate")
    assert people.pools.__wrapped__() == people.pools()


def test_draws_come_from_random_alone_with_a_known_stream():
    draw = Draw("contacts/1000/1/0")
    assert [draw.below(1000) for _ in range(5)] == [956, 61, 321, 458, 832]


def test_shuffled_has_each_number_once_and_is_not_sorted():
    order = list(Draw("any").shuffled(1000))
    assert sorted(order) == list(range(1000))
    assert order != sorted(order)


def test_a_cached_fixture_is_made_once(tmp_path, monkeypatch):
    first, manifest = fixture("contacts", 30, cache_dir=tmp_path / "new" / "cache")
    assert manifest == Manifest.load(first.with_suffix(".manifest.json"))
    monkeypatch.delattr(cache, "make")
    assert fixture("contacts", 30, cache_dir=tmp_path / "new" / "cache") == (first, manifest)


def test_the_cache_keeps_arguments_and_makers_apart(tmp_path, monkeypatch):
    paths = [fixture("contacts", *asked, cache_dir=tmp_path)[0] for asked in [(5,), (6,), (5, 2), (5, 1, 3)]]
    monkeypatch.setattr(cache, "_maker", lambda: "another")
    paths.append(fixture("contacts", 5, cache_dir=tmp_path)[0])
    assert len(set(paths)) == 5


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(path.read_bytes()[:-100]),
        lambda path: path.unlink(),
        lambda path: path.with_suffix(".manifest.json").unlink(),
        lambda path: path.with_suffix(".manifest.json").write_text("{"),
    ],
)
def test_a_spoilt_cache_entry_is_made_again(tmp_path, spoil):
    path, manifest = fixture("contacts", 30, cache_dir=tmp_path)
    spoil(path)
    assert fixture("contacts", 30, cache_dir=tmp_path) == (path, manifest)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == manifest.sha256
    assert Manifest.load(path.with_suffix(".manifest.json")) == manifest


def test_differences_name_the_file_and_another_faker():
    written = {"faker": "0.1", "sha256": {"contacts-1": "aa", "contacts-2": "bb"}}
    assert checksums.differences(written, {"contacts-1": "aa", "contacts-2": "bb"}) == []
    changed, missing, version = checksums.differences(written, {"contacts-1": "cc"})
    assert changed == "contacts-1: made cc, expected aa"
    assert missing == "contacts-2: made none, expected bb"
    assert version.startswith(f"Faker is {faker.VERSION} here, the sums are of 0.1")
