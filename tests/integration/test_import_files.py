"""Files, bytes in and report out. What errors.csv says is enough to correct what was rejected."""

import csv
import io
from collections import Counter
from itertools import count, cycle

import pytest
from files_table import FILES, READ, REFUSED
from files_table.file import PHONES, SPARE, TARGETS, File, Stored, filled, written
from fixing import LEAD, fixed, table
from importing import App, numbers

from app.imports.layout import ERROR_COLUMNS

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
COUNTERS = "created", "updated", "unchanged", "skipped"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
CODES = {
    *("phone_missing", "phone_invalid", "phone_no_area_code", "phone_rounded", "email_invalid", "ragged_row"),
    *("date_invalid", "number_invalid", "flag_invalid", "address_missing", "status_invalid", "cell_too_long"),
    *("nul_byte", "header_repeated"),
}
_uploads = count()


class Sent:
    """A file of the table on its way through the app, with phone numbers of its own."""

    def __init__(self, app, file):
        self.app = app
        self.file = file
        self.phones = numbers(PHONES)
        self.data = filled(file.data, self.phones)
        self.goes_to = f"{file.name} {next(_uploads)}"
        if file.before:
            assert self.upload(filled(file.before, self.phones)).json()["status"] == "completed"
        self.newest = app.newest()
        self.answer = self.upload(self.data, **file.form)
        body = self.answer.json()
        self.report = body.get("import", body)

    def upload(self, data, **form):
        name = "campaign" if self.file.kind == "campaign" else "list"
        return self.app.upload(data, kind=self.file.kind, **{name: self.goes_to}, **form)

    def records(self):
        """What a plain reader of CSV finds in the file, header first."""
        codec = {"windows-1252": "cp1252"}.get(self.file.encoding, self.file.encoding)
        text = self.data.decode(codec).removeprefix("\ufeff")
        first, _, rest = text.partition("\n")
        text = rest if first.strip('"').startswith("sep=") else text
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[self.file.delimiter])
        found = [record for record in reader if record]
        return found[:-1] if self.file.trailer else found

    def expected(self, stored):
        """*stored* with the phones in their places."""
        return Stored(
            {self.phones[place]: self.written(fields) for place, fields in stored.contacts.items()},
            {self.written(key): self.written(fields) for key, fields in stored.properties.items()},
            {(self.written(key), self.phones[place]): role for (key, place), role in stored.links.items()},
            {self.phones[place]: self.written(fields) for place, fields in stored.members.items()},
        )

    def written(self, fact):
        if isinstance(fact, dict):
            return {name: self.written(value) for name, value in fact.items()}
        return written(fact, self.phones) if isinstance(fact, str) else fact

    def found(self, stored):
        """All that the database holds of the file's phones; of each thing the fields that *stored* names."""
        sql, phones = self.app.sql, self.phones
        like = [f"%{phone.removeprefix('+1')}%" for phone in phones]
        contacts = sql("SELECT phone, to_jsonb(c) FROM contacts AS c WHERE phone = ANY(%s)", (phones,))
        properties = sql("SELECT key, to_jsonb(p) FROM properties AS p WHERE key LIKE ANY (%s)", (like,))
        links = sql(
            "SELECT key, phone, role FROM property_contacts JOIN properties AS p ON p.id = property_id"
            " JOIN contacts AS c ON c.id = contact_id WHERE phone = ANY(%s) OR key LIKE ANY (%s)",
            (phones, like),
        )
        members = sql(
            "SELECT phone, to_jsonb(m) || jsonb_build_object('message_sent_at', message_sent_at AT TIME ZONE 'UTC')"
            " FROM campaign_members AS m JOIN contacts AS c ON c.id = contact_id WHERE phone = ANY(%s)",
            (phones,),
        )
        return Stored(
            {phone: named(fields, stored.contacts.get(phone, {})) for phone, fields in contacts},
            {key: named(fields, stored.properties.get(key, {})) for key, fields in properties},
            {(key, phone): role for key, phone, role in links},
            {phone: named(fields, stored.members.get(phone, {})) for phone, fields in members},
        )

    def holds(self, stored):
        expected = self.expected(stored)
        assert self.found(expected) == expected


def named(fields, wanted):
    return {name: fields[name] for name in wanted}


def says_all(report):
    """Whether every row of a finished import is accounted for."""
    rows = sum(report[name] for name in (*COUNTERS, "rows_rejected", "rows_duplicate"))
    return report["rows_total"] == report["rows_done"] == rows


def came_out(sent):
    """As the table says: answer, report, database."""
    file, answer, report = sent.file, sent.answer, sent.report
    if file.refused:
        assert answer.headers["Content-Type"] == "application/problem+json", answer.text
        assert (answer.status_code, report["type"].rpartition(":")[2]) == file.refused
        assert file.says in report["detail"]
        assert sent.app.newest() == sent.newest
        return
    status = 409 if file.duplicate_at else 422 if file.status == "failed" else 200
    assert (answer.status_code, report["status"]) == (status, file.status), answer.text
    assert (report["encoding"], report["delimiter"]) == (file.encoding, file.delimiter)
    assert (tuple(report["unknown_columns"]), report["trailer"]) == (file.unknown, file.trailer)
    assert report["rows_total"] == file.rows == len(sent.records()) - 1
    if file.duplicate_at:
        assert f"row {file.duplicate_at}" in answer.json()["detail"].lower()
    else:
        assert says_all(report)
        assert {name: report[name] for name in COUNTERS} == {name: getattr(file, name) for name in COUNTERS}
        assert (report["rows_duplicate"], report["rows_rejected"]) == (file.duplicate, len(file.errors))
        assert set(report["counts"]) <= set(TARGETS[file.kind])
        assert {**dict.fromkeys(TARGETS[file.kind], ZERO), **report["counts"]} == file.counted
    found = tuple((error["row"], error["column"], error["code"]) for error in report["errors"])
    assert found == file.errors[: len(found)]
    assert len(found) == min(len(file.errors), 20)
    assert all(error["reason"] and error["fix"] for error in report["errors"])
    sent.holds(file.stored)


ZERO = dict.fromkeys(("created", "updated", "unchanged"), 0)


def errors_csv(sent):
    answer = sent.app.get(f"/api/imports/{sent.report['id']}/errors.csv")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return answer.content


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_comes_out_as_the_table_says(offline, file):
    came_out(Sent(offline, file))


@pytest.mark.parametrize("file", [file for file in READ if file.errors], ids=lambda file: file.name)
def test_errors_csv_holds_the_rejected_rows_as_they_were_and_no_formula(offline, file):
    sent = Sent(offline, file)
    text = errors_csv(sent).decode()
    assert text.startswith("\ufeff")
    delimiter, (header, *rejected) = table(text)
    assert delimiter == DELIMITERS[file.delimiter]
    assert not [cell for record in (header, *rejected) for cell in record if cell.startswith(FORMULA)]
    names, *rows = sent.records()
    assert header[:LEAD] == list(ERROR_COLUMNS)
    assert [cell.removeprefix("'") for cell in header[LEAD:]] == names
    assert [(int(record[0]), record[1].removeprefix("'")) for record in rejected] == [
        (row, column) for row, column, _ in file.errors
    ]
    for number, _, _, reason, fix, *cells in rejected:
        assert reason
        assert fix
        shown = [cell.replace("\0", "\u2400") for cell in rows[int(number) - 1]]
        assert [cell.removeprefix("'") for cell in cells] == shown


@pytest.mark.parametrize("file", [file for file in READ if file.errors], ids=lambda file: file.name)
def test_errors_csv_corrected_by_what_it_says_imports_clean(offline, file):
    sent = Sent(offline, file)
    corrected(sent)
    sent.holds(file.fixed)


def corrected(sent):
    phones = cycle(sent.phones[SPARE:])
    report = sent.report
    for _ in range(sent.file.rounds):
        assert report["rows_rejected"]
        answer = sent.app.get(f"/api/imports/{report['id']}/errors.csv")
        data, rows = fixed(answer.content, phones)
        answer = sent.upload(data, **sent.file.form)
        assert answer.status_code in {200, 422}, answer.text
        report = answer.json().get("import", answer.json())
        assert report["rows_total"] == rows
        assert says_all(report)
        assert (report["encoding"], report["delimiter"]) == ("utf-8", sent.file.delimiter)
        assert tuple(report["unknown_columns"]) == sent.file.unknown
    assert (report["status"], report["rows_rejected"]) == ("completed", 0), report["errors"]


@pytest.mark.parametrize(("encoding", "delimiter"), [("windows-1252", ";"), ("utf-16", "\t"), ("utf-8", "|")])
def test_errors_csv_may_come_back_in_another_dialect(offline, encoding, delimiter):
    file = next(file for file in READ if file.name == "Windows-1252")
    sent = Sent(offline, file)
    data, _ = fixed(errors_csv(sent), iter(sent.phones[SPARE:]))
    _, records = table(data.decode())
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(records)
    assert sent.upload(text.getvalue().encode(encoding)).json()["status"] == "completed"
    sent.holds(file.fixed)


HOUSE = "Type,Address,City,ZIP,APN,Beds,Primary Name,Primary Phone1\n"
FIRST, SECOND = "SFR,1 A ST,D,0,{house}-1,1,Ada,{phone}\n", "SFR,2 A ST,D,0,{house}-2,1,Bo,{phone}\n"
AGAIN, WRONG = "SFR,1 A ST,D,0,{house}-1,1,,\n", "SFR,1 A ST,D,0,{house}-1,x,,\n"
CHUNK = "SFR,,,,,,,\n" * 60


@pytest.mark.parametrize("on_duplicate", ["update", "skip", "fail"])
def test_who_is_named_twice_has_one_name_wherever_the_chunks_end(offline, on_duplicate):
    repeated = WRONG if on_duplicate == "fail" else AGAIN
    names = []
    for rows in (FIRST + SECOND, FIRST + CHUNK + SECOND, FIRST + SECOND + CHUNK + repeated):
        [phone] = numbers(1)
        data = (HOUSE + rows).format(house=phone, phone=phone).encode()
        assert offline.upload(data, kind="propertyradar", on_duplicate=on_duplicate).status_code == 200
        names += offline.sql("SELECT first_name FROM contacts WHERE phone = %s", (phone,))
    assert len(set(names)) == 1, names


def test_the_table_has_every_kind_encoding_delimiter_and_reason():
    assert len(FILES) >= 60
    assert not [name for name, times in Counter(file.name for file in FILES).items() if times > 1]
    assert {file.kind for file in READ} == {file.kind for file in REFUSED} == set(TARGETS)
    assert {file.encoding for file in READ} == {"utf-8", "utf-16-le", "utf-16-be", "windows-1252"}
    assert {file.delimiter for file in READ} == set(DELIMITERS)
    assert {code for file in READ for _, _, code in file.errors} == CODES
    assert {file.form.get("on_duplicate", "update") for file in READ} == {"update", "skip", "fail"}
    assert all(file.fixed is not None for file in READ if file.errors)


def test_a_cell_of_ten_megabytes_is_an_error_of_its_row_and_one_past_all_bounds_ends_the_upload(make_trial, stack):
    trial = make_trial({"OPENPHONE_SYNC": "off", "IMPORT_MAX_BYTES": str(2**25)})
    app = App(stack, trial)
    file = File(
        "a cell of ten megabytes",
        b"phone,notes,Hint\n{0},a,\n{1}," + b"x" * 10_000_000 + b",=1\n{2},c,\n",
        rows=3,
        created=2,
        errors=((2, "notes", "cell_too_long"),),
        unknown=("Hint",),
        stored=Stored({0: {"notes": "a"}, 2: {"notes": "c"}}),
        fixed=Stored({0: {}, 1: {"notes": "x" * 10_000, "extra": {"Hint": "=1"}}, 2: {}}),
    )
    sent = Sent(app, file)
    sent.records = lambda: [[], *[[]] * file.rows]
    came_out(sent)
    assert len(errors_csv(sent)) < 300_000
    corrected(sent)
    sent.holds(file.fixed)
    answer = app.upload(b"phone,notes\n+14045550100," + b"x" * 17 * 2**20 + b"\n")
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (400, "not-a-csv")
