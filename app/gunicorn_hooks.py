"""Gunicorn's hooks, and nothing else: every setting stays a flag on the command line, where ps shows it."""

from typing import Any

from app.web.tracing import REQUEST_ID


def pre_request(worker: Any, req: Any) -> None:
    """Marks in the log, on the arbiter's clock, when a worker took a request up: what a timeout kill is timed from.

    With the request's X-Request-ID, if it is a plain one: of a request that is killed this is the app's only line.
    """
    given = next((value for name, value in req.headers if name == "X-REQUEST-ID"), "")
    if REQUEST_ID.fullmatch(given):
        worker.log.info("request started %s %s id=%s", req.method, req.path, given)
    else:
        worker.log.info("request started %s %s", req.method, req.path)
