"""Gunicorn's hooks, and nothing else: every setting stays a flag on the command line, where ps shows it."""

from typing import Any


def pre_request(worker: Any, req: Any) -> None:
    """Marks in the log, on the arbiter's clock, when a worker took a request up: what a timeout kill is timed from."""
    worker.log.info("request started %s %s", req.method, req.path)
