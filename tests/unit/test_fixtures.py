import csv
import hashlib
import json
import re
from collections import Counter
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.generate import make
from fixtures.manifest import Manifest

HEADER = ["phone", "first_name", "last_name", "email", "company", "title", "address", "city", "state", "zip", "notes"]


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        header, *records = csv.reader(file, strict=True)
    assert header == HEADER
    return records


def e164(text):
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def what_is_wrong(cells):
    """Every reason that fits, by rules that know nothing of the generator."""
    phone = cells[0]
    reasons = []
    if len(cells) != len(HEADER):
        reasons.append("ragged_row")
    if not phone.strip():
        reasons.append("phone_missing")
    elif re.fullmatch(r"\D*(\d\D*){7}", phone):
        reasons.append("phone_no_area_code")
    elif e164(phone) is None:
        reasons.append("phone_invalid")
    if e164(phone) and "phone_no_area_code" in reasons:
        reasons.append("valid after all")
    email = cells[3] if len(cells) > 3 else ""
    if email and not re.fullmatch(r"[a-z0-9.]+@example\.(com|org|net)", email):
        reasons.append("email_invalid")
    return reasons


def check_against_manifest(path, manifest):
    records = read(path)
    reasons = {number: what_is_wrong(cells) for number, cells in enumerate(records, 1)}
    wrong = [{"row": number, "reason": found[0]} for number, found in reasons.items() if found]
    valid_phones = [e164(cells[0]) for number, cells in enumerate(records, 1) if not reasons[number]]
    owned = valid_phones + [e164(records[row["row"] - 1][0]) for row in wrong if not row["reason"].startswith("phone_")]

    assert all(len(found) <= 1 for found in reasons.values())
    assert manifest.rows == len(records)
    assert list(manifest.invalid_rows) == wrong
    assert manifest.rows_invalid == len(wrong)
    assert manifest.invalid == dict(Counter(row["reason"] for row in wrong))
    assert manifest.contacts_expected == len(set(valid_phones))
    assert manifest.duplicates == len(valid_phones) - len(set(valid_phones))
    assert manifest.rows == manifest.contacts_expected + manifest.rows_invalid + manifest.duplicates
    assert (manifest.properties_expected, manifest.links_expected, manifest.members_expected) == (0, 0, 0)
    # An invalid row that is imported all the same would add a contact of its own, so that the count gives it away.
    assert len(set(owned)) == len(owned) - manifest.duplicates
    assert manifest.bytes == path.stat().st_size
    assert manifest.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert Manifest.load(path.with_suffix(".manifest.json")) == manifest


@pytest.mark.parametrize(
    ("rows", "seed", "area"),
    [(1, 1, 0), (2, 1, 0), (10, 7, 0), (26, 2, 1), (1000, 1, 0), (1000, 2, 3), (1000, 1, 9999), (5000, 1, 0)],
)
def test_manifest_is_what_an_independent_count_finds(tmp_path, rows, seed, area):
    path = tmp_path / "list.csv"
    check_against_manifest(path, make("contacts", rows, seed, path, area=area))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 120), st.integers(0, 2**70), st.integers(0, 9999))
def test_manifest_is_what_an_independent_count_finds_for_any_arguments(tmp_path, rows, seed, area):
    path = tmp_path / "list.csv"
    check_against_manifest(path, make("contacts", rows, seed, path, area=area))


def test_every_reason_occurs_from_two_hundred_rows_on(tmp_path):
    assert set(make("contacts", 200, 1, tmp_path / "list.csv").invalid) == {
        "phone_missing",
        "phone_invalid",
        "phone_no_area_code",
        "email_invalid",
        "ragged_row",
    }


def test_duplicates_spell_an_earlier_number_differently_and_some_changed_a_field(tmp_path):
    path = tmp_path / "list.csv"
    manifest = make("contacts", 2000, 1, path)
    invalid = {row["row"] for row in manifest.invalid_rows}
    first, changed = {}, []
    for number, cells in enumerate(read(path), 1):
        if number in invalid:
            continue
        phone = e164(cells[0])
        if phone in first:
            assert cells[0] != first[phone][0]
            assert cells[1:3] == first[phone][1:3]
            changed.append(cells[1:] != first[phone][1:])
        first.setdefault(phone, cells)
    assert len(changed) == 40
    assert set(changed) == {True, False}


def test_the_messy_things_of_real_lists_are_in_it(tmp_path):
    path = tmp_path / "list.csv"
    make("contacts", 1000, 1, path)
    records, raw = read(path), path.read_bytes()
    masks = Counter(re.sub(r"\d", "9", cells[0]) for cells in records)
    assert {
        "+99999999999",
        "(999) 999-9999",
        "999-999-9999",
        "999.999.9999",
        "+9 (999) 999-9999",
        "9999999999",
        "99999999999",
        "999-9999",
    } <= set(masks)
    assert 100 < sum(not (cells[1] + cells[2]).isascii() for cells in records) < 500
    assert any(len(cells) == 11 and "\n" in cells[10] for cells in records)
    assert any(len(cells) == 11 and '"' in cells[10] for cells in records)
    assert any("," in cells[4] for cells in records if len(cells) > 4)
    assert any(cells[9].startswith("0") for cells in records if len(cells) == 11)
    assert {len(cells) for cells in records} > {11, 12}
    assert raw.count(b"\r\n") == 1001
    assert raw.count(b"\n") > 1001
    assert not raw.startswith(b"\xef\xbb\xbf")


def test_phones_are_those_kept_for_fiction_and_mailboxes_are_on_example_domains(tmp_path):
    path = tmp_path / "list.csv"
    make("contacts", 1000, 1, path)
    for cells in read(path):
        if phone := e164(cells[0]):
            assert re.fullmatch(r"\+1\d{3}55501\d\d", phone)
        assert not (len(cells) > 3 and "@" in cells[3]) or re.search(r"@$|@example\.(com|org|net)$", cells[3])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("propertyrader", 10, 1), "the kinds are: contacts, propertyradar, campaign"),
        (("contacts", 0, 1), "rows must be 1 to 2,000,000, not 0"),
        (("contacts", -5, 1), "not -5"),
        (("contacts", 10**12, 1), "not 1,000,000,000,000"),
        (("contacts", 10, -1), "seed must be 0 or more, not -1"),
        (("contacts", 10, 1, -1), "area must be 0 or more, not -1"),
        (("contacts", 10, 1, 10_000), "areas are 0 to 9999"),
    ],
)
def test_a_bad_argument_says_what_is_allowed_and_writes_nothing(tmp_path, arguments, said):
    kind, rows, seed, *area = arguments
    with pytest.raises(ValueError, match=re.escape(said)):
        make(kind, rows, seed, tmp_path / "list.csv", area=area[0] if area else 0)
    assert list(tmp_path.iterdir()) == []


def test_a_make_that_is_broken_off_leaves_what_was_there(tmp_path):
    path = tmp_path / "list.csv"
    before = make("contacts", 10, 1, path)

    def stop(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make("contacts", 2000, 1, path, progress=stop)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before.sha256
    assert Manifest.load(tmp_path / "list.manifest.json") == before
    assert len(list(tmp_path.iterdir())) == 2


def test_progress_counts_up_to_the_rows(tmp_path):
    seen = []
    make("contacts", 2500, 1, tmp_path / "list.csv", progress=seen.append)
    assert seen == [1000, 2000, 2500]


def test_a_directory_that_is_not_there_is_an_oserror(tmp_path):
    with pytest.raises(FileNotFoundError):
        make("contacts", 1, 1, tmp_path / "nowhere" / "list.csv")


def test_a_manifest_of_before_the_other_kinds_has_none_of_their_things(tmp_path):
    manifest = make("contacts", 10, 1, tmp_path / "list.csv")
    path = tmp_path / "list.manifest.json"
    listed = json.loads(path.read_text())
    for name in ("properties_expected", "links_expected", "members_expected"):
        assert listed.pop(name) == 0
    path.write_text(json.dumps(listed))
    assert Manifest.load(path) == manifest


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kind": "contacts"}', "\x00"])
def test_a_file_that_is_no_manifest_is_named(tmp_path, text):
    path = Path(tmp_path / "list.manifest.json")
    path.write_text(text)
    with pytest.raises(ValueError, match=r"list\.manifest\.json is not a fixture's manifest"):
        Manifest.load(path)
