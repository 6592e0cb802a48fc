"""Circles of locks: where imports of the same people wait for each other, PostgreSQL ends one of their transactions."""

import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from psycopg2.errorcodes import DEADLOCK_DETECTED
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

Result = TypeVar("Result")
log = structlog.get_logger()
ATTEMPTS = 10  # each time another one goes on, so there is an end to it
# Who waits for a row that was let go of has to wake up first. Without a pause whoever let go of it would have it again.
GIVE_WAY_SECONDS = 0.02


def was_met(error: OperationalError, connection: Connection) -> bool:
    """Whether *error* has ended a transaction of its own, on *connection*, for a deadlock: it may be tried again."""
    return getattr(error.orig, "pgcode", None) == DEADLOCK_DETECTED and not connection.in_transaction()


def give_way() -> None:
    """Lets those go on that waited for the transaction that was ended."""
    time.sleep(GIVE_WAY_SECONDS)


def outlast(step: Callable[[], Result], connection: Connection) -> Result:
    """Does *step*, a transaction on *connection*, and again where it met a deadlock. Raises what else it meets."""
    for _ in range(ATTEMPTS - 1):
        try:
            return step()
        except OperationalError as error:
            if not was_met(error, connection):
                raise
            log.info("rolled back by a deadlock, once more")
            give_way()
    return step()
