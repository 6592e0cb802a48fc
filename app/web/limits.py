"""How often one client may ask."""

import time

from flask import Blueprint, Flask, Response, request
from flask_limiter import Limiter, RequestLimit
from flask_limiter.util import get_remote_address

from app.problem import Problem
from app.web.auth import hash_of
from app.web.errors import respond
from config import Settings


def client() -> str:
    """The client's key, as its hash; its address where it sent none."""
    key = request.headers.get("Authorization")
    return hash_of(key) if key else get_remote_address()


def _refused(limit: RequestLimit) -> Response:
    return respond(
        Problem(
            429, "too-many-requests", "Too many requests", f"The limit is {limit.limit}. Try again later."
        ).with_headers(Retry_After=str(max(1, round(limit.reset_at - time.time()))))
    )


def register(app: Flask, settings: Settings, *exempt: Blueprint) -> None:
    """Counts requests in Redis, so that all workers share the count. *exempt* is not counted."""
    limiter = Limiter(
        client,
        app=app,
        # One count for all routes; default_limits would count each by itself.
        application_limits=[f"{settings.api_rate_per_minute} per minute"],
        storage_uri=settings.redis_url,
        storage_options={
            "key_prefix": f"{settings.redis_prefix}limits",
            "socket_timeout": 5,
            "socket_connect_timeout": 5,
        },
        strategy="fixed-window",
        # A lost Redis must not take the API down with it.
        in_memory_fallback_enabled=True,
        on_breach=_refused,
    )
    for blueprint in exempt:
        limiter.exempt(blueprint)
