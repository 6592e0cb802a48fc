"""A request id in every log line and answer, and a word about requests that come close to the timeout."""

import re
import time
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request

from config import Settings

log = structlog.get_logger()
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
SLOW_SHARE = 0.5  # the guide's rule: log a request that takes over half of its timeout


def register(app: Flask, settings: Settings) -> None:
    """Gives every request of *app* an id (the client's X-Request-ID, if it is a plain one) and a log line."""

    def begin() -> None:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if REQUEST_ID.fullmatch(given) else uuid4().hex
        g.began = time.monotonic()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    def end(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.request_id
        seconds = time.monotonic() - g.began
        # The path, never the query or a header: those may hold what a log must not.
        facts = {
            "method": request.method,
            "path": request.path,
            "status": response.status_code,
            "seconds": round(seconds, 4),
        }
        if settings.gunicorn_timeout and seconds > SLOW_SHARE * settings.gunicorn_timeout:
            log.warning("slow request", timeout=settings.gunicorn_timeout, **facts)
        else:
            log.info("request", **facts)
        return response

    app.before_request(begin)
    app.after_request(end)
