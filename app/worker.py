"""What a background worker does with an import, and what comes between."""

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy import Engine, text
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from app import audit
from app.imports.budget import Budget, HandOffError
from app.imports.claim import Claim, take
from app.imports.errors import BusyError, DuplicateError, FencedError, FinishedError, PausedError
from app.imports.run import MakeOutbox, run, saved_seconds
from app.openphone.drain import Drainer
from config import Settings

log = structlog.get_logger()
RETRY_SECONDS, RETRY_MAX_SECONDS = 5, 300  # after a failure; doubled with each one in a row
RETRY_LATER = f"""
UPDATE imports SET failures = failures + 1, woken_at = NULL,
    retry_at = clock_timestamp()
        + make_interval(secs => least({RETRY_MAX_SECONDS}, {RETRY_SECONDS} * 2 ^ least(failures, 10)))
WHERE id = :id AND finished_at IS NULL
"""  # noqa: S608 - constants


@dataclass(frozen=True)
class Worker:
    """One process of a background worker. *make_outbox*: see run(); *drainer*: None unless it drains the outbox."""

    settings: Settings
    engine: Engine
    make_outbox: MakeOutbox | None
    drainer: Drainer | None

    def carry_on(self, import_id: UUID) -> bool:
        """Sees the import through if nobody else does; True where it was given back, for this process is to stop.

        What fails is tried again later, as beat's sweep finds it.
        """
        structlog.contextvars.bind_contextvars(import_id=str(import_id))
        try:
            claim = take(self.engine, import_id)
        except (BusyError, FinishedError, LookupError):
            return False
        except (OperationalError, InterfaceError) as error:
            log.warning("the database is away", error=str(error.orig).strip())
            return False
        with claim:
            return self._carry_out(claim)

    def drain(self) -> bool:
        """Tells OpenPhone of what is in the outbox, for a while; True where there is more."""
        return self.drainer is not None and self.drainer.run()

    def _carry_out(self, claim: Claim) -> bool:
        try:
            with claim.connection.begin():
                audit.record(claim.connection, "import.taken_up", str(claim.import_id), api_key_id=None)
            run(claim, self.settings, self.make_outbox, saved_seconds(claim), Budget())
        except HandOffError:
            log.info("import given back")
            return True
        except (DuplicateError, FencedError, FinishedError):
            pass  # the import says what it is
        except PausedError as error:
            log.warning("import waits", reason=str(error))
            self._later(claim)
        except (OperationalError, InterfaceError) as error:
            log.warning("import interrupted", error=str(error.orig).strip())
            with suppress(
                SQLAlchemyError
            ):  # a database that is away; one that refuses (a full disk) is asked less often
                self._later(claim)
        except Exception:
            log.exception("import failed, and is tried again later")
            self._later(claim)
        return False

    def _later(self, claim: Claim) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(RETRY_LATER), {"id": claim.import_id})
