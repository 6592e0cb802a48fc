"""From the settings to what talks to OpenPhone."""

from hashlib import sha256

from redis import Redis
from sqlalchemy import Engine

from app.imports.claim import Claim
from app.imports.run import MakeOutbox
from app.openphone.client import Client
from app.openphone.drain import Drainer
from app.openphone.outbox import Outbox
from app.openphone.throttle import RedisThrottle, Throttle, Unlimited
from app.stages import StageClock
from config import Settings


def client(settings: Settings) -> Client | None:
    """A client at the pace of OPENPHONE_RATE_PER_SECOND; None where nothing is synced. Not for several threads."""
    key = settings.openphone_api_key
    if settings.openphone_sync == "off" or key is None:
        return None
    rate = settings.openphone_rate_per_second
    # An import waits longer for Redis than a request for its rate limit: without the throttle it has to stop.
    redis = Redis.from_url(settings.redis_url, socket_timeout=5, socket_connect_timeout=5)
    account = sha256(key.encode()).hexdigest()[:16]
    throttle: Throttle = RedisThrottle(redis, settings.redis_prefix, account, rate) if rate else Unlimited()
    return Client(
        settings.openphone_base_url,
        key,
        timeout=settings.openphone_timeout_seconds,
        max_attempts=settings.openphone_max_attempts,
        throttle=throttle,
    )


def outbox_maker(settings: Settings) -> MakeOutbox | None:
    """What drains an import's outbox while it runs; None where that is not done (OPENPHONE_SYNC is not inline)."""
    found = client(settings) if settings.openphone_sync == "inline" else None
    if found is None:
        return None

    def make(claim: Claim, clock: StageClock) -> Outbox:
        return Outbox(claim, clock, found, settings.openphone_batch)

    return make


def drainer(settings: Settings, engine: Engine) -> Drainer | None:
    """What drains the outbox behind all imports; None unless OPENPHONE_SYNC=background."""
    found = client(settings) if settings.openphone_sync == "background" else None
    return Drainer(engine, found, settings) if found else None
