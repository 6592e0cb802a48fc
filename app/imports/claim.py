"""The right to work on one import: a session advisory lock says who is alive, a fencing token who is late."""

from contextlib import suppress
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from app.imports.deaths import process_name
from app.imports.errors import BusyError, FencedError, FinishedError
from app.imports.status import FINISHED, Status, before
from app.storage.engine import unlock_on_return

LOCK_CLASS = 0x74_6C_69  # the first half of the two-key lock; "tli"

LOCK_IS_FREE = f"""NOT EXISTS (
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND classid = {LOCK_CLASS} AND objid = imports.number::oid AND objsubid = 2
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"""  # noqa: S608 - constants
# What the worker owns waits without a lock until the worker takes it up.
IS_INTERRUPTED = f"""(
    (imports.status = 'running' OR imports.status = 'received' AND imports.owner = 'web') AND {LOCK_IS_FREE})"""


class Claim:
    """One import, held by this process until the block ends or the process dies.

    Until then the connection is the claim's alone; it goes back to the pool without a lock.
    """

    def __init__(self, connection: Connection, import_id: UUID, number: int) -> None:
        self.connection = connection
        self.import_id = import_id
        self.number = number
        self.token = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with suppress(SQLAlchemyError):  # of a session that is lost
            self.connection.rollback()
        self.connection.close()

    @property
    def pid(self) -> int:
        """Of PostgreSQL's process at the other end."""
        session: Any = self.connection.connection.dbapi_connection
        return int(session.info.backend_pid)

    def beside(self, connection: Connection) -> "Claim":
        """The same import, written by another *connection*: under the same token, without the lock."""
        claim = Claim(connection, self.import_id, self.number)
        claim.token = self.token
        return claim

    def start(self) -> None:
        """Marks the import as running under a new fencing token. Raises FinishedError."""
        with self.connection.begin():
            token = self.connection.execute(
                text(
                    "UPDATE imports SET status = :running, fencing_token = fencing_token + 1, error = NULL,"
                    " process = :process, retry_at = NULL, started_at = COALESCE(started_at, clock_timestamp())"
                    " WHERE id = :id AND status = ANY(:before) RETURNING fencing_token"
                ),
                {
                    "running": Status.RUNNING,
                    "process": process_name(),
                    "id": self.import_id,
                    "before": before(Status.RUNNING),
                },
            ).scalar()
        if token is None:
            raise FinishedError
        self.token = token

    def write(self, assignments: str, **values: Any) -> None:
        """``UPDATE imports SET assignments`` in the open transaction. Raises FencedError for a late worker."""
        done = self.connection.execute(
            text(
                f"UPDATE imports SET {assignments}"  # noqa: S608 - written in this package, never by a client
                " WHERE id = :id AND fencing_token = :token AND status = 'running'"
            ),
            {**values, "id": self.import_id, "token": self.token},
        )
        if done.rowcount != 1:
            raise FencedError

    def check(self) -> None:
        """Raises FencedError for a late worker, and what the engine raises when this session is lost."""
        with self.connection.begin():
            token = self.connection.execute(
                text("SELECT fencing_token FROM imports WHERE id = :id"), {"id": self.import_id}
            ).scalar()
        if token != self.token:
            raise FencedError

    def move(self, status: Status, error: str | None) -> None:
        """Takes the running import to *status* in the open transaction. Raises FencedError."""
        if Status.RUNNING not in {Status(state) for state in before(status)}:
            raise ValueError(f"running -> {status} is not in the table of transitions")
        finished = "clock_timestamp()" if status in FINISHED else "NULL"
        self.write(f"status = :status, error = :error, finished_at = {finished}", status=status, error=error)


def lock(connection: Connection, number: int) -> bool:
    """Takes the lock of import *number* for this session, if it is free."""
    unlock_on_return(connection)
    taken = connection.execute(
        text("SELECT pg_try_advisory_lock(:class, :number)"), {"class": LOCK_CLASS, "number": number}
    )
    return bool(taken.scalar())


def take(engine: Engine, import_id: UUID) -> Claim:
    """Claims an import that is there already. Raises BusyError, FinishedError; LookupError for an unknown id."""
    connection = engine.connect()
    try:
        with connection.begin():
            number = connection.execute(text("SELECT number FROM imports WHERE id = :id"), {"id": import_id}).scalar()
            if number is None:
                raise LookupError(import_id)
            if not lock(connection, number):
                raise BusyError
            # Read under the lock: nobody else can finish it from here on.
            status = connection.execute(text("SELECT status FROM imports WHERE id = :id"), {"id": import_id}).scalar()
            if status in FINISHED:
                raise FinishedError
    except BaseException:
        connection.close()
        raise
    return Claim(connection, import_id, number)
