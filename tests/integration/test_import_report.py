import csv
import io
from datetime import datetime

import pytest
from importing import csv_of, numbers, people

import config
from app.imports.layout import ERROR_COLUMNS
from fixtures.cache import fixture
from fixtures.manifest import Manifest

LEAD = len(ERROR_COLUMNS)
SAMPLE = config.ROOT / "fixtures" / "samples" / "contacts-1000.csv"


def errors_csv(app, import_id, delimiter=","):
    answer = app.get(f"/api/imports/{import_id}/errors.csv")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/csv")
    text = answer.content.decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=delimiter))


def assert_counts_add_up(done):
    rows = ("rows_rejected", "rows_duplicate", "created", "updated", "unchanged", "skipped")
    assert sum(done[name] for name in rows) == done["rows_done"] == done["rows_total"]


def test_the_sample_is_imported_as_its_manifest_says_row_by_row(offline):
    manifest = Manifest.load(Manifest.path_for(SAMPLE))
    answer = offline.upload(SAMPLE.read_bytes(), filename=SAMPLE.name, list="sample")
    done = answer.json()
    assert (done["bytes"], done["sha256"], done["filename"]) == (manifest.bytes, manifest.sha256, SAMPLE.name)
    assert (done["rows_total"], done["rows_rejected"]) == (manifest.rows, manifest.rows_invalid)
    assert (done["created"], done["contacts_to_sync"], done["openphone_calls"]) == (manifest.contacts_expected, 0, 0)
    assert len(offline.get("/api/contacts", list="sample", limit=500).json()["contacts"]) == 500
    assert_counts_add_up(done)

    found = offline.sql(
        "SELECT row_number, code FROM row_errors WHERE import_id = %s ORDER BY row_number", (done["id"],)
    )
    assert found == [(row["row"], row["reason"]) for row in manifest.invalid_rows]
    assert [error["row"] for error in done["errors"]] == [row["row"] for row in manifest.invalid_rows][:20]
    assert offline.imported(done["id"]) == done
    assert answer.headers["Location"] == f"/api/imports/{done['id']}"


def test_errors_csv_has_every_rejected_row_as_it_stood_in_the_file_and_why(offline):
    path, manifest = fixture("contacts", 200, area=4, cache_dir=config.load_harness_settings().home / "fixtures")
    done = offline.upload(path.read_bytes()).json()
    with path.open(encoding="utf-8", newline="") as file:
        original = list(csv.reader(file))
    header, *rows = errors_csv(offline, done["id"])
    assert header == [*ERROR_COLUMNS, *original[0]]
    assert [int(row[0]) for row in rows] == [row["row"] for row in manifest.invalid_rows]
    for row in rows:
        assert [cell.removeprefix("'") for cell in row[LEAD:]] == original[int(row[0])]
        assert all(row[3:LEAD])
        if row[1]:
            assert row[2] == row[LEAD + original[0].index(row[1])]


def test_errors_csv_can_be_corrected_and_uploaded_again(offline):
    [phone] = numbers(1)
    done = offline.upload(csv_of([["+1 555-0123", "Ada", "a@b.co"]], ("phone", "first_name", "email"))).json()
    header, row = errors_csv(offline, done["import"]["id"])
    corrected = csv_of([[cell.replace("'+1 555-0123", f"'{phone}") for cell in row]], header)
    answer = offline.upload(corrected)
    assert answer.status_code == 200, answer.text
    assert answer.json()["unknown_columns"] == []
    assert offline.sql("SELECT first_name, email, extra FROM contacts WHERE phone = %s", (phone,)) == [
        ("Ada", "a@b.co", {})
    ]


def test_errors_csv_uploaded_as_it_is_has_the_same_errors_again(offline):
    columns = ("phone", "notes", "@x", "'x")
    first = csv_of([["+1 555-0123", "'n Sync", "=1", "'"], ["n/a", "''", "", "-"], ["1", "2"]], columns)
    found = offline.upload(first).json()["import"]
    answer = offline.get(f"/api/imports/{found['id']}/errors.csv")
    again = offline.upload(answer.content).json()["import"]
    for report in (found, again):
        assert report["unknown_columns"] == ["@x", "'x"]
    assert again["errors"] == found["errors"]
    assert offline.get(f"/api/imports/{again['id']}/errors.csv").content == answer.content


def test_what_an_errors_csv_says_of_other_columns_is_kept_under_the_names_that_they_had(offline):
    [phone] = numbers(1)
    found = offline.upload(csv_of([["n/a", "=1"]], ("phone", "@handle"))).json()["import"]
    text = offline.get(f"/api/imports/{found['id']}/errors.csv").content.decode()
    # What it says of the row has the old value, too: only the cell is corrected.
    head, _, behind = text.rpartition("n/a")
    assert offline.upload(f"{head}{phone}{behind}".encode()).status_code == 200
    assert offline.sql("SELECT extra FROM contacts WHERE phone = %s", (phone,)) == [({"@handle": "=1"},)]


@pytest.mark.parametrize(("delimiter", "name"), [(";", "semicolon"), ("\t", "tab"), ("|", "pipe")])
def test_errors_csv_has_the_delimiter_of_its_file(offline, delimiter, name):
    data = f"phone{delimiter}notes\r\nn/a{delimiter}a,b\r\n".encode("utf-16")
    found = offline.upload(data).json()["import"]
    assert (found["delimiter"], found["encoding"]) == (name, "utf-16-le")
    [_, row] = errors_csv(offline, found["id"], delimiter)
    assert row[LEAD:] == ["n/a", "a,b"]


def test_no_cell_of_errors_csv_is_a_formula(offline):
    hostile = ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "\n=1", '"=1"', "==1"]
    columns = ("phone", *(f"={name}" for name in "abcdefg"))
    done = offline.upload(csv_of([hostile, [*hostile[1:], hostile[0]], hostile[:5]], columns)).json()["import"]
    for row in errors_csv(offline, done["id"]):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
    assert errors_csv(offline, done["id"])[1][LEAD : LEAD + 2] == ["'" + hostile[0], "'+1"]


def test_an_import_without_errors_has_an_errors_csv_with_the_header_alone(offline):
    done = offline.upload(people(numbers(1))).json()
    assert errors_csv(offline, done["id"]) == [[*ERROR_COLUMNS, "phone", "first_name"]]


def test_counts_add_up_whichever_way_a_phone_comes_twice(offline):
    phones = numbers(120)
    first = offline.upload(people(phones)).json()
    assert (first["created"], first["updated"], first["unchanged"], first["rows_duplicate"]) == (120, 0, 0, 0)
    # Chunks have 50 rows: the repeats are in one chunk, in two, and in an earlier import.
    rows = [[phone, "Ada"] for phone in phones[:40]] + [[phone, "Bo"] for phone in phones[:5]]
    rows += [["none", "x"]] * 10 + [[phone, "Cleo"] for phone in phones[:7]] + [[phone, ""] for phone in phones[50:60]]
    second = offline.upload(csv_of(rows)).json()
    assert (second["rows_total"], second["rows_rejected"]) == (len(rows), 10)
    assert (second["rows_duplicate"], second["updated"], second["unchanged"], second["created"]) == (12, 7, 43, 0)
    assert second["status"] == "completed_with_errors"
    for done in (first, second):
        assert_counts_add_up(done)


def test_a_later_row_of_a_phone_wins_within_a_chunk_and_across_chunks_and_empty_cells_keep_what_is_known(offline):
    one, two, *rest = numbers(52)
    columns = ("phone", "first_name", "company")
    rows = [[one, "Ada", "Acme"], [two, "Bo", "Bolt"], [one, "Ada B.", ""]]
    rows += [[phone, "x", "x"] for phone in rest] + [[two, "", "Bolt Ltd"]]
    assert offline.upload(csv_of(rows, columns)).json()["status"] == "completed"
    found = offline.sql("SELECT first_name, company FROM contacts WHERE phone = ANY(%s) ORDER BY phone", ([one, two],))
    assert found == [("Ada B.", "Acme"), ("Bo", "Bolt Ltd")]


def test_a_file_uploaded_again_changes_nothing_and_a_changed_row_changes_one_contact(offline):
    phones = numbers(60)
    offline.upload(people(phones))
    before = offline.sql("SELECT * FROM contacts WHERE phone = ANY(%s) ORDER BY phone", (phones,))
    again = offline.upload(people(phones)).json()
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 60)
    assert offline.sql("SELECT * FROM contacts WHERE phone = ANY(%s) ORDER BY phone", (phones,)) == before
    changed = offline.upload(people(phones) + f"{phones[7]},Zoë\r\n".encode()).json()
    assert (changed["updated"], changed["unchanged"], changed["rows_duplicate"]) == (1, 59, 1)


@pytest.mark.parametrize("policy", ["update", "skip"])
def test_an_import_tells_its_times_in_order_and_where_they_went(offline, policy):
    done = offline.upload(people(numbers(200)), on_duplicate=policy).json()
    created, started, finished = (
        datetime.fromisoformat(done[name]) for name in ("created_at", "started_at", "finished_at")
    )
    assert created <= started <= finished
    stages = done["stage_seconds"]
    assert set(stages) == {"store", "read", "repeats", "normalise", "copy", "merge", "openphone", "limit"}
    assert all(stages[name] > 0 for name in ("store", "read", "normalise", "copy", "merge"))
    assert stages["openphone"] == stages["limit"] == 0
    spent = sum(stages.values())
    assert done["rows_per_second"] == pytest.approx(200 / spent, rel=0.01)
    assert done["megabytes_per_second"] == pytest.approx(done["bytes"] / spent / 10**6, rel=0.01, abs=0.001)


def test_a_report_tells_how_the_file_was_understood_and_what_came_of_it(offline):
    [phone] = numbers(1)
    data = f"Phone;Colour;\u00e9t\u00e9;Colour\n{phone};red;;blue\nn/a;;;\n".encode("cp1252")
    done = offline.upload(data, filename="f.csv", dry_run="false", on_duplicate="skip").json()
    expected = {
        "kind": "contacts", "on_duplicate": "skip", "dry_run": False, "list": "f", "campaign": None, "trailer": None,
        "encoding": "windows-1252", "delimiter": "semicolon", "failure": None, "created": 1, "skipped": 0,
        "unknown_columns": ["Colour", "\u00e9t\u00e9", "Colour (2)"],
        "counts": {"contacts": {"created": 1, "updated": 0, "unchanged": 0}},
    }  # fmt: skip
    assert {name: done[name] for name in expected} == expected
    [error] = done["errors"]
    assert set(error) == {"row", "column", "value", "code", "reason", "fix"}
    assert (error["row"], error["column"], error["value"], error["code"]) == (2, "Phone", "n/a", "phone_invalid")
    assert error["fix"]
    assert offline.imported(done["id"]) == done


@pytest.mark.parametrize(
    ("kind", "things"),
    [
        ("contacts", ["contacts"]),
        ("propertyradar", ["contacts", "links", "properties"]),
        ("campaign", ["contacts", "members"]),
    ],
)
def test_a_report_counts_what_the_kind_has(offline, kind, things):
    path, manifest = fixture(kind, 120, area=5, cache_dir=config.load_harness_settings().home / "fixtures")
    done = offline.upload(path.read_bytes(), filename="counted.csv", kind=kind).json()
    assert sorted(done["counts"]) == things
    assert_counts_add_up(done)
    assert (done["rows_total"], done["rows_rejected"]) == (manifest.rows, manifest.rows_invalid)
    goes_to = "campaign" if kind == "campaign" else "list"
    assert [done[name] for name in ("list", "campaign")] == [
        "counted" if name == goes_to else None for name in ("list", "campaign")
    ]
    assert (done["trailer"] is not None) == (kind == "propertyradar")


def test_an_import_without_a_chunk_yet_has_no_speed(offline):
    done = offline.upload(csv_of([["n/a", "x"]])).json()["import"]
    assert done["rows_per_second"] > 0
    offline.sql("UPDATE imports SET rows_done = 0 WHERE id = %s", (done["id"],))
    found = offline.imported(done["id"])
    assert (found["rows_per_second"], found["megabytes_per_second"]) == (None, None)


def test_imports_are_listed_newest_first_page_by_page_also_while_new_ones_arrive(offline):
    ids = [offline.upload(people(numbers(1))).json()["id"] for _ in range(7)]
    listed, cursor = [], None
    for _ in range(4):
        page = offline.get("/api/imports", limit=2, **({"cursor": cursor} if cursor else {})).json()
        listed += [item["id"] for item in page["imports"]]
        cursor = page["next"]
        offline.upload(people(numbers(1)))
    assert listed[:7] == ids[::-1]
    assert len(listed) == len(set(listed)) == 8


def test_contacts_are_listed_page_by_page_each_once(offline):
    phones = numbers(25)
    offline.upload(people(phones), list="pages")
    listed, cursor, pages = [], None, 0
    while cursor or not pages:
        query = {"list": "pages", "limit": 10, **({"cursor": cursor} if cursor else {})}
        page = offline.get("/api/contacts", **query).json()
        listed += [contact["phone"] for contact in page["contacts"]]
        cursor, pages = page["next"], pages + 1
    assert (sorted(listed), pages) == (phones, 3)
    whole = offline.get("/api/contacts", list="pages", limit=25).json()
    assert (len(whole["contacts"]), whole["next"]) == (25, None)
    [one] = offline.get("/api/contacts", phone=phones[3]).json()["contacts"]
    assert (one["phone"], one["first_name"]) == (phones[3], "Ada")
    assert offline.get("/api/contacts", phone=numbers(1)[0]).json() == {"contacts": [], "next": None}
    assert offline.get("/api/contacts", phone="+1\0").status_code == 400


@pytest.mark.parametrize("path", ["/api/imports", "/api/contacts"])
@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ({"limit": "0"}, "bad-option"),
        ({"limit": "x"}, "bad-option"),
        ({"cursor": "x"}, "bad-cursor"),
        ({"cursor": "aW1wb3J0Om5vcGU="}, "bad-cursor"),  # import:nope
        ({"cursor": "Y29udGFjdDpub3Bl"}, "bad-cursor"),  # contact:nope
    ],
)
def test_a_page_that_there_is_not_is_refused(offline, path, query, kind):
    answer = offline.get(path, **query)
    assert (answer.status_code, answer.json()["type"]) == (400, f"urn:timeoutlab:problem:{kind}")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/imports/00000000-0000-0000-0000-000000000000", 404),
        ("/api/imports/00000000-0000-0000-0000-000000000000/errors.csv", 404),
        ("/api/imports/7", 404),
        ("/api/imports/", 404),
        ("/nowhere", 404),
        ("/api/imports/00000000-0000-0000-0000-000000000000/resume", 405),
    ],
)
def test_what_is_not_there_is_a_problem_too(offline, path, status):
    answer = offline.get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status
