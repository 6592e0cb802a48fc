"""How much is left in the outbox, and until when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, text

COUNT = """
SELECT now(), pending, waiting, last_retry_at, failed, sent, since FROM
    (SELECT count(*) AS pending, count(*) FILTER (WHERE retry_at > now()) AS waiting, max(retry_at) AS last_retry_at
        FROM openphone_outbox WHERE state = 'pending') AS ahead,
    (SELECT count(*) AS failed FROM openphone_outbox WHERE state = 'failed') AS dead,
    (SELECT count(*) FILTER (WHERE state = 'done') AS sent, min(settled_at) AS since
        FROM openphone_outbox WHERE state <> 'pending' AND settled_at > now() - interval '1 minute') AS behind
"""
TELLING_SECONDS = 10  # what was measured over less says little


@dataclass(frozen=True)
class Backlog:
    """In contacts. Of those *pending*, some are *waiting* for another try, the last of them at *last_retry_at*.

    *sent* is what was told in the last minute, the first of it at *since*.
    """

    now: datetime
    pending: int
    waiting: int
    last_retry_at: datetime | None
    failed: int
    sent: int
    since: datetime | None

    def done_at(self, rate: int) -> datetime | None:
        """When nothing will be left: at the pace of the last minute, or at *rate* calls per second before there is one.

        None when nothing is left, or no pace is known.
        """
        seconds = (self.now - self.since).total_seconds() if self.since else 0.0
        pace = float(rate)
        if self.sent and (not rate or seconds >= TELLING_SECONDS):
            pace = self.sent / max(seconds, 1.0)
        if not self.pending or not pace:
            return None
        return max(self.now + timedelta(seconds=self.pending / pace), self.last_retry_at or self.now)


def measure(engine: Engine) -> Backlog:
    """The outbox as it is now."""
    with engine.connect() as connection:
        return Backlog(*connection.execute(text(COUNT)).one())
