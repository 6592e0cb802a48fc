"""How often one client may ask."""

import time

from flask import Blueprint, Flask, Response, g
from flask_limiter import Limiter, RequestLimit
from flask_limiter.util import get_remote_address
from redis import Redis

from app.problem import Problem
from app.web.errors import respond
from config import Settings


def client() -> str:
    """The API key's id; the address of who sent none in force, so that a made-up key is no new client."""
    return str(g.api_key_id or get_remote_address())


def _refused(limit: RequestLimit) -> Response:
    return respond(
        Problem(
            429, "too-many-requests", "Too many requests", f"The limit is {limit.limit}. Try again later."
        ).with_headers(Retry_After=str(max(1, round(limit.reset_at - time.time()))))
    )


def register(app: Flask, settings: Settings, redis: Redis, *exempt: Blueprint) -> None:
    """Counts requests in Redis, so that all workers share the count. *exempt* is not counted."""
    limiter = Limiter(
        client,
        app=app,
        # One count for all routes; default_limits would count each by itself.
        application_limits=[f"{settings.api_rate_per_minute} per minute"],
        storage_uri="redis://",  # the kind; where it is, the pool knows
        storage_options={
            "connection_pool": redis.connection_pool,  # type: ignore[dict-item]  # narrower than its documentation
            "key_prefix": f"{settings.redis_prefix}limits",
        },
        strategy="fixed-window",
        # A lost Redis must not take the API down with it.
        in_memory_fallback_enabled=True,
        on_breach=_refused,
    )
    for blueprint in exempt:
        limiter.exempt(blueprint)
