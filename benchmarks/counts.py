"""Whether all rows are in: what was measured without that is no sample."""

from collections.abc import Mapping

from benchmarks.files import Files
from loadtest.errors import HarnessError
from loadtest.stack.databases import query_rows

TABLES = {"contacts": "contacts", "properties": "properties", "links": "property_contacts"}
# As if OpenPhone had been told of all that the first file brought; autovacuum has been there.
TELL = "INSERT INTO openphone_links (contact_id, openphone_id) SELECT id, 'told' FROM contacts"


class WrongCountError(HarnessError):
    """Rows are missing or doubled (exit code 1)."""

    exit_code = 1


def expected(files: Files, *, again: bool) -> dict[str, int]:
    """What must be there after the first file or, *again*, after the second one, too."""
    manifest = files.manifest
    there = {name: getattr(manifest, f"{name}_expected") for name in TABLES}
    there["outbox"] = files.difference.contacts.updated if again else manifest.contacts_expected
    there["listed"] = manifest.contacts_expected
    return there


def found(url: str) -> dict[str, int]:
    """What is there. Raises psycopg2.Error."""
    counts = {name: f"(SELECT count(*) FROM {table})" for name, table in TABLES.items()}  # noqa: S608 - our own words
    counts["outbox"] = "(SELECT count(*) FROM openphone_outbox WHERE state = 'pending')"
    counts["listed"] = "(SELECT count(*) FROM list_members)"
    [row] = query_rows(url, f"SELECT {', '.join(counts.values())}")
    return dict(zip(counts, row, strict=True))


def check(what: str, is_there: Mapping[str, int], must_be: Mapping[str, int]) -> None:
    """Raises WrongCountError, naming what differs."""
    wrong = [
        f"{name} {is_there.get(name)} instead of {count}"
        for name, count in must_be.items()
        if is_there.get(name) != count
    ]
    if wrong:
        raise WrongCountError(f"{what}: wrong counts, so this is no measurement: {', '.join(wrong)}")


def settle(url: str) -> None:
    """Makes of a database that has just been filled one that has been for a while. Raises psycopg2.Error."""
    query_rows(url, TELL)
    query_rows(url, "TRUNCATE openphone_outbox")
    query_rows(url, "VACUUM ANALYZE")
    quiet(url)


def quiet(url: str) -> None:
    """Writes out what others have left to be written. Raises psycopg2.Error."""
    query_rows(url, "CHECKPOINT")
