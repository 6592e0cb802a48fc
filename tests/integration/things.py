"""What on_duplicate, dry_run and [clear] are tested with: rows of any kind about things, and what is known of these.

Chunks have 50 rows in the app of these tests.
"""

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from importing import Held, csv_of, until

KINDS = ["contacts", "propertyradar", "campaign"]
WRITTEN = [
    *("contacts", "properties", "property_contacts", "campaign_members", "list_members"),
    *("openphone_outbox", "held_records", "upload_pieces", "row_errors"),
]
SORTS = ("rows_rejected", "rows_duplicate", "created", "updated", "unchanged", "skipped")
ONE_CHUNK, CHUNKS = 20, 120
_names = itertools.count()


@dataclass
class Things:
    """What the rows of a kind are about, one of each of *phones*."""

    kind: str
    phones: list[str]
    name: str = field(default_factory=lambda: f"policies {next(_names)}")

    def csv(self, said):
        """A row for each (number of the thing, what to say of it); n/a for no one."""
        return csv_of([self._row(number, value) for number, value in said], self._columns)

    @property
    def _columns(self):
        return {
            "contacts": ("phone", "notes"),
            "propertyradar": ("Type", "Address", "City", "ZIP", "APN", "Owner", "Primary Name", "Primary Phone1"),
            "campaign": ("phone_number", "openphone_message_id"),
        }[self.kind]

    def _row(self, number, value):
        phone = "n/a" if number is None else self.phones[number]
        if self.kind == "propertyradar":
            return ["SFR", "1 Main St", "Macon", "03030", f"apn {phone}", value, "", phone]
        return [phone, value]

    @property
    def options(self):
        return {"kind": self.kind, "campaign" if self.kind == "campaign" else "list": self.name}

    @property
    def about(self):
        return {"contacts": "contacts", "propertyradar": "properties", "campaign": "members"}[self.kind]

    def key(self, number):
        """What an error calls the thing."""
        return f"apn apn {self.phones[number]}" if self.kind == "propertyradar" else self.phones[number]

    def known(self, app):
        """Number of the thing -> what is known of it."""
        query = {
            "contacts": "SELECT phone, notes FROM contacts WHERE phone = ANY(%s)",
            "propertyradar": "SELECT substr(apn, 5), owner FROM properties WHERE substr(apn, 5) = ANY(%s)",
            "campaign": "SELECT phone, openphone_message_id FROM campaign_members"
            " JOIN contacts ON contacts.id = contact_id WHERE phone = ANY(%s)",
        }[self.kind]
        return {self.phones.index(phone): value for phone, value in app.sql(query, (self.phones,))}

    def upload(self, app, said, **options):
        return app.upload(self.csv(said), **{**self.options, **options})

    def imported(self, app, said, **options):
        answer = self.upload(app, said, **options)
        assert answer.status_code == 200, answer.text
        return checked(answer.json())


def checked(report):
    assert report["rows_total"] == report["rows_done"] == sum(report[sort] for sort in SORTS), report
    return report


def came_of(report):
    """The rows of each sort of which there are any."""
    return {sort: report[sort] for sort in SORTS if report[sort]}


def contents(app, tables=WRITTEN):
    """Changes with any row of any table."""
    every = "SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM {} AS t"
    return {table: app.sql(every.format(table)) for table in tables}


def everyone(things, value):
    """A row for each."""
    return [(number, value) for number in range(len(things.phones))]


def rows_of(app, phones):
    """All that is known of the contacts with these phones and of what belongs to them."""
    ids = "SELECT id FROM contacts WHERE phone = ANY(%s)"
    houses = f"SELECT property_id FROM property_contacts WHERE contact_id IN ({ids})"
    return [
        app.sql(f"SELECT * FROM contacts WHERE id IN ({ids}) ORDER BY id", (phones,)),
        app.sql(f"SELECT * FROM property_contacts WHERE contact_id IN ({ids}) ORDER BY 1, 2", (phones,)),
        app.sql(f"SELECT * FROM properties WHERE id IN ({houses}) ORDER BY id", (phones,)),
        app.sql(f"SELECT * FROM campaign_members WHERE contact_id IN ({ids}) ORDER BY 1, 2", (phones,)),
        app.sql(f"SELECT * FROM list_members WHERE contact_id IN ({ids}) ORDER BY 1, 2", (phones,)),
    ]


def refused(app, answer, before):
    """The report of an import that a duplicate has ended."""
    assert answer.status_code == 409
    body = answer.json()
    assert body["type"] == "urn:timeoutlab:problem:duplicate"
    assert contents(app) == before
    report = body["import"]
    assert (report["status"], report["failure"], report["rows_done"], came_of(report), report["counts"]) == (
        "failed", "duplicate", 0, {}, {},
    )  # fmt: skip
    assert body["detail"].startswith(report["error"])
    assert "on_duplicate=update or skip" in body["detail"]
    assert app.imported(report["id"]) == report
    return report


def told(report):
    """What a rehearsal and the real thing both say."""
    own = ("id", "dry_run", "stage_seconds", "created_at", "started_at", "finished_at")
    speeds = ("rows_per_second", "megabytes_per_second")
    return {name: value for name, value in report.items() if name not in (*own, *speeds)}


class Inserting(Held):
    """A contact that another session is about to insert: whoever comes to it waits, and then finds it not there."""

    def __init__(self, app, *phones):
        insert = "INSERT INTO contacts (phone) SELECT unnest(%s) RETURNING phone"
        last = "SELECT pg_sleep(60) FROM (SELECT count(*) FROM made) AS all_of_them"
        super().__init__(app, f"WITH made AS ({insert}) {last}", (list(phones),))


def killed(app, phone, upload):
    """The import of *upload* after its backend was ended as it came to *phone*."""
    with ThreadPoolExecutor() as pool, Inserting(app, phone):
        answer = pool.submit(upload)
        [backend] = until(app.waiting)
        app.sql("SELECT pg_terminate_backend(%s, 5000)", (backend,))
        assert answer.result().status_code == 503
    found = app.newest()
    assert found["status"] == "interrupted"
    return found


def resumed(app, found):
    answer = app.resume(found["id"])
    assert answer.status_code == 200, answer.text
    return checked(answer.json())
