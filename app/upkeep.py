"""Beat's chores, once a second, in beat itself: they are short, and must not queue behind imports that take hours."""

from collections.abc import Callable

import structlog
from celery.beat import ScheduleEntry, Scheduler
from kombu.exceptions import OperationalError
from sqlalchemy.exc import SQLAlchemyError

from app.imports.deaths import collect
from app.imports.sweep import AGAIN_SECONDS, Sweep
from app.openphone.connect import drainers_wanted
from app.storage.engine import make_engine
from app.tasks import drain_outbox_task, import_csv_task
from config import Settings, load_settings

log = structlog.get_logger()
DRAIN_SECONDS = 2  # a wake-up that nobody read by then is one too many: another follows every second


class Upkeep(Scheduler):
    """Carries out what is due instead of sending it. Its own schedule is in memory: nothing in it outlasts a second."""

    producer = None  # type: ignore[assignment]  # Celery would wait for the broker here, and what is dead should be found without one

    def apply_entry(self, entry: ScheduleEntry, producer: object = None) -> None:
        """One round. What fails is tried again in the next one, a second later."""
        try:
            _chores()()
        except SQLAlchemyError as error:
            log.warning("sweep failed", error=str(error).splitlines()[0])
        except Exception:
            # Whatever it is, beat is to go on: nobody else would find what is dead.
            log.exception("sweep failed")


_ready: list[Callable[[], None]] = []


def _chores() -> Callable[[], None]:
    if not _ready:
        _ready.append(Chores(load_settings()))
    return _ready[0]


class Chores:
    """Finds dead imports, wakes workers for imports and for the outbox."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine = make_engine(settings)
        self._sweep = Sweep(self._engine, adopt=settings.import_auto_resume == "on")

    def __call__(self) -> None:
        """One round. Raises SQLAlchemyError."""
        waiting = self._sweep(collect(self._settings.worker_deaths_file))
        try:
            for import_id in waiting:
                # Should no worker come to it in time, a later round sends another.
                import_csv_task.apply_async((str(import_id),), expires=AGAIN_SECONDS)
            for _ in range(drainers_wanted(self._engine, self._settings)):
                drain_outbox_task.apply_async(expires=DRAIN_SECONDS)
        except OperationalError as error:
            # At the first: each message to a Redis that hangs takes seconds, and the next round finds what is left.
            log.warning("no worker could be woken", error=str(error))
