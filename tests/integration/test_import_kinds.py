"""Each kind at 50,000 rows, in chunks: the size of the largest file of the guide."""

import pytest
from importing import App

import config
from fixtures.cache import fixture
from fixtures.changed import changed

ROWS = 50_000
TABLES = {
    "contacts": "contacts",
    "properties": "properties",
    "links": "property_contacts",
    "members": "campaign_members",
}


@pytest.fixture(scope="module", params=["contacts", "propertyradar", "campaign"])
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def app(stack, kind):
    with stack.trial(f"{kind}-50000", {"OPENPHONE_SYNC": "off", "GUNICORN_WORKERS": "2"}) as trial:
        yield App(stack, trial)


@pytest.fixture(scope="module")
def file(kind):
    return fixture(kind, ROWS, cache_dir=config.load_harness_settings().home / "fixtures")


def imported(app, kind, path, **options):
    answer = app.upload(path.read_bytes(), filename="export.csv", timeout=120, kind=kind, **options)
    assert answer.status_code == 200, answer.text[:500]
    report = answer.json()
    sorts = ("rows_rejected", "rows_duplicate", "created", "updated", "unchanged", "skipped")
    assert report["rows_total"] == sum(report[sort] for sort in sorts)
    return report


def expected(manifest):
    counts = {
        "contacts": manifest.contacts_expected,
        "properties": manifest.properties_expected,
        "links": manifest.links_expected,
        "members": manifest.members_expected,
    }
    return {name: count for name, count in counts.items() if count}


def in_database(app):
    found = {name: app.sql(f"SELECT count(*) FROM {table}")[0][0] for name, table in TABLES.items()}
    return {name: count for name, count in found.items() if count}


def errors(app, report):
    found = app.sql("SELECT row_number, code FROM row_errors WHERE import_id = %s ORDER BY 1", (report["id"],))
    return [{"row": row, "reason": code} for row, code in found]


def untouched(app):
    """Changes with every row of every table that is written."""
    return [app.sql(f"SELECT count(*), max(updated_at), max(import_number) FROM {table}") for table in TABLES.values()]


def test_every_count_is_the_manifests_and_a_second_upload_changes_nothing(app, kind, file):
    path, manifest = file
    first = imported(app, kind, path)
    made = {name: {"created": count, "updated": 0, "unchanged": 0} for name, count in expected(manifest).items()}
    assert first["counts"] == made
    assert in_database(app) == expected(manifest)
    assert (first["rows_total"], first["rows_rejected"]) == (ROWS, manifest.rows_invalid)
    assert first["rows_duplicate"] == manifest.duplicates
    assert (first["created"], first["updated"], first["unchanged"]) == (manifest.rows_new, 0, 0)
    assert errors(app, first) == list(manifest.invalid_rows)

    before = untouched(app)
    second = imported(app, kind, path)
    kept = {name: {"created": 0, "updated": 0, "unchanged": count} for name, count in expected(manifest).items()}
    assert second["counts"] == kept
    assert (second["unchanged"], second["rows_duplicate"]) == (manifest.rows_new, manifest.duplicates)
    assert untouched(app) == before


def test_a_changed_file_changes_exactly_what_differs(app, kind, file, tmp_path):
    difference = changed(file[0], tmp_path / "changed.csv")
    before = in_database(app)
    report = imported(app, kind, tmp_path / "changed.csv")
    for name in expected(file[1]):
        change = getattr(difference, name)
        found = report["counts"][name]
        assert (found["created"], found["updated"], found["unchanged"]) == (
            change.created, change.updated, change.unchanged,
        ), name  # fmt: skip
        assert in_database(app)[name] == before[name] + change.created
    assert errors(app, report) == list(difference.manifest.invalid_rows)
