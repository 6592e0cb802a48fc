"""Logs: JSON lines from the app, ISO times with milliseconds from gunicorn, a request id in both."""

import logging
import sys
from datetime import UTC, datetime

import structlog


class IsoFormatter(logging.Formatter):
    """``2026-01-31T09:00:00.123Z [pid] LEVEL message``: gunicorn's default has whole seconds, too coarse for a kill."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line, and its traceback if it has one."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        text = f"{moment} [{record.process}] {record.levelname} {record.getMessage()}"
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return text


def configure_celery(level: str) -> None:
    """Sends Celery's own lines to stderr as gunicorn's are, and this app's events as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(IsoFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("celery").setLevel(level.upper())
    configure(level)


def configure(level: str) -> None:
    """Sends structlog's events to stderr as JSON lines, from *level* ("debug" ... "error") upwards."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
