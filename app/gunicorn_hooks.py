"""Gunicorn's hooks, and nothing else: every setting stays a flag on the command line, where ps shows it."""

from functools import cache
from typing import Any

from app import stopping
from app.imports import deaths
from app.web import capacity
from app.web.tracing import REQUEST_ID
from config import load_settings


@cache
def _deaths_file() -> str:
    return load_settings().worker_deaths_file


def post_fork(_server: Any, worker: Any) -> None:
    """Lets an import know when gunicorn wants its worker to stop."""
    stopping.watch(lambda: not worker.alive)


def child_exit(_server: Any, worker: Any) -> None:
    """In the arbiter, and the only hook that sees every kill: notes it for beat, and no more than that."""
    deaths.note(_deaths_file(), worker.pid, timeout=bool(worker.aborted))


def on_exit(_server: Any) -> None:
    """In the arbiter, at its end."""
    capacity.forget(load_settings())


def pre_request(worker: Any, req: Any) -> None:
    """Marks in the log, on the arbiter's clock, when a worker took a request up: what a timeout kill is timed from.

    With the request's X-Request-ID, if it is a plain one: of a request that is killed this is the app's only line.
    """
    given = next((value for name, value in req.headers if name == "X-REQUEST-ID"), "")
    if REQUEST_ID.fullmatch(given):
        worker.log.info("request started %s %s id=%s", req.method, req.path, given)
    else:
        worker.log.info("request started %s %s", req.method, req.path)
