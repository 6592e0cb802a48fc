import hashlib
import os
import subprocess
import sys
from pathlib import Path

import faker
import pytest

from fixtures import cache, checksums, homes, people
from fixtures.cache import fixture
from fixtures.changed import changed
from fixtures.draw import Draw
from fixtures.generate import make
from fixtures.kinds import KINDS
from fixtures.manifest import Manifest

ROOT = Path(__file__).parents[2]
WRITTEN = checksums.load(checksums.PATH)


def make_all(folder):
    """A file of each kind and a changed one, with what stands beside them."""
    Path(folder).mkdir()
    for kind in KINDS:
        path = Path(folder) / f"{kind}.csv"
        make(kind, 300, 1, path)
        changed(path, path.with_name(f"{kind}-2.csv"))


def test_the_lock_file_pins_the_faker_of_the_checksums():
    assert f"\nfaker=={WRITTEN['faker']} " in (ROOT / "requirements.lock").read_text()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("change", [{"seed": 2}, {"area": 1}])
def test_another_seed_or_area_gives_other_bytes(tmp_path, kind, change):
    asked = {"seed": 1, "area": 0}
    one = make(kind, 20, path=tmp_path / "1.csv", **asked)
    other = make(kind, 20, path=tmp_path / "2.csv", **(asked | change))
    assert one.sha256 != other.sha256


@pytest.mark.parametrize(("hash_seed", "locale", "zone"), [("1", "C", "UTC"), ("2", "C.UTF-8", "Asia/Tokyo")])
def test_bytes_depend_on_no_hash_seed_locale_or_time_zone(tmp_path, hash_seed, locale, zone):
    script = "from tests.unit.test_fixtures_same_bytes import make_all; import sys; make_all(sys.argv[1])"
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "LC_ALL": locale, "TZ": zone}
    here, there = tmp_path / "here", tmp_path / "there"
    subprocess.run([sys.executable, "-c", script, there], cwd=ROOT, env=environment, check=True)
    make_all(here)
    names = sorted(path.name for path in here.iterdir())
    assert len(names) == 5 * len(KINDS)
    assert names == sorted(path.name for path in there.iterdir())
    assert all((here / name).read_bytes() == (there / name).read_bytes() for name in names)


def test_the_pools_ask_for_no_date_which_would_differ_tomorrow(monkeypatch):
    monkeypatch.delattr("faker.providers.date_time.datetime")
    monkeypatch.delattr("faker.providers.date_time.dtdate")
    assert people.pools.__wrapped__() == people.pools()
    assert homes.pools.__wrapped__() == homes.pools()


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
