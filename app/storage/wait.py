"""A start's wait for PostgreSQL to take connections."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg2
from psycopg2.errorcodes import CANNOT_CONNECT_NOW
from psycopg2.extensions import parse_dsn
from sqlalchemy.exc import DBAPIError

RETRY_SECONDS = 0.5
SAY_SECONDS = 10
# What libpq says where nobody answers. A connection that fails has no SQLSTATE in psycopg2, so the words have to do.
NOBODY_THERE = (
    "could not translate host name",
    "Connection refused",
    "Connection reset by peer",
    "Connection timed out",
    "No route to host",
    "Network is unreachable",
    "No such file or directory\n\tIs the server running",  # a socket; not a certificate, which nothing will bring
    "server closed the connection unexpectedly",
    "timeout expired",
)
# ... is starting up, is shutting down, is not yet accepting connections, is in recovery mode
NOT_YET = "FATAL:  the database system is "


class GaveUp(Exception):
    """PostgreSQL took no connection in time. The message is one line, without a password."""


@dataclass(frozen=True)
class Wait:
    """For the PostgreSQL at *url*, *seconds* at most (0: not at all). *say* gets a line now and then."""

    url: str
    seconds: int
    say: Callable[[str], None]

    def until(self, work: Callable[[], None]) -> None:
        """Does *work*, again while PostgreSQL takes no connections.

        Raises GaveUp after the time; at once what has another cause, such as a wrong password.
        """
        began = time.monotonic()
        said = -math.inf
        while True:
            try:
                return work()
            except DBAPIError as error:
                reason = why_to_wait(error)
                if reason is None or not self.seconds:
                    raise
            now = time.monotonic()
            waited = now - began
            if waited >= self.seconds:
                # An attempt itself may take 10 seconds where a firewall swallows everything.
                raise GaveUp(
                    f"waited {waited:.0f} s for PostgreSQL at {self.where}: {reason}. Start it, or correct"
                    " DATABASE_URL; DATABASE_WAIT_SECONDS is how long a start waits"
                )
            if said == -math.inf:
                self.say(f"waiting for PostgreSQL at {self.where}, up to {self.seconds} s: {reason}")
                said = now
            elif now - said >= SAY_SECONDS:
                self.say(f"still waiting for PostgreSQL at {self.where}, {waited:.0f} of {self.seconds} s: {reason}")
                said = now
            time.sleep(min(RETRY_SECONDS, self.seconds - waited))

    @property
    def where(self) -> str:
        """``host:port``, several with commas between them; the directory of a socket."""
        found = parse_dsn("postgresql:" + self.url.partition(":")[2])
        hosts = found.get("host", found.get("hostaddr", "localhost")).split(",")
        ports = found.get("port", "5432").split(",")
        if len(ports) < len(hosts):
            ports = ports[:1] * len(hosts)
        return ",".join(f"{host}:{port or 5432}" for host, port in zip(hosts, ports, strict=False))


def why_to_wait(error: DBAPIError) -> str | None:
    """Why PostgreSQL takes no connection yet, in a few words; None where waiting will not help."""
    if not isinstance(error.orig, psycopg2.OperationalError):
        return None
    if error.orig.pgcode is not None:
        return error.orig.diag.message_primary if error.orig.pgcode == CANNOT_CONNECT_NOW else None
    message = str(error.orig).strip()
    if NOT_YET not in message and ("FATAL:" in message or not any(words in message for words in NOBODY_THERE)):
        return None
    # 'connection to server at "db" (10.0.0.1), port 5432 failed: Connection refused', then what it may mean
    reason = message.splitlines()[-1 if NOT_YET in message else 0].rpartition("failed: ")[2]
    return reason.removeprefix("FATAL:").strip()
