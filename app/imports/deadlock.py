"""Circles of locks: where imports of the same people wait for each other, PostgreSQL ends one of their transactions."""

from collections.abc import Callable
from typing import TypeVar

import structlog
from psycopg2.errorcodes import DEADLOCK_DETECTED
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

Result = TypeVar("Result")
log = structlog.get_logger()
ATTEMPTS = 10  # each time another one goes on, so there is an end to it


def was_met(error: OperationalError, connection: Connection) -> bool:
    """Whether *error* has ended a transaction of its own, on *connection*, for a deadlock: it may be tried again."""
    return getattr(error.orig, "pgcode", None) == DEADLOCK_DETECTED and not connection.in_transaction()


def outlast(step: Callable[[], Result], connection: Connection) -> Result:
    """Does *step*, a transaction on *connection*, and again where it met a deadlock. Raises what else it meets."""
    for _ in range(ATTEMPTS - 1):
        try:
            return step()
        except OperationalError as error:
            if not was_met(error, connection):
                raise
            log.info("rolled back by a deadlock, once more")
    return step()
