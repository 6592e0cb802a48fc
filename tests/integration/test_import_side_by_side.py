from concurrent.futures import ThreadPoolExecutor

import pytest
from importing import numbers, until
from things import KINDS, Inserting, Things, checked, everyone


@pytest.fixture(params=KINDS)
def things(request):
    return Things(request.param, numbers(100))


OPTIONS = {
    "update": {},
    "skip": {"on_duplicate": "skip"},
    "fail": {"on_duplicate": "fail"},
    "dry run": {"dry_run": "true"},
}


def side_by_side(app, phones, *uploads):
    """The answers to two uploads, each of which has come to one of *phones* before either goes on."""
    with ThreadPoolExecutor() as pool:
        with Inserting(app, *phones):
            sent = [pool.submit(upload) for upload in uploads]
            until(lambda: len(app.held_up()) == len(uploads))
        return [each.result() for each in sent]


@pytest.mark.parametrize(
    "pair",
    [("skip", "skip"), ("skip", "update"), ("dry run", "update"), ("dry run", "skip"), ("dry run", "dry run"),
     ("fail", "update"), ("fail", "fail"), ("fail", "dry run")],
    ids=" and ".join,
)  # fmt: skip
def test_imports_of_the_same_things_in_opposite_order_never_lock_each_other_out(offline, things, pair):
    said = everyone(things, "one")
    back = [(number, "two") for number in [*range(50, 100), *range(50)]]
    first, second = side_by_side(
        offline,
        [things.phones[49], things.phones[99]],
        lambda: things.upload(offline, said, **OPTIONS[pair[0]]),
        lambda: things.upload(offline, back, **OPTIONS[pair[1]]),
    )
    for policy, answer in zip(pair, (first, second), strict=True):
        assert answer.status_code in ((200, 409) if policy == "fail" else (200,)), answer.text
    reports = [answer.json() for answer in (first, second) if answer.status_code == 200]
    for report in reports:
        checked(report)
    real = [report for report in reports if not report["dry_run"]]
    assert sum(report["created"] for report in real) == (100 if real else 0)
    assert sorted(things.known(offline)) == (list(range(100)) if real else [])
    assert offline.sql("SELECT count(*) FROM held_records") == [(0,)]


@pytest.mark.parametrize("whole", ["dry run", "fail"])
@pytest.mark.parametrize("chunked", ["update", "skip"])
def test_one_that_keeps_its_locks_to_the_end_and_one_that_does_not_never_lock_each_other_out(
    offline, things, whole, chunked
):
    said = [(number, "one") for number in [*range(50, 100), *range(50)]]
    with ThreadPoolExecutor() as pool:
        with Inserting(offline, things.phones[99]):
            # It has all but the last of its first chunk, and is yet to come to the second.
            first = pool.submit(things.upload, offline, said, **OPTIONS[whole])
            until(lambda: len(offline.waiting()) == 1)
            second = pool.submit(things.upload, offline, [(10, "two"), (60, "two")], **OPTIONS[chunked])
            until(lambda: len(offline.waiting()) == 2)
        answers = [first.result(), second.result()]
    assert answers[0].status_code in ((200, 409) if whole == "fail" else (200,)), answers[0].text
    assert answers[1].status_code == 200, answers[1].text
    assert {10, 60} <= set(things.known(offline))
