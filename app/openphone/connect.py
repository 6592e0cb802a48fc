"""From the settings to what talks to OpenPhone."""

from functools import cache, partial
from hashlib import sha256

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import Engine

from app.imports.claim import Claim
from app.imports.run import MakeOutbox
from app.openphone.caller import Caller, Single
from app.openphone.client import Client
from app.openphone.crew import Crew
from app.openphone.drain import Drainer
from app.openphone.errors import OpenPhoneDownError
from app.openphone.outbox import Outbox
from app.openphone.pause import Pause
from app.openphone.slots import free
from app.openphone.throttle import RedisThrottle, Throttle, Unlimited
from app.stages import StageClock
from config import Settings

# In the background a contact that fails makes room for others, locks let go, and comes again later.
BACKGROUND_ATTEMPTS = 2
MOST_LOCKED = 1000  # contacts at a time, as OPENPHONE_BATCH by itself allows


def _client(settings: Settings, pace: Throttle) -> Client:
    attempts = settings.openphone_max_attempts
    return Client(
        settings.openphone_base_url,
        settings.openphone_api_key or "",
        timeout=settings.openphone_timeout_seconds,
        max_attempts=min(attempts, BACKGROUND_ATTEMPTS) if settings.openphone_sync == "background" else attempts,
        throttle=pace,
    )


def _throttle(settings: Settings) -> Throttle:
    """The pace that the account has over all processes."""
    rate = settings.openphone_rate_per_second
    # An import waits longer for Redis than a request for its rate limit: without the throttle it has to stop.
    return RedisThrottle(_redis(settings.redis_url), account(settings), rate) if rate else Unlimited()


def account(settings: Settings) -> str:
    """The key in Redis below which the processes agree about an OpenPhone account: its pace, and its pauses."""
    return f"{settings.redis_prefix}openphone:{sha256((settings.openphone_api_key or '').encode()).hexdigest()[:16]}"


def pause(settings: Settings) -> Pause:
    """The rest that all processes take while OpenPhone takes nothing."""
    return Pause(_redis(settings.redis_url), account(settings))


@cache
def _redis(url: str) -> Redis:
    # Whoever can't have it stops and comes again: redis-py's own attempts would only add to the wait.
    return Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5, retry=Retry(NoBackoff(), retries=0))


def outbox_maker(settings: Settings) -> MakeOutbox | None:
    """What drains an import's outbox while it runs; None where that is not done (OPENPHONE_SYNC is not inline)."""
    if settings.openphone_sync != "inline":
        return None
    pace, size = _throttle(settings), settings.openphone_concurrency
    caller: Caller = Crew(partial(_client, settings), size, pace) if size > 1 else Single(_client(settings, pace))
    # As many for each call at a time: so they are locked for as long as by one call after another.
    batch = min(MOST_LOCKED, settings.openphone_batch * size)

    def make(claim: Claim, clock: StageClock) -> Outbox:
        return Outbox(claim, clock, caller, batch)

    return make


def drainer(settings: Settings, engine: Engine) -> Drainer | None:
    """What drains the outbox behind all imports; None unless OPENPHONE_SYNC=background."""
    if settings.openphone_sync != "background":
        return None
    return Drainer(engine, _client(settings, _throttle(settings)), pause(settings), settings)


def drainers_wanted(engine: Engine, settings: Settings) -> int:
    """How many more processes may drain, for there is something to drain. Raises SQLAlchemyError."""
    if settings.openphone_sync != "background":
        return 0
    wanted = free(engine, settings.worker_processes)
    try:
        return 0 if wanted and pause(settings).reason() is not None else wanted
    except OpenPhoneDownError:
        return 0
