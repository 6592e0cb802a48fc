import pytest
from importing import csv_of, numbers
from things import CHUNKS, KINDS, ONE_CHUNK, WRITTEN, Things, contents, everyone, told

pytestmark = pytest.mark.postgresql


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture(params=[ONE_CHUNK, CHUNKS], ids=["one chunk", "chunks"])
def things(kind, request):
    return Things(kind, numbers(request.param))


@pytest.mark.parametrize("policy", ["update", "skip"])
def test_a_dry_run_says_what_would_come_of_it_and_writes_nothing_but_the_errors(offline, things, policy):
    things.imported(offline, [(0, "old"), (1, "old"), (2, "same")])
    said = [*everyone(things, "same"), (1, "[clear]"), (5, "later"), (4, "x" * 1001)]
    tables = [table for table in WRITTEN if table != "row_errors"]
    before = contents(offline, tables)
    rehearsal = things.imported(offline, said, dry_run="true", on_duplicate=policy)
    assert contents(offline, tables) == before
    assert rehearsal["dry_run"]
    errors = offline.get(f"/api/imports/{rehearsal['id']}/errors.csv").content
    assert rehearsal["rows_per_second"] > 0

    done = things.imported(offline, said, on_duplicate=policy)
    assert not done["dry_run"]
    assert told(done) == told(rehearsal)
    assert done["rows_rejected"] == 1
    assert offline.get(f"/api/imports/{done['id']}/errors.csv").content == errors


def test_a_dry_run_in_which_nothing_can_be_imported_says_so_as_the_real_thing_does(offline):
    answers = [
        offline.upload(csv_of([["n/a", "x"]] * 120), list="nothing", dry_run=dry_run) for dry_run in ("true", "false")
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert told(answers[0].json()["import"]) == told(answers[1].json()["import"])


def test_a_dry_run_tells_openphone_nothing(online):
    online.profile()
    phones = numbers(20)
    done = online.upload(csv_of([[phone, "Ada"] for phone in phones]), dry_run="true").json()
    assert (done["status"], done["created"], done["contacts_to_sync"], done["contacts_synced"]) == (
        "completed", 20, 20, 0,
    )  # fmt: skip
    assert (online.stored(phones), online.mock("counters")["requests"]) == ([], 0)
