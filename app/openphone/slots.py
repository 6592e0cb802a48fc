"""How many processes drain the outbox at once, over all hosts: a session advisory lock for each."""

from sqlalchemy import Connection, Engine, text

from app.openphone import due
from app.storage.engine import unlock_on_return

SLOTS = 0x74_6C_6B  # "tlk"
TRY = f"""
SELECT number FROM generate_series(1, :slots) AS number WHERE pg_try_advisory_lock({SLOTS}, number) LIMIT 1
"""  # noqa: S608 - constants
HELD = f"""
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = {SLOTS} AND objsubid = 2
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""  # noqa: S608


def taken(connection: Connection, slots: int) -> bool:
    """Whether one of the *slots* was free; it, and whatever else *connection* locks, is held until that is closed."""
    unlock_on_return(connection)
    with connection.begin():
        return connection.execute(text(TRY), {"slots": slots}).scalar() is not None


def free(engine: Engine, slots: int) -> int:
    """How many of the *slots* are free while something is due; 0 while nothing is."""
    with engine.begin() as connection:
        if not due.anything(connection):
            return 0
        held = connection.execute(text(HELD)).scalar_one()
    return max(0, slots - int(held))
