"""What the background worker does: ``import_csv_task.delay(import_id)``.

An id, never a path: a path means nothing on another host. The import's row in PostgreSQL is the truth and the message
only wakes a worker, so a message that is lost, doubled or late changes nothing.
"""

from functools import cache
from typing import Any
from uuid import UUID

import structlog
from celery import Celery
from celery.signals import setup_logging, worker_shutting_down
from kombu.exceptions import OperationalError

from app import logs, stopping
from app.openphone.connect import drainer, outbox_maker
from app.storage.engine import make_engine
from app.worker import Worker
from config import WORKER_QUEUES, Settings, load_settings

log = structlog.get_logger()
IMPORTS, OUTBOX = WORKER_QUEUES.split(",")
celery = Celery("timeoutlab")


def configuration(settings: Settings, *, socket_timeout: float = 5) -> dict[str, Any]:
    """Celery's settings. *socket_timeout* (seconds) is how long Redis may keep a sender waiting."""
    return {
        "broker_url": settings.redis_url,
        "broker_transport_options": {
            "global_keyprefix": settings.redis_prefix,
            "socket_timeout": socket_timeout,
            "socket_connect_timeout": socket_timeout,
            "socket_keepalive": True,
            "max_retries": 0,  # to connect a sender: kombu would take 6 s for four, which a request may not have
        },
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,  # a Redis that is away for long is waited for
        "task_ignore_result": True,
        # A message is done with when a process takes it: what becomes of the import, its row says. Unacknowledged ones
        # would come back after the visibility timeout, and bring Celery's main process down where Redis is restarted.
        "task_acks_late": False,
        "task_publish_retry": False,  # whatever is not sent now, the next sweep of app/upkeep.py sends
        "task_default_queue": IMPORTS,
        "task_routes": {"drain_outbox": {"queue": OUTBOX}},
        "worker_cancel_long_running_tasks_on_connection_loss": False,  # the lock on the import says whose it is
        "beat_schedule": {"sweep": {"task": "sweep", "schedule": 1.0}},  # no task: beat itself, see app/upkeep.py
        "beat_max_loop_interval": 1,
    }


_chosen: dict[str, Any] = {}
celery.add_defaults(lambda: _chosen or configuration(load_settings()))


def configure(settings: Settings, *, socket_timeout: float) -> None:
    """Makes this process send by *settings* in place of the environment's."""
    _chosen.update(configuration(settings, socket_timeout=socket_timeout))
    celery.conf.update(_chosen)


@cache
def _worker() -> Worker:
    """This process's own: made by its first task, behind Celery's fork."""
    settings = load_settings()
    engine = make_engine(settings, settings.worker_engine_options)
    return Worker(settings, engine, outbox_maker(settings), drainer(settings, engine))


@celery.task(name="import_csv")
def import_csv_task(import_id: str) -> None:
    """Sees the import through, or as far as it gets before this worker has to stop."""
    if _worker().carry_on(UUID(import_id)):
        import_csv_task.delay(import_id)  # given back: another worker's, or this one's after its restart


def wake(import_id: UUID) -> None:
    """Tells the queue of an import that is the worker's. Never raises: without Redis beat's sweep does it later."""
    try:
        import_csv_task.delay(str(import_id))
    except OperationalError as error:
        log.warning("no worker could be woken", import_id=str(import_id), error=str(error))


@celery.task(name="drain_outbox")
def drain_outbox_task() -> None:
    """Tells OpenPhone of what is in the outbox for a few seconds, then makes room for other tasks."""
    if _worker().drain():
        drain_outbox_task.delay()


def wake_outbox() -> None:
    """Tells the queue that there is something in the outbox. Never raises: beat does it within a second or two."""
    try:
        drain_outbox_task.apply_async(expires=2)
    except OperationalError as error:
        log.warning("no worker could be woken", error=str(error))


@setup_logging.connect
def _logging(**_: Any) -> None:
    logs.configure_celery(load_settings().log_level)


@worker_shutting_down.connect
def _stop(**_: Any) -> None:
    stopping.ask()
