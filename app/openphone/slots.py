"""How many processes drain the outbox at once, over all hosts: a session advisory lock for each."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

from app.openphone import due
from app.storage.engine import let_go

SLOTS = 0x74_6C_6B  # "tlk"
TRY = f"""
SELECT number FROM generate_series(1, :slots) AS number WHERE pg_try_advisory_lock({SLOTS}, number) LIMIT 1
"""  # noqa: S608 - constants
HELD = f"""
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = {SLOTS} AND objsubid = 2
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""  # noqa: S608


@contextmanager
def taken(connection: Connection, slots: int) -> Iterator[bool]:
    """Whether one of the *slots* was free; it, and whatever else *connection* locks, is held until the block ends.

    *connection* is the caller's own, and let go of then.
    """
    with connection.begin():
        found = connection.execute(text(TRY), {"slots": slots}).scalar()
    try:
        yield found is not None
    finally:
        let_go(connection)


def free(engine: Engine, slots: int) -> int:
    """How many of the *slots* are free while something is due; 0 while nothing is."""
    with engine.begin() as connection:
        if not due.anything(connection):
            return 0
        held = connection.execute(text(HELD)).scalar_one()
    return max(0, slots - int(held))
