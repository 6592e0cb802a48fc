"""The WSGI app, put together from its settings."""

from flask import Flask
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from werkzeug.middleware.proxy_fix import ProxyFix

from app import logs, tasks
from app.openphone.connect import outbox_maker
from app.storage.engine import make_engine
from app.web import auth, body, errors, health, limits, tracing, unread
from app.web.capacity import Slots
from app.web.contacts import blueprint as contact_routes
from app.web.imports import blueprint as import_routes  # the name "imports" is the package app.imports
from app.web.outbox import blueprint as outbox_routes
from app.web.properties import blueprint as property_routes
from config import Settings

MULTIPART_OVERHEAD = 64 * 1024  # boundaries and the other fields


def make(settings: Settings) -> Flask:
    """The WSGI app with *settings*."""
    logs.configure(settings.log_level)
    app = Flask(__name__)
    if settings.proxy_hops:
        unread.register(app)
        # Without it every client has the proxy's address: one rate limit for all of them.
        app.wsgi_app = ProxyFix(app.wsgi_app, settings.proxy_hops, settings.proxy_hops)  # type: ignore[method-assign]
    body.register(app)
    app.config["MAX_CONTENT_LENGTH"] = settings.import_max_bytes + MULTIPART_OVERHEAD
    # For the rate limit and /readyz: a Redis that hangs may cost a request a second, not redis-py's four attempts.
    redis = Redis.from_url(
        settings.redis_url, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), retries=0)
    )
    app.extensions["settings"] = settings
    app.extensions["engine"] = make_engine(settings)
    app.extensions["redis"] = redis
    app.extensions["outbox"] = outbox_maker(settings)
    app.extensions["slots"] = Slots(settings)
    tasks.configure(settings, socket_timeout=1)
    tracing.register(app, settings)
    errors.register(app)
    for blueprint in (health.blueprint, import_routes, contact_routes, property_routes, outbox_routes):
        app.register_blueprint(blueprint)
    auth.register(app)
    if settings.api_rate_per_minute:
        limits.register(app, settings, redis, health.blueprint)
    return app
