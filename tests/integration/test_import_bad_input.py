import io

import pytest
import requests
from files_table.file import filled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from importing import csv_of, numbers, people

CSV = b"phone\n+14045550100\n"


def problem(answer):
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    body = answer.json()
    assert (body["status"], body["request_id"]) == (answer.status_code, answer.headers["X-Request-ID"])
    return answer.status_code, body["type"].removeprefix("urn:timeoutlab:problem:")


@pytest.fixture
def none_left(offline):
    before = offline.newest()
    yield
    assert offline.newest() == before


@pytest.mark.usefixtures("none_left")
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", (400, "not-a-csv")),
        (b"\xef\xbb\xbf", (400, "not-a-csv")),
        (b"\n\n\r\n", (400, "not-a-csv")),
        (b"PK\x03\x04\x14\x00\x06\x00", (400, "not-a-csv")),
        ("phone\n+14045550100\n".encode("utf-16-le"), (400, "not-a-csv")),
        ("phone,first_name\n+14045550100,Zo\u00eb\n".encode() + b"+14045550101,Jos\xe9\n", (400, "not-a-csv")),
        (b"pho\0ne\n+14045550100\n", (400, "not-a-csv")),
        (b"phone,first_name\r\n", (422, "no-rows")),
        (b"number,name\n+14045550100,Ada\n", (400, "missing-columns")),
        (b"phone,PHONE\n1,2\n", (400, "repeated-columns")),
        (b",".join([b"phone"] * 20_000) + b"\n1\n", (400, "bad-header")),
        (b",".join([b"phone"] * 100_000) + b"\n1\n", (400, "not-a-csv")),
        (b'"phone\n' + b"+14045550100\n" * 50_000, (400, "not-a-csv")),
        (b'phone,notes\n+14045550100,a\n"+14045550101,b\n+14045550102,c\n', (400, "not-a-csv")),
        (b"phone\n" + b"x" * 2**20, (413, "too-large")),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_no_contact_list_is_refused_and_leaves_nothing_behind(offline, data, expected):
    assert problem(offline.upload(data)) == expected


def test_missing_columns_are_named_with_the_ones_found(offline):
    body = offline.upload(b"number,Full Name\n1,2\n").json()
    assert (body["missing"], body["found"]) == (["phone"], ["number", "Full Name"])


def test_a_file_far_too_large_is_answered_413_and_the_client_sees_it(offline):
    for size in (2**20 + 2**17, 8 * 2**20, 40 * 2**20):
        answer = offline.upload(b"phone\n" + b"+14045550100\n" * (size // 13))
        assert problem(answer) == (413, "too-large")
        assert answer.json()["max_bytes"] == 2**20


def test_a_file_far_too_large_is_refused_without_a_content_length_too(offline):
    body = iter([b"--x\r\n", *[b"x" * 2**16] * 100])
    headers = {**offline.auth, "Content-Type": "multipart/form-data; boundary=x"}
    answer = requests.post(f"{offline.url}/api/imports", data=body, headers=headers, timeout=30)
    assert problem(answer) == (413, "too-large")


@pytest.mark.parametrize(
    ("data", "contacts", "errors"),
    [
        (b"phone\n{0}\n", 1, []),
        (b"phone\n{0}", 1, []),
        (b"\xef\xbb\xbfPhone Number,phone\r\nx,{0}\r\n", 1, []),
        (b"phone\r{0}\r{1}\r", 2, []),
        (b"phone\n\n{0}\n\n{1}\n\n", 2, []),
        (b'phone,notes\n{0},"a\nb, ""c"""\n{1},d\n', 2, []),
        (b"phone\n{0}\nnone\n", 1, [(2, "phone", "none", "phone_invalid")]),
        (b"phone,notes\n{0},x\n,\n", 1, [(2, "phone", "", "phone_missing")]),
        (b"phone\n555-0123\n{0}\n", 1, [(1, "phone", "555-0123", "phone_no_area_code")]),
        (b"phone,email\n{0},a@b\n{1},\n", 1, [(1, "email", "a@b", "email_invalid")]),
        (b"phone,notes\n{0}\n{1},a,b\n{2},c\n", 1, [(1, "", "", "ragged_row"), (2, "", "", "ragged_row")]),
        (b"phone,notes\n{0},a\0b\n{1},c\n", 1, [(1, "notes", "a\u2400b", "nul_byte")]),
        (b"phone,notes\n{0},a\0b,c\n{1},c\n", 1, [(1, "", "", "ragged_row")]),
        (b"phone,notes\n{0},a\n{1}," + b"x" * 1001 + b"\n", 1, [(2, "notes", "x" * 100, "cell_too_long")]),
        (b'phone,notes\n{0},a\n{1},"b\n' + b"x,y\n" * 300 + b'"\n', 1, None),
        (b'phone,notes\n{0},a\n"{1},b\n{2},"c\n', 1, [(2, "", "", "ragged_row")]),
        ("phone,first_name\n{0},Zoë Ωmega \U0001f600\n".encode(), 1, []),
        (b"phone\tnotes,phone\nx,{0}\n", 1, []),
        (b"phone,notes\n{0},\\.\n{1},\\N\n{2},a\\tb\n", 3, []),
        ("\ufeffphone\n{0}\n".encode("utf-16-le"), 1, []),
        (b"phone,first_name\n{0},Jos\xe9\n", 1, []),
        (b"phone;first_name\n{0};Jos\xe9, Ada\nnone;\n", 1, [(2, "phone", "none", "phone_invalid")]),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_literal_bytes_in_contacts_and_row_errors_out(offline, data, contacts, errors):
    phones = numbers(3)
    answer = offline.upload(filled(data, phones))
    assert answer.status_code == 200, answer.text
    done = answer.json()
    assert len(offline.stored(phones)) == done["created"] == contacts
    assert done["status"] == ("completed" if errors == [] else "completed_with_errors")
    if errors is not None:
        found = [(error["row"], error["column"], error["value"], error["code"]) for error in done["errors"]]
        assert found == errors
        assert all(error["reason"] for error in done["errors"])


def test_every_character_that_postgresql_can_hold_arrives_as_it_was(offline):
    phones = numbers(3)
    notes = ["a\\b\\N\tc", 'quote " and \r\n line, comma', "\u200b\ufffd\U0001f600\x01\x7f"]
    answer = offline.upload(csv_of(zip(phones, notes, strict=True), ("phone", "notes")))
    assert answer.json()["created"] == 3
    stored = offline.sql("SELECT notes FROM contacts WHERE phone = ANY(%s) ORDER BY phone", (phones,))
    assert [note for (note,) in stored] == notes


def test_digits_of_any_script_are_one_and_the_same_number(offline):
    [phone] = numbers(1)
    fullwidth = phone.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
    arabic = phone[2:].translate({ord("0") + digit: 0x0660 + digit for digit in range(10)})
    done = offline.upload(csv_of([[phone, "a"], [fullwidth, "b"], [arabic, "c"]])).json()
    assert (done["created"], done["rows_duplicate"]) == (1, 2)
    assert offline.stored([phone]) == [phone]


@pytest.mark.usefixtures("none_left")
def test_a_quote_that_is_never_closed_is_refused_with_the_line_where_it_is_looked_for(offline):
    data = b'phone,notes\n+14045550100,"two\nlines"\n\n+14045550101,"b\n' + b"+14045550100,c\n" * 60_000
    answer = offline.upload(data)
    assert problem(answer) == (400, "not-a-csv")
    assert answer.json()["line"] == 5
    assert "never closed" in answer.json()["detail"]


def test_of_a_huge_row_that_is_rejected_only_the_start_is_kept(offline):
    [phone] = numbers(1)
    done = offline.upload(f'phone,notes\n{phone},a\n{phone},"'.encode() + b"x\n" * 400_000 + b'"\n').json()
    assert (done["rows_total"], done["created"]) == (2, 1)
    assert done["errors"][0]["code"] == "cell_too_long"
    assert "closing quote" in done["errors"][0]["fix"]
    kept = offline.get(f"/api/imports/{done['id']}/errors.csv").text
    assert 250_000 < len(kept) < 300_000
    assert "... (cut)" in kept


def test_a_file_in_which_no_row_can_be_imported_is_422_and_says_why(offline):
    answer = offline.upload(b"phone\nnone\n555-0123\n\n,\n")
    assert problem(answer) == (422, "no-importable-row")
    done = answer.json()["import"]
    assert (done["status"], done["rows_rejected"]) == ("failed", 3)
    assert [error["code"] for error in done["errors"]] == ["phone_invalid", "phone_no_area_code", "ragged_row"]
    assert answer.headers["Location"] == f"/api/imports/{done['id']}"
    assert problem(offline.resume(done["id"])) == (422, "no-importable-row")


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("list.csv", "list.csv"),
        ("../../etc/passwd", "passwd"),
        (r"C:\\Users\\ada\\list.csv", "list.csv"),
        ("..", ".."),
        ("/", "upload.csv"),
        (".", "upload.csv"),
        ("x" * 300 + ".csv", "x" * 200),
        ('a"b.csv', 'a"b.csv'),
        ("Zoë \U0001f600.csv", "Zoë \U0001f600.csv"),
        ("=1+1.csv", "=1+1.csv"),
    ],
)
def test_of_a_files_name_only_the_last_part_is_kept(offline, sent, stored):
    answer = offline.upload(people(numbers(1)), filename=sent, list="names")
    assert (answer.status_code, answer.json()["filename"]) == (200, stored)


def test_a_list_is_named_after_the_file_and_the_rows_contacts_are_on_it(offline):
    phones = numbers(3)
    assert offline.upload(people(phones), filename="Named after.csv").json()["list"] == "Named after"
    listed = offline.get("/api/contacts", list="Named after").json()["contacts"]
    assert sorted(contact["phone"] for contact in listed) == phones


@pytest.mark.usefixtures("none_left")
@pytest.mark.parametrize(
    ("form", "kind", "says"),
    [
        ({"kind": ""}, "bad-option", "there are: contacts, propertyradar, campaign"),
        ({"kind": "leads"}, "bad-option", "there are: contacts, propertyradar, campaign"),
        ({"mode": "async"}, "bad-option", "there are: auto, sync"),
        ({"on_duplicate": "replace"}, "bad-option", "there are: update, skip, fail"),
        ({"dry_run": "maybe"}, "bad-option", "there are: false, true"),
        ({"colour": "red"}, "unknown-option", "there are: campaign, dry_run, kind, list, mode, on_duplicate"),
        ({"list": "x" * 201}, "bad-option", "1 to 200 characters"),
        ({"campaign": "May"}, "bad-option", "not for kind contacts, whose contacts go to a list"),
        ({"kind": "campaign", "list": "May"}, "bad-option", "not for kind campaign, whose contacts go to a campaign"),
        ({"kind": "campaign", "campaign": "x" * 201}, "bad-option", "1 to 200 characters"),
    ],
)
def test_an_option_that_can_not_be_used_is_named_with_what_there_is(offline, form, kind, says):
    answer = offline.upload(CSV, **form)
    assert problem(answer) == (400, kind)
    assert says in answer.json()["detail"]


def part(name, text, filename=None):
    named = f'; filename="{filename}"' if filename is not None else ""
    return f'--x\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n{text}\r\n'


KIND = part("kind", "contacts")


@pytest.mark.usefixtures("none_left")
@pytest.mark.parametrize(
    ("body", "media_type", "expected"),
    [
        ("{}", "application/json", (415, "not-multipart")),
        ("kind=contacts", "application/x-www-form-urlencoded", (415, "not-multipart")),
        (CSV, "text/csv", (415, "not-multipart")),
        (CSV, None, (415, "not-multipart")),
        (b"x" * 5_000_000, "text/csv", (415, "not-multipart")),
        ("", "multipart/form-data; boundary=x", (400, "no-file")),
        ("no boundary", "multipart/form-data", (400, "no-file")),
        ("not what was promised", "multipart/form-data; boundary=x", (400, "no-file")),
        (KIND + "--x--\r\n", "multipart/form-data; boundary=x", (400, "no-file")),
        (KIND + part("upload", "phone\n1", "a.csv") + "--x--\r\n", "multipart/form-data; boundary=x", (400, "no-file")),
        (KIND + part("file", "phone\n1") + "--x--\r\n", "multipart/form-data; boundary=x", (400, "no-file")),
        (KIND + part("file", "phone\n1", "a.csv"), "multipart/form-data; boundary=x", (400, "no-file")),
        (
            (KIND + part("file", "phone\n1", "caf\xe9.csv") + "--x--\r\n").encode("latin-1"),
            "multipart/form-data; boundary=x",
            (400, "no-file"),
        ),
        (
            KIND + part("file", "phone\n1", "a.csv") * 2 + "--x--\r\n",
            "multipart/form-data; boundary=x",
            (400, "several-files"),
        ),
        (
            KIND + part("list", "x" * 600_000) + part("file", "phone\n1", "a.csv") + "--x--\r\n",
            "multipart/form-data; boundary=x",
            (413, "form-too-large"),
        ),
        (
            KIND * 1100 + part("file", "phone\n1", "a.csv") + "--x--\r\n",
            "multipart/form-data; boundary=x",
            (413, "form-too-large"),
        ),
        (part("file", "phone\n1", "a.csv") + "--x--\r\n", "multipart/form-data; boundary=x", (400, "bad-option")),
        (
            (KIND + part("list", "\xff\xed\xa0") + part("file", "none\n1", "a.csv") + "--x--\r\n").encode("latin-1"),
            "multipart/form-data; boundary=x",
            (400, "missing-columns"),
        ),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_body_that_is_no_upload_is_refused_for_what_it_is(offline, body, media_type, expected):
    headers = {**offline.auth, **({"Content-Type": media_type} if media_type else {})}
    # The app's own answer: nginx in front refuses the larger of these for their size.
    answer = requests.post(f"{offline.direct.url}/api/imports", data=body, headers=headers, timeout=30)
    assert problem(answer) == expected


PIECES = [*',,\n\n\r;\t="\\\0\u00e9\u2028\ufeff\U0001f600 ', "\r\n", '""', "\\.", "phone", "first name", "email"]
PHONES = ["404-555-0123", "+14045550124", "5550123", "a@b.co"]
TEXT = st.lists(st.sampled_from(PIECES + PHONES), max_size=40).map("".join)


HEADERS = {
    "contacts": "phone,first name,email\n",
    "propertyradar": "Type;Address;City;ZIP;APN;Beds;Purchase Date;Owner Occ?;Primary Name;Primary Phone1\n",
    "campaign": "name\tphone_number\tstatus\tmessage_sent_at\n",
}
FORMS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(sorted(HEADERS)),
        "on_duplicate": st.sampled_from(["update", "skip", "fail"]),
        "dry_run": st.sampled_from(["false", "true"]),
    }
)
BYTES = st.one_of(
    st.binary(max_size=200),
    TEXT.map(str.encode),
    TEXT.map(lambda text: text.encode("utf-16")),
    TEXT.flatmap(lambda text: st.sampled_from(sorted(HEADERS.values())).map(lambda header: (header + text).encode())),
    st.binary(max_size=60).map(b"phone\n".__add__),
)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    data=BYTES,
    form=FORMS,
    filename=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    name=st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
)
def test_no_bytes_make_the_app_stumble(offline, data, form, filename, name):
    goes_to = {"campaign" if form["kind"] == "campaign" else "list": name}
    answer = offline.upload(io.BytesIO(data), filename=filename, **form, **goes_to)
    assert answer.status_code in {200, 400, 409, 422}, answer.text
    if answer.status_code == 200:
        assert answer.json()["status"].startswith("completed")
    else:
        assert problem(answer)[0] == answer.status_code
    newest = offline.newest()
    assert newest is None or newest["status"] in {"completed", "completed_with_errors", "failed"}


ROWS = TEXT.flatmap(lambda text: st.sampled_from(sorted(HEADERS)).map(lambda kind: (kind, HEADERS[kind] + text)))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(ROWS)
def test_no_rejected_row_is_lost_or_let_in_by_errors_csv_as_it_is(offline, rows):
    kind, text = rows
    text = text.replace("\0", "")  # it is shown as another character, which may stay
    body = offline.upload(text.encode(), kind=kind).json()
    done = body.get("import", body)
    if not done.get("rows_rejected"):
        return
    again = offline.upload(offline.get(f"/api/imports/{done['id']}/errors.csv").content, kind=kind)
    assert problem(again) == (422, "no-importable-row")
    told = again.json()["import"]
    assert told["rows_total"] == done["rows_rejected"]
    assert told["unknown_columns"] == done["unknown_columns"]
    assert [fact(error) for error in told["errors"]] == [fact(error) for error in done["errors"]]


def fact(error):
    return error["column"], error["value"], error["code"], error["reason"]
