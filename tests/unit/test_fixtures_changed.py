import csv
import json
import re
from dataclasses import asdict, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.changed import Shares, changed
from fixtures.difference import Change, Difference
from fixtures.generate import make
from fixtures.manifest import Manifest

KINDS = ("contacts", "propertyradar", "campaign")
PEOPLE = {
    "contacts": [("phone", ("first_name", "last_name", "email", "company", "title", "notes"))],
    "propertyradar": [
        (f"{role} Mobile Phone1", (f"{role} Name", f"{role} Email1", f"{role} Mobile 1 Status"))
        for role in ("Primary", "Secondary")
    ],
    "campaign": [("phone_number", ("name",))],
}


def digits(text):
    return re.sub(r"\D", "", text.removesuffix(".0"))[-10:]


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        header, *records = csv.reader(file, strict=True)
    return header, records


class Database:
    """What is there after an import: each thing under its identity, with its values."""

    def __init__(self, kind):
        self.kind, self.contacts, self.properties, self.links, self.members = kind, {}, {}, {}, {}

    def take(self, path, manifest):
        header, records = read(path)
        invalid = {row["row"] for row in manifest.invalid_rows}
        for number, cells in enumerate(records[: manifest.rows], 1):
            if number not in invalid:
                self.row(dict(zip(header, cells, strict=True)))

    def row(self, row):
        home = None
        if self.kind == "propertyradar":
            home = row["APN"] or " ".join(f"{row['Address']} {row['City']} {row['ZIP']}".split()).casefold()
            self.properties[home] = [value for column, value in row.items() if not column.startswith(("Prim", "Seco"))]
        for phone, values in reversed(PEOPLE[self.kind]):  # the primary comes last and counts where both are the same
            if not row[phone]:
                continue
            number = digits(row[phone])
            self.contacts[number] = [row[column] for column in values]
            if home:
                self.links[home, number] = "linked"
            if self.kind == "campaign":
                self.members[number] = [row[c] for c in ("status", "message_sent_at", "openphone_message_id")]


def compared(before, after, in_file):
    return Change(
        created=len(after.keys() - before.keys()),
        updated=sum(after[key] != before[key] for key in before),
        unchanged=sum(key in before and after[key] == before[key] for key in in_file),
        absent=len(before.keys() - in_file.keys()),
    )


def check(tmp_path, kind, rows, seed, area):
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    first = make(kind, rows, seed, one, area=area)
    found = changed(one, other, seed=seed)
    before, after, alone = Database(kind), Database(kind), Database(kind)
    before.take(one, first)
    after.take(one, first)
    after.take(other, found.manifest)
    alone.take(other, found.manifest)

    for things in ("contacts", "properties", "links", "members"):
        counted = compared(getattr(before, things), getattr(after, things), getattr(alone, things))
        assert getattr(found, things) == counted, things
        assert getattr(found.manifest, f"{things}_expected") == len(getattr(alone, things))
    for manifest in (first, found.manifest):
        assert manifest.rows == manifest.rows_new + manifest.rows_invalid + manifest.duplicates
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("rows", "seed", "area"), [(10, 1, 0), (1000, 1, 0), (3000, 2, 9999)])
def test_a_changed_file_changes_exactly_what_it_says(tmp_path, kind, rows, seed, area):
    found = check(tmp_path, kind, rows, seed, area)
    each = max(1, rows // 100)
    assert [len(some) for some in (found.renamed_rows, found.added_rows, found.removed_rows)] == [each] * 3
    assert len(found.updated_rows) == (0 if kind == "contacts" else each)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(KINDS), st.integers(10, 250), st.integers(0, 2**70), st.integers(0, 9999))
def test_a_changed_file_changes_exactly_what_it_says_for_any_arguments(tmp_path, kind, rows, seed, area):
    check(tmp_path, kind, rows, seed, area)


@pytest.mark.parametrize("kind", KINDS)
def test_rows_that_are_not_named_are_the_same(tmp_path, kind):
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    first = make(kind, 500, 1, one)
    found = changed(one, other)
    (header, before), (header_after, after) = read(one), read(other)
    kept = [row for number, row in enumerate(before, 1) if number not in found.removed_rows]
    differing = [n for n, (row, now) in enumerate(zip(kept[: first.rows - 5], after, strict=False), 1) if row != now]
    assert header == header_after
    assert differing == sorted([*found.renamed_rows, *found.updated_rows])
    assert list(found.added_rows) == list(range(first.rows - 4, first.rows + 1))
    assert after[first.rows :] == before[first.rows :]  # the licence
    assert found.manifest.invalid == first.invalid
    assert [after[row["row"] - 1] for row in found.manifest.invalid_rows] == [
        before[row["row"] - 1] for row in first.invalid_rows
    ]
    assert other.read_bytes().endswith(b"\r\n") == one.read_bytes().endswith(b"\r\n")


@pytest.mark.parametrize("kind", KINDS)
def test_the_changed_file_has_its_manifest_and_difference_beside_it(tmp_path, kind):
    make(kind, 100, 1, tmp_path / "one.csv")
    found = changed(tmp_path / "one.csv", tmp_path / "other.csv")
    assert Manifest.load(tmp_path / "other.manifest.json") == found.manifest
    listed = json.loads((tmp_path / "other.difference.json").read_text())
    assert listed["contacts"] == asdict(found.contacts)
    assert listed["removed_rows"] == list(found.removed_rows)
    assert Difference.path_for(tmp_path / "other.csv").name == "other.difference.json"


def test_another_seed_changes_other_rows(tmp_path):
    make("contacts", 1000, 1, tmp_path / "one.csv")
    one, other = (changed(tmp_path / "one.csv", tmp_path / f"{seed}.csv", seed=seed) for seed in (1, 2))
    assert one.contacts == other.contacts
    assert one.renamed_rows != other.renamed_rows


def test_a_full_area_is_left_for_a_larger_one(tmp_path, monkeypatch):
    monkeypatch.setattr("fixtures.phones.AREA_SIZE", 97)
    check(tmp_path, "contacts", 104, 1, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_not_that_of_its_manifest_is_refused(tmp_path, kind):
    path = tmp_path / "one.csv"
    manifest = make(kind, 10, 1, path)
    replace(manifest, sha256="00").save(tmp_path / "one.manifest.json")
    with pytest.raises(ValueError, match=r"one\.csv is not the file of its manifest"):
        changed(path, tmp_path / "other.csv")
    assert not (tmp_path / "other.csv").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_too_few_rows_are_refused(tmp_path, kind):
    make(kind, 3, 1, tmp_path / "one.csv")
    with pytest.raises(ValueError, match="3 rows are too few"):
        changed(tmp_path / "one.csv", tmp_path / "other.csv")
    assert not (tmp_path / "other.csv").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_other_shares_change_so_many_rows_and_no_more(tmp_path, kind):
    make(kind, 1000, 1, tmp_path / "one.csv")
    found = changed(tmp_path / "one.csv", tmp_path / "other.csv", shares=Shares(10, 5, 0, 0))
    assert (len(found.renamed_rows), len(found.updated_rows)) == (100, 0 if kind == "contacts" else 50)
    assert (found.added_rows, found.removed_rows) == ([], [])
    assert found.contacts.updated == 100
    assert found.manifest.rows == 1000
