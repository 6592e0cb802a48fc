"""What the tests of the import share: an app seen from outside, CSVs, numbers that no other test uses."""

import csv
import io
import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from copy import copy

import psycopg2
import requests

from app.imports.claim import LOCK_CLASS
from fixtures.phones import national
from loadtest.stack.openphone import get_account, put_account

UNLIMITED = {"limit": {"per_second": 0}}
# Whoever imports calls OpenPhone itself, as fast as it can, in small steps.
INLINE = {
    "IMPORT_CHUNK_ROWS": "20",
    "WORKER_PROCESSES": "2",
    "OPENPHONE_SYNC": "inline",
    "OPENPHONE_RATE_PER_SECOND": "0",
    "OPENPHONE_BATCH": "5",
    "API_RATE_PER_MINUTE": "0",
}
_unused = itertools.count(2_000_000)  # behind every area that a fixture in these tests is made of


def numbers(count):
    """As many phone numbers (E.164), none of them given out before, in ascending order."""
    return sorted(f"+1{national(next(_unused))}" for _ in range(count))


def csv_of(rows, columns=("phone", "first_name")):
    text = io.StringIO(newline="")
    csv.writer(text).writerows([columns, *rows])
    return text.getvalue().encode()


def people(phones, name="Ada"):
    return csv_of([phone, name] for phone in phones)


def until(found, seconds=10):
    """What *found* answers as soon as that is true."""
    deadline = time.monotonic() + seconds
    while True:
        answer = found()
        if answer:
            return answer
        assert time.monotonic() < deadline, "waited for in vain"
        time.sleep(0.02)


def together(*calls):
    """The results of the calls, made at the same time."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


class App:
    """A trial as its client sees it, and both sides' contacts."""

    def __init__(self, stack, trial):
        self.stack = stack
        self.trial = trial
        self.url = trial.url
        self.auth = {"Authorization": f"Bearer {trial.api_key}"}

    @property
    def direct(self):
        """The same app without the nginx in front of it."""
        found = copy(self)
        found.url = f"http://{self.trial.env['WEB_BIND']}"
        return found

    def upload(self, data, filename="list.csv", headers=None, timeout=60, **form):
        return requests.post(
            f"{self.url}/api/imports",
            headers={**self.auth, **(headers or {})},
            files={"file": (filename, data)},
            data={"kind": "contacts", **form},
            timeout=timeout,
        )

    def get(self, path, headers=None, **query):
        return requests.get(f"{self.url}{path}", headers={**self.auth, **(headers or {})}, params=query, timeout=30)

    def post(self, path, timeout=60, **query):
        return requests.post(f"{self.url}{path}", headers=self.auth, params=query, timeout=timeout)

    def resume(self, import_id, timeout=60):
        return self.post(f"/api/imports/{import_id}/resume", timeout)

    def imported(self, import_id):
        return self.get(f"/api/imports/{import_id}").json()

    def newest(self):
        """The newest import, or None."""
        found = self.get("/api/imports", limit=1)
        assert found.status_code == 200, found.text
        return next(iter(found.json()["imports"]), None)

    def sql(self, query, params=()):
        return self.trial.sql(query, params)

    def profile(self, **profile):
        """Resets the account at the mocked OpenPhone, store and counters included."""
        put_account(self.stack.url("openphone"), self.trial.openphone_key, UNLIMITED | profile)

    def mock(self, what):
        return get_account(self.stack.url("openphone"), self.trial.openphone_key, what)

    def stored(self, phones=None):
        """The database's phones, of all contacts or of those with one of *phones*."""
        if phones is None:
            return sorted(phone for (phone,) in self.sql("SELECT phone FROM contacts"))
        return sorted(phone for (phone,) in self.sql("SELECT phone FROM contacts WHERE phone = ANY(%s)", (phones,)))

    def synced(self, phones=None):
        """The phones in OpenPhone's store, one per contact there, of all contacts or of those with one of *phones*."""
        contacts = self.mock("contacts")["contacts"]
        found = sorted(phone for contact in contacts for phone in contact["phones"])
        return found if phones is None else [phone for phone in found if phone in set(phones)]

    def first_names(self, phones):
        """Phone -> first name, in the database and in OpenPhone."""
        rows = self.sql("SELECT phone, first_name, id::text FROM contacts WHERE phone = ANY(%s)", (phones,))
        theirs = {}
        for start in range(0, len(rows), 50):
            listed = requests.get(
                f"{self.stack.url('openphone')}/v1/contacts",
                headers={"Authorization": self.trial.openphone_key},
                params={"externalIds": [row[2] for row in rows[start : start + 50]], "maxResults": 50},
                timeout=30,
            ).json()["data"]
            for fields in (contact["defaultFields"] for contact in listed):
                theirs[fields["phoneNumbers"][0]["value"]] = fields["firstName"]
        return {phone: name for phone, name, _ in rows}, theirs

    def waiting(self):
        """The backends that wait for a lock of another session."""
        waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return [pid for (pid,) in self.sql(waiting)]

    def held_up(self):
        """The imports that wait for a lock with the connection that has their own, which merges their first chunk."""
        own = f"SELECT pid, objid FROM pg_locks WHERE locktype = 'advisory' AND classid = {LOCK_CLASS}"
        return [number for pid, number in self.sql(own) if pid in self.waiting()]


class Held:
    """A lock that another session holds, by one long statement, until the block ends."""

    def __init__(self, app, statement, params=()):
        self._app = app
        self._thread = threading.Thread(target=self._hold, args=(statement, params))

    @classmethod
    def contact(cls, app, phone):
        """The row of a contact, which is made if it is not there."""
        app.sql("INSERT INTO contacts (phone) VALUES (%s) ON CONFLICT DO NOTHING", (phone,))
        held = "WITH held AS (SELECT id FROM contacts WHERE phone = %s FOR UPDATE) SELECT pg_sleep(60) FROM held"
        return cls(app, held, (phone,))

    @classmethod
    def table(cls, app, name):
        """A whole table."""
        return cls(app, f"DO $$ BEGIN LOCK TABLE {name}; PERFORM pg_sleep(60); END $$")

    def __enter__(self):
        self._thread.start()
        until(self._sleeping)
        return self

    def __exit__(self, *_):
        for pid in self._sleeping():
            self._app.sql("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        self._thread.join()

    def _sleeping(self):
        sleeping = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
        return [pid for (pid,) in self._app.sql(sleeping)]

    def _hold(self, statement, params):
        with suppress(psycopg2.Error):
            self._app.sql(statement, params)
