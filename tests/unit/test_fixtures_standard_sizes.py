from functools import cache

import faker
import pytest

from fixtures import checksums
from fixtures.generate import make
from fixtures.kinds import KINDS

WRITTEN = checksums.load(checksums.PATH)


@pytest.fixture(scope="module")
def standard(tmp_path_factory):
    """The manifest of a kind and number of rows, made once."""
    folder = tmp_path_factory.mktemp("standard")
    return cache(lambda kind, rows: make(kind, rows, 1, folder / "list.csv"))


def standard_sizes(test):
    for name, values in (("rows", checksums.STANDARD_ROWS), ("kind", KINDS)):
        test = pytest.mark.parametrize(name, values)(test)
    return test


@standard_sizes
def test_a_standard_size_has_the_checksum_in_git(standard, kind, rows):
    assert standard(kind, rows).sha256 == WRITTEN["sha256"][f"{kind}-{rows}"]


@standard_sizes
def test_five_percent_are_invalid_and_two_percent_are_duplicates(standard, kind, rows):
    manifest = standard(kind, rows)
    assert (manifest.rows_invalid, manifest.duplicates) == (rows // 20, rows // 50)
    assert manifest.rows_new == rows * 93 // 100
    assert sum(manifest.invalid.values()) == manifest.rows_invalid


@pytest.mark.parametrize("rows", checksums.STANDARD_ROWS)
def test_every_new_row_brings_a_contact_a_member_or_a_property(standard, rows):
    contacts, campaign, export = (standard(kind, rows) for kind in ("contacts", "campaign", "propertyradar"))
    new = rows * 93 // 100
    assert (contacts.contacts_expected, contacts.members_expected, contacts.properties_expected) == (new, 0, 0)
    assert (campaign.contacts_expected, campaign.members_expected, campaign.properties_expected) == (new, new, 0)
    assert (export.properties_expected, export.members_expected) == (new, 0)
    assert contacts.contacts_per_row == campaign.contacts_per_row == 0.93


def test_fifty_thousand_rows_of_an_export_have_the_phones_and_bytes_of_a_real_one(standard):
    manifest = standard("propertyradar", 50_000)
    assert 1.28 <= manifest.contacts_expected / manifest.properties_expected <= 1.29
    assert manifest.contacts_expected < manifest.links_expected < 1.3 * manifest.properties_expected
    assert 370 < manifest.bytes / manifest.rows < 385


def test_checksums_are_those_of_the_standard_sizes_and_of_this_faker():
    sizes = (1000, 5000, 10_000, 15_000, 25_000, 50_000)
    kinds = ("contacts", "propertyradar", "campaign")
    assert list(WRITTEN["sha256"]) == [f"{kind}-{rows}" for kind in kinds for rows in sizes]
    assert (WRITTEN["faker"], WRITTEN["seed"], WRITTEN["area"]) == (faker.VERSION, 1, 0)


def test_contact_lists_are_what_they_were_before_there_were_other_kinds(standard):
    assert standard("contacts", 1000).sha256 == "ff705b84c1f15370479325d9e74de9493629115d2b29d395d40ff5c45db1052d"
    assert standard("contacts", 50_000).sha256 == "3cae87374494d8398702e2f3e46bba2ec6568e9a9cd020353a155c19e1fae8b9"


@pytest.mark.parametrize("kind", KINDS)
def test_the_sample_in_git_is_what_is_made_now(tmp_path, kind):
    make(kind, 1000, 1, tmp_path / f"{kind}-1000.csv")
    for name in (f"{kind}-1000.csv", f"{kind}-1000.manifest.json"):
        assert (checksums.SAMPLES / name).read_bytes() == (tmp_path / name).read_bytes()
