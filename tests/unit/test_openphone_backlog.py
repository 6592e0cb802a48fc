from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from app.openphone.backlog import Backlog
from app.openphone.drain import batch_size
from app.openphone.settle import RETRY_MAX_SECONDS, RETRY_SECONDS, backoff

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def backlog(pending=0, sent=0, over=0, last_retry_in=None):
    return Backlog(
        now=NOW,
        pending=pending,
        waiting=0,
        last_retry_at=None if last_retry_in is None else NOW + timedelta(seconds=last_retry_in),
        failed=0,
        sent=sent,
        since=NOW - timedelta(seconds=over) if sent else None,
    )


@pytest.mark.parametrize(
    ("left", "rate", "seconds"),
    [
        (backlog(), 10, None),
        (backlog(sent=600, over=60), 10, None),
        (backlog(pending=100), 0, None),
        (backlog(pending=100), 10, 10),  # nothing was sent yet
        (backlog(pending=100, sent=3, over=2), 10, 10),  # too little to tell from
        (backlog(pending=100, sent=100, over=20), 10, 20),
        (backlog(pending=600, sent=300, over=60), 10, 120),
        (backlog(pending=600, sent=30_000, over=60), 0, 1.2),
        (backlog(pending=100, sent=50, over=0.1), 0, 2),
        (backlog(pending=10, sent=300, over=30, last_retry_in=240), 10, 240),
        (backlog(pending=1000, sent=300, over=30, last_retry_in=5), 10, 100),
    ],
)
def test_it_is_done_at_the_pace_of_the_last_minute_or_of_the_limit_before_there_is_one(left, rate, seconds):
    assert left.done_at(rate) == (None if seconds is None else NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("attempts", [1, 2, 3, 6, 20, 1000])
def test_pauses_between_attempts_at_a_contact_double_are_drawn_and_stop_growing(attempts):
    longest = min(RETRY_MAX_SECONDS, RETRY_SECONDS * 2 ** (attempts - 1))
    drawn = {backoff(attempts) for _ in range(50)}
    assert len(drawn) > 1
    assert all(longest / 2 <= seconds <= longest for seconds in drawn)


@pytest.mark.parametrize(
    ("rate", "processes", "batch", "size"),
    [(0, 4, 20, 20), (10, 4, 20, 3), (10, 64, 20, 1), (1, 4, 20, 1), (1000, 4, 20, 20), (1000, 4, 500, 250)],
)
def test_a_drainer_locks_no_more_contacts_than_a_seconds_worth(rate, processes, batch, size):
    settings = SimpleNamespace(openphone_rate_per_second=rate, worker_processes=processes, openphone_batch=batch)
    assert batch_size(settings) == size
