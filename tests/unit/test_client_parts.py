import io
import json
from contextlib import closing
from pathlib import Path

import pytest
from requests import Request
from werkzeug.formparser import parse_form_data

from fixtures import kinds
from loadtest.client import settings
from loadtest.client.cut import slices
from loadtest.client.form import Form
from loadtest.client.journal import Journal
from loadtest.client.options import KINDS, Options, group
from loadtest.client.part import parts
from loadtest.client.result import Result, Sent
from loadtest.client.table import Table
from loadtest.errors import UsageError

COUNTS = {"created": 1, "updated": 0, "unchanged": 0}


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes(b"a,b\n1,2\n3,4\n5,6\nlicensed to you")
    return Table.open(path)


@pytest.mark.parametrize("name", ["list.csv", 'a "b"; c.csv', "Müller \U0001f600.csv"])
@pytest.mark.parametrize("block", [1, 7, 16384])
def test_a_form_that_is_read_as_it_is_sent_is_the_form(name, block):
    content = b"a,b\r\n1,2\r\n" * 50
    form = Form({"kind": "contacts", "list": "Müller & Söhne"}, name, io.BytesIO(content), len(content))
    assert Request("POST", "http://x", data=form).prepare().headers["Content-Length"] == str(len(form))
    body = b"".join(iter(lambda: form.read(block), b""))
    assert len(body) == len(form)
    environ = {
        "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": form.content_type,
        "REQUEST_METHOD": "POST",
    }  # fmt: skip
    _, fields, files = parse_form_data(environ)
    assert dict(fields) == {"kind": "contacts", "list": "Müller & Söhne"}
    with closing(files["file"]) as file:
        assert file.read() == content
    assert file.filename.replace("%22", '"') == name


def test_the_parts_of_a_file_are_csvs_by_themselves_and_one_may_be_passed_over(table):
    found = []
    for waiting in parts(table, 2, slices(table, 2)):
        if waiting.piece.number == 2:
            with waiting.content() as part:
                part.content.seek(0)
                found.append((part.filename, part.content.read(), part.size))
    assert found == [("list-0002.csv", b"a,b\n5,6\nlicensed to you", 23)]


def test_a_file_that_goes_as_one_keeps_its_name_and_bytes(table):
    waiting = next(parts(table, None, slices(table, None)))
    with waiting.content() as part:
        part.content.seek(0)
        assert (part.filename, part.content.read()) == ("list.csv", table.path.read_bytes())
        assert (part.sha256, part.size) == (table.sha256, table.size)


def test_the_licence_line_is_not_counted_as_a_row(table):
    assert [(piece.first_row, piece.rows, piece.trailer) for piece in slices(table, 2)] == [(1, 2, False), (3, 1, True)]


def test_there_are_the_kinds_that_fixtures_are_made_of():
    assert list(KINDS) == list(kinds.KINDS)


@pytest.mark.parametrize(
    ("kind", "given", "found"),
    [
        ("contacts", (None, None), "my list"),
        ("contacts", ("People", None), "People"),
        ("propertyradar", ("People", None), "People"),
        ("campaign", (None, "Spring"), "Spring"),
        ("campaign", (None, None), "my list"),
    ],
)
def test_all_parts_go_to_one_list_named_after_the_file_unless_said_otherwise(tmp_path, kind, given, found):
    assert group(kind, *given, tmp_path / "my list.csv") == found


@pytest.mark.parametrize(("kind", "given"), [("contacts", (None, "x")), ("campaign", ("x", None))])
def test_the_wrong_sort_of_name_is_refused(tmp_path, kind, given):
    with pytest.raises(UsageError, match="go to a"):
        group(kind, *given, tmp_path / "list.csv")


def test_a_journal_is_on_disk_after_every_change(tmp_path):
    path = tmp_path / "imports" / "x.json"
    journal = Journal.open(path)
    assert not path.exists()
    journal.remember(1, "i1")
    journal.remember(2, "i2")
    assert Journal.open(path).imports == {1: "i1", 2: "i2"}
    journal.forget(1)
    assert Journal.open(path).imports == {2: "i2"}
    journal.restart()
    again = Journal.open(path)
    assert (again.imports, again.generation) == ({}, journal.generation)
    assert journal.generation
    assert [file.name for file in path.parent.iterdir()] == ["x.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"schema": 1}', '{"schema": 1, "imports": {"x": 1}}'])
def test_a_journal_that_cannot_be_understood_is_an_empty_one(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text)
    assert (Journal.open(path).imports, Journal.open(path).generation) == ({}, "")


def test_a_journal_that_cannot_be_written_is_an_error_of_the_home():
    with pytest.raises(UsageError, match=r"TIMEOUTLAB_HOME: /proc/nowhere/x\.json cannot be used"):
        Journal(Path("/proc/nowhere/x.json")).remember(1, "i1")


def report(number, **changes):
    return {
        "id": f"i{number}", "status": "completed_with_errors", "failure": None, "error": None, "trailer": None,
        "rows_total": 2, "rows_rejected": 1, "rows_duplicate": 0, "created": 1, "updated": 0, "unchanged": 0,
        "skipped": 0, "contacts_to_sync": 1, "contacts_synced": 1, "contacts_failed": 0,
        "counts": {"contacts": COUNTS}, **changes,
    }  # fmt: skip


@pytest.fixture
def result(table):
    def make(*changes, kind="contacts"):
        plan = slices(table, 2)
        last = {"rows_total": 1, "trailer": "licensed to you", "rows_rejected": 0}
        reports = [report(1), report(2, **last)]
        for at, change in enumerate(changes):
            reports[at] |= change
        sent = [Sent(*pair, True) for pair in zip(plan, reports[: len(changes) or 2], strict=False)]
        return Result(table, Options(kind, "people", chunk_rows=2), "http://x", plan, sent, 1.5)

    return make


def test_the_parts_are_reported_as_one_import(result):
    said = result().as_json()
    assert json.loads(json.dumps(said)) == said
    assert (said["verdict"], said["troubles"], said["stopped"]) == ("complete", [], None)
    assert (said["rows_total"], said["rows_rejected"], said["created"], said["contacts_synced"]) == (3, 1, 2, 2)
    assert said["counts"] == {"contacts": {"created": 2, "updated": 0, "unchanged": 0}}
    assert [(part["first_row"], part["import_id"]) for part in said["parts"]] == [(1, "i1"), (3, "i2")]
    text = result().text()
    assert text.splitlines()[0] == "list.csv: complete, 3 of 3 rows in 2 parts, list 'people', 1.5 s"
    assert "2 created, 0 updated, 0 unchanged, 0 skipped, 0 duplicate, 1 rejected" in text
    assert "note: a row that repeats one of another part counts as updated, unchanged or skipped" in text


@pytest.mark.parametrize(
    ("changes", "verdict", "said"),
    [
        ([{}], "incomplete", []),
        ([{"rows_total": 3}, {}], "failed", ["the server read 3 rows in part 1, which has 2"]),
        ([{"created": 0}, {}], "failed", ["of 2 rows in part 1 1 are accounted for"]),
        ([{}, {"trailer": None}], "failed", ["the server read 1 rows in part 2, which has 1"]),
        ([{"status": "cancelled"}], "failed", ["import i1 was cancelled"]),
        ([{"status": "failed", "failure": "duplicate", "error": "Row 1 is about."}], "failed",
         ["import i1 was ended: Row 1 is about."]),
        ([{"status": "failed", "rows_rejected": 2, "created": 0}, {}], "complete", []),
        ([{"status": "failed", "rows_rejected": 2, "created": 0},
          {"status": "failed", "rows_rejected": 1, "created": 0}], "failed", ["no row could be imported"]),
    ],
)  # fmt: skip
def test_what_makes_it_a_failed_import(result, changes, verdict, said):
    found = result(*changes)
    assert (found.verdict, found.troubles) == (verdict, said)


@pytest.fixture
def _no_variables(monkeypatch, tmp_path):
    for name in ("TIMEOUTLAB_HOST", "TIMEOUTLAB_API_KEY", "TIMEOUTLAB_CLIENT_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TIMEOUTLAB_HOME", str(tmp_path))


@pytest.mark.usefixtures("_no_variables")
def test_options_go_before_the_environment(monkeypatch):
    monkeypatch.setenv("TIMEOUTLAB_API_KEY", "from-env")
    assert settings.load(None, None).url == "http://127.0.0.1:8080"
    assert settings.load(None, None).api_key == "from-env"
    where = settings.load("https://crm.example.com", "tl_x")
    assert (where.url, where.api_key) == ("https://crm.example.com", "tl_x")
    assert "tl_x" not in repr(where)


@pytest.mark.usefixtures("_no_variables")
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((None, None), "no API key: set TIMEOUTLAB_API_KEY"),
        (("127.0.0.1:8080", "x"), "--url '127.0.0.1:8080': must be a URL"),
        (("http://me:secret@host", "x"), "--url 'http://(not shown)@host': must be a URL"),
        ((None, "two words"), "--api-key (not shown): must be the import app's API key"),
    ],
)
def test_a_wrong_option_is_named_and_no_secret_is_shown(given, said):
    with pytest.raises(UsageError) as error:
        settings.load(*given)
    assert said in str(error.value)
