from functools import partial

import pytest
from importing import numbers
from things import (
    CHUNKS,
    KINDS,
    WRITTEN,
    Things,
    came_of,
    contents,
    everyone,
    killed,
    refused,
    resumed,
    rows_of,
    told,
)

pytestmark = pytest.mark.postgresql


@pytest.fixture(params=KINDS)
def things(request):
    return Things(request.param, numbers(CHUNKS))


@pytest.mark.parametrize("policy", ["update", "skip"])
@pytest.mark.parametrize("at", ["a chunk", "the end"])
def test_what_was_read_before_a_kill_counts_once_and_as_if_there_had_been_none(offline, things, policy, at):
    things.imported(offline, [(10, "old"), (115, "old")])
    said = [*everyone(things, "first"), (1, "later"), (2, "later"), (2, "[clear]"), (10, "later"), (115, "later")]
    expected = things.imported(offline, said, dry_run="true", on_duplicate=policy)
    # The last of the second chunk, or one of those that wait until all rows are read.
    place = 99 if at == "a chunk" else 2
    found = killed(offline, things.phones[place], partial(things.upload, offline, said, on_duplicate=policy))
    assert found["rows_done"] == (50 if at == "a chunk" else len(said))
    done = resumed(offline, found)
    assert told(done) == told(expected)
    sure = dict(everyone(things, "first"))
    if policy == "update":
        sure |= {1: "later", 2: None, 10: "later", 115: "later"}
    else:
        sure |= {10: "old", 115: "old"}
    assert things.known(offline) == sure
    assert offline.sql("SELECT count(*) FROM held_records") == [(0,)]


@pytest.mark.parametrize(
    "options", [{"on_duplicate": "fail"}, {"dry_run": "true"}, {"dry_run": "true", "on_duplicate": "fail"}]
)
def test_of_what_is_all_or_nothing_a_kill_leaves_nothing_and_a_resume_begins_anew(offline, things, options):
    said = [*everyone(things, "first"), (5, "x" * 1001)]
    tables = [table for table in WRITTEN if table != "upload_pieces"]
    before = contents(offline, tables)
    found = killed(offline, things.phones[99], partial(things.upload, offline, said, **options))
    assert (found["rows_done"], came_of(found), found["counts"]) == (0, {}, {})
    assert contents(offline, tables) == before
    done = resumed(offline, found)
    assert came_of(done) == {"created": len(things.phones), "rows_rejected": 1}
    assert things.known(offline) == ({} if "dry_run" in options else dict(everyone(things, "first")))


def test_fail_finds_the_duplicate_after_a_kill_too(offline, things):
    said = [*everyone(things, "first"), (5, "again")]
    before = contents(offline)
    found = killed(offline, things.phones[99], partial(things.upload, offline, said, on_duplicate="fail"))
    report = refused(offline, offline.resume(found["id"]), before)
    assert "Row 121 " in report["error"]


@pytest.mark.parametrize("policy", ["update", "skip", "fail"])
@pytest.mark.parametrize("later", ["new", "[clear]"])
def test_an_older_import_that_is_resumed_leaves_what_a_later_one_brought(offline, things, policy, later):
    said = [(number, "old" if number % 2 else "[clear]") for number in range(CHUNKS)]
    if policy == "update":
        said.append((0, "old"))  # these wait until all rows are read
    older = killed(offline, things.phones[99], partial(things.upload, offline, said, on_duplicate=policy))
    new = {"update": 71, "skip": 70, "fail": 120}
    assert things.imported(offline, everyone(things, later))["created"] == new[policy]
    before = rows_of(offline, things.phones)

    if policy == "fail":
        assert offline.resume(older["id"]).status_code == 409
    else:
        sorts = {
            "update": {"created": 49, "unchanged": 71, "rows_duplicate": 1},
            "skip": {"created": 50, "skipped": 70},
        }
        assert came_of(resumed(offline, older)) == sorts[policy]
    assert rows_of(offline, things.phones) == before
    assert things.known(offline) == dict(everyone(things, None if later == "[clear]" else "new"))


def test_what_was_interrupted_is_not_taken_up_by_an_upload_that_asks_for_something_else(offline):
    things = Things("contacts", numbers(CHUNKS))
    said = everyone(things, "first")
    found = killed(offline, things.phones[99], partial(things.upload, offline, said))
    others = [things.imported(offline, said, **options) for options in ({"dry_run": "true"}, {"on_duplicate": "skip"})]
    assert [came_of(other) for other in others] == [{"created": 70, "unchanged": 50}, {"created": 70, "skipped": 50}]
    assert found["id"] not in [other["id"] for other in others]
    again = things.imported(offline, said)
    assert (again["id"], came_of(again)) == (found["id"], {"created": 50, "unchanged": 70})
