import csv
import hashlib
import re
from collections import Counter
from datetime import UTC, datetime

import phonenumbers
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.generate import make
from fixtures.manifest import Manifest

HEADER = ["name", "phone_number", "status", "message_sent_at", "openphone_message_id"]
NAME, PHONE, STATUS, SENT_AT, MESSAGE_ID = range(5)


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        header, *records = csv.reader(file, strict=True)
    assert header == HEADER
    return records


def e164(text):
    if re.fullmatch(r"\d{10}\.0", text):  # Excel's; phonenumbers does not take it
        text = text[:10]
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def instant(text):
    """As UTC; None when it is no time."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def what_is_wrong(cells):
    """Every reason that fits, by rules that know nothing of the generator."""
    phone, reasons = cells[PHONE], []
    if len(cells) != len(HEADER):
        return ["ragged_row"] if e164(phone) else ["ragged, and no phone"]
    if not phone.strip():
        reasons.append("phone_missing")
    elif re.fullmatch(r"\D*(\d\D*){7}", phone):
        reasons.append("valid after all" if e164(phone) else "phone_no_area_code")
    elif e164(phone) is None:
        reasons.append("phone_invalid")
    if cells[STATUS] not in {"pending", "sent", "delivered", "failed", "replied"}:
        reasons.append("status_invalid")
    if cells[SENT_AT] and not instant(cells[SENT_AT]):
        reasons.append("date_invalid")
    return reasons


def check_against_manifest(path, manifest):
    records = read(path)
    reasons = {number: what_is_wrong(cells) for number, cells in enumerate(records, 1)}
    wrong = [{"row": number, "reason": found[0]} for number, found in reasons.items() if found]
    valid_phones = [e164(cells[PHONE]) for number, cells in enumerate(records, 1) if not reasons[number]]
    owned = [e164(records[row["row"] - 1][PHONE]) for row in wrong if not row["reason"].startswith("phone_")]

    assert all(len(found) <= 1 for found in reasons.values())
    assert manifest.rows == len(records)
    assert list(manifest.invalid_rows) == wrong
    assert manifest.rows_invalid == len(wrong)
    assert manifest.invalid == dict(Counter(row["reason"] for row in wrong))
    assert manifest.contacts_expected == manifest.members_expected == len(set(valid_phones))
    assert (manifest.properties_expected, manifest.links_expected) == (0, 0)
    assert manifest.duplicates == len(valid_phones) - len(set(valid_phones))
    assert manifest.rows_new == manifest.contacts_expected
    # An invalid row that is imported all the same would add a contact of its own, so that the count gives it away.
    assert len({*owned, *valid_phones}) == len(owned) + len(set(valid_phones))
    assert manifest.bytes == path.stat().st_size
    assert manifest.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert Manifest.load(path.with_suffix(".manifest.json")) == manifest


@pytest.mark.parametrize(
    ("rows", "seed", "area"),
    [(1, 1, 0), (2, 1, 0), (10, 7, 0), (26, 2, 1), (1000, 1, 0), (1000, 2, 3), (1000, 1, 9999), (5000, 3, 0)],
)
def test_manifest_is_what_an_independent_count_finds(tmp_path, rows, seed, area):
    path = tmp_path / "campaign.csv"
    check_against_manifest(path, make("campaign", rows, seed, path, area=area))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 120), st.integers(0, 2**70), st.integers(0, 9999))
def test_manifest_is_what_an_independent_count_finds_for_any_arguments(tmp_path, rows, seed, area):
    path = tmp_path / "campaign.csv"
    check_against_manifest(path, make("campaign", rows, seed, path, area=area))


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """The valid rows of 5,000."""
    path = tmp_path_factory.mktemp("campaign") / "campaign.csv"
    invalid = {row["row"] for row in make("campaign", 5000, 1, path).invalid_rows}
    return [cells for number, cells in enumerate(read(path), 1) if number not in invalid]


def test_every_reason_occurs_from_two_hundred_rows_on(tmp_path):
    assert set(make("campaign", 200, 1, tmp_path / "campaign.csv").invalid) == {
        "phone_missing",
        "phone_invalid",
        "phone_no_area_code",
        "ragged_row",
        "date_invalid",
        "status_invalid",
    }


def test_only_what_was_sent_has_a_time_and_a_message(good):
    for cells in good:
        assert (cells[STATUS] == "pending") == (cells[SENT_AT] == "") == (cells[MESSAGE_ID] == "")
        assert re.fullmatch(r"(AC[0-9a-f]{32})?", cells[MESSAGE_ID])


def test_statuses_occur_in_their_shares(good):
    found = Counter(cells[STATUS] for cells in good)
    shares = {"pending": 0.2, "sent": 0.25, "delivered": 0.4, "failed": 0.08, "replied": 0.07}
    assert set(found) == set(shares)
    assert all(abs(found[status] / len(good) - share) < 0.03 for status, share in shares.items())


def test_times_are_mostly_utc_some_have_an_offset_and_some_nothing(good):
    masks = Counter(re.sub(r"\d", "9", cells[SENT_AT]) for cells in good if cells[SENT_AT])
    offsets = {"9999-99-99T99:99:99-99:99", "9999-99-99T99:99:99+99:99"}
    assert set(masks) == {"9999-99-99T99:99:99Z", "9999-99-99 99:99:99"} | offsets
    assert abs(masks["9999-99-99T99:99:99Z"] / masks.total() - 0.8) < 0.03
    assert abs(masks["9999-99-99 99:99:99"] / masks.total() - 0.1) < 0.03


def test_phones_are_messy_and_names_are_not_all_ascii(good):
    masks = {re.sub(r"\d", "9", cells[PHONE]) for cells in good}
    assert {"+99999999999", "(999) 999-9999", "999-999-9999", "999.999.9999", "9999999999", "9999999999.9"} <= masks
    assert all(cells[PHONE].endswith(".0") for cells in good if re.fullmatch(r"\d{10}\.\d", cells[PHONE]))
    assert all(cells[NAME] for cells in good)
    assert any(not cells[NAME].isascii() for cells in good)


def test_duplicates_spell_an_earlier_number_otherwise_with_a_later_status_and_time(good):
    later = {
        ("pending", "sent"),
        ("pending", "delivered"),
        ("pending", "failed"),
        ("sent", "delivered"),
        ("sent", "failed"),
        ("sent", "replied"),
        ("delivered", "replied"),
        ("failed", "sent"),
        ("failed", "delivered"),
        ("replied", "replied"),
    }
    last, repeated = {}, 0
    for cells in good:
        phone = e164(cells[PHONE])
        if before := last.get(phone):
            repeated += 1
            assert cells[NAME] == before[NAME]
            assert cells[PHONE] != before[PHONE]
            assert (before[STATUS], cells[STATUS]) in later
            assert not before[SENT_AT] or instant(cells[SENT_AT]) > instant(before[SENT_AT])
            same = before[STATUS] not in {"pending", "failed"}
            assert (cells[MESSAGE_ID] == before[MESSAGE_ID]) == same
        last[phone] = cells
    assert repeated == 100
