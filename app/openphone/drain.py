"""The outbox in the background: all imports' contacts, at the permitted rate over all processes."""

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from app.imports.budget import Budget, HandOffError
from app.openphone import due
from app.openphone.client import Client
from app.openphone.contacts import push
from app.openphone.errors import CallFailedError, OpenPhoneDownError, RejectedError
from app.openphone.pause import Pause
from app.openphone.settle import Outcome, backoff, settle
from app.openphone.slots import taken
from app.stages import StageClock
from config import Settings

log = structlog.get_logger()
RUN_SECONDS = 5.0  # then other tasks get this process
CHECK_SECONDS = 0.2
LOCKED_ELSEWHERE_SECONDS = 0.05
FAILING_IN_A_ROW = 3  # so many contacts in a row that draw server errors, and it is not the contacts


class Drainer:
    """One process's part in it. Not for several threads at once."""

    def __init__(self, engine: Engine, client: Client, pause: Pause, settings: Settings) -> None:
        self._engine = engine
        self._client = client
        self._pause = pause
        self._max_attempts = settings.openphone_max_attempts
        self._slots = settings.worker_processes
        self._batch = batch_size(settings)
        self._failing = 0
        self._well = False

    def run(self) -> bool:
        """Tells OpenPhone of what is due, for a few seconds; True where there is more.

        Never raises for what passes: a database, Redis or OpenPhone that is away. A kill leaves the batch pending.
        """
        try:
            with self._engine.connect() as connection:
                return taken(connection, self._slots) and self._run(connection)
        except HandOffError:
            return False  # beat will see to it
        except OpenPhoneDownError as error:
            log.warning("outbox waits", reason=str(error))
        except (OperationalError, InterfaceError) as error:
            log.warning("the database is away", error=str(error.orig).strip())
        return False

    def _run(self, connection: Connection) -> bool:
        self._failing, self._well = 0, False
        budget, until = Budget(), time.monotonic() + RUN_SECONDS
        locked: list[UUID] = []
        with self._client.within(budget):
            while time.monotonic() < until:
                budget.check()
                if self._pause.reason() is not None:
                    return False
                locked, dues = due.take(connection, self._batch, self._batch * (self._slots + 1), locked)
                if dues:
                    self._push(connection, dues, budget)
                elif not self._more(connection):
                    return False
                elif not locked:
                    budget.sleep(LOCKED_ELSEWHERE_SECONDS)
        return self._more(connection)

    def _more(self, connection: Connection) -> bool:
        with connection.begin():
            return due.anything(connection)

    def _push(self, connection: Connection, dues: Sequence[due.Due], budget: Budget) -> None:
        """Calls for each contact, then settles those that were answered, also when a later call gives up.

        A session that is lost has lost its locks; another may by then have told of a later change, and must not be
        overwritten with what was read here. That is asked not before each call but at least so often: what slips
        through is a call that began within a moment of the loss, about a contact that changed in that same moment.
        It doubles nothing, for the externalId is the contact's.
        """
        outcomes: list[Outcome] = []
        left, checked = {each.id for each in dues}, time.monotonic()
        try:
            for number, each in enumerate(dues):
                budget.check()
                if time.monotonic() - checked > CHECK_SECONDS:
                    left = due.still(connection, dues[number:])
                    checked = time.monotonic()
                if each.id in left:
                    outcome, trouble = self._tell(each)
                    outcomes.append(outcome)
                    if trouble:
                        raise trouble
        except OpenPhoneDownError as error:
            self._pause.begin(str(error))
            raise
        finally:
            settle(connection, outcomes)
        if not self._well and any(outcome.result == "done" for outcome in outcomes):
            self._pause.forget()
            self._well = True

    def _tell(self, told: due.Due) -> tuple[Outcome, Exception | None]:
        """What came of it, and what keeps this process from going on."""
        clock, calls, began = StageClock(), self._client.calls, time.thread_time()
        trouble: Exception | None = None
        try:
            with clock.stage("openphone"):
                openphone_id = push(self._client, clock, told.contact, told.openphone_id)
        except RejectedError as refused:
            outcome, self._failing = Outcome(told, "failed", error=str(refused)), 0
        except CallFailedError as failed:
            outcome = self._failed(told, str(failed))
            if self._failing >= FAILING_IN_A_ROW:
                trouble = OpenPhoneDownError(str(failed))
        except (OpenPhoneDownError, HandOffError) as none_of_its_own:
            outcome, trouble = Outcome(told, None), none_of_its_own
        except Exception as unexpected:
            # Whatever it is about this contact, those behind it are not to wait for it.
            log.exception("contact could not be told", contact_id=str(told.id))
            outcome = self._failed(told, type(unexpected).__name__)
        else:
            outcome, self._failing = Outcome(told, "done", openphone_id=openphone_id), 0
        outcome = replace(
            outcome,
            calls=self._client.calls - calls,
            cpu=time.thread_time() - began,
            openphone=clock.seconds["openphone"],
            limit=clock.seconds["limit"],
        )
        return outcome, trouble

    def _failed(self, told: due.Due, said: str) -> Outcome:
        self._failing += 1
        attempts = told.attempts + 1
        if attempts >= self._max_attempts:
            return Outcome(told, "failed", error=f"given up after {attempts} attempts: {said}")
        return Outcome(told, "pending", error=said, wait=backoff(attempts))


def batch_size(settings: Settings) -> int:
    """Contacts that a drainer locks at a time: what takes it about a second at the permitted rate, if there is one."""
    rate = settings.openphone_rate_per_second
    if not rate:
        return settings.openphone_batch
    return max(1, min(settings.openphone_batch, math.ceil(rate / settings.worker_processes)))
