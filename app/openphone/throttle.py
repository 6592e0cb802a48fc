"""The vendor's rate limit, kept across all processes."""

from typing import Protocol, cast

from redis import Redis, RedisError

from app.imports.budget import Budget
from app.openphone.errors import OpenPhoneDownError

# A little over 1/rate apart: the vendor's windows are not in phase with ours, and a burst would draw 429s.
MARGIN = 1.02
# One clock (Redis's) for every process. Reserves the next free slot; returns microseconds until it.
RESERVE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local slot = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
redis.call('SET', KEYS[1], string.format('%.0f', slot + tonumber(ARGV[1])), 'PX', 60000)
return math.floor(slot - now)
"""


class Throttle(Protocol):
    """Says when the next request may go out."""

    def wait(self, budget: Budget) -> None:
        """Returns when it may. Raises HandOffError when that is behind the end of *budget*."""


class Unlimited:
    """No limit (OPENPHONE_RATE_PER_SECOND=0)."""

    def wait(self, budget: Budget) -> None:
        """Returns at once."""


class RedisThrottle:
    """Evenly spaced requests, *rate* per second over all processes that share *prefix* and *account*."""

    def __init__(self, redis: Redis, prefix: str, account: str, rate: int) -> None:
        self._reserve = redis.register_script(RESERVE)
        self._key = f"{prefix}openphone:{account}"
        self._interval = round(1_000_000 * MARGIN / rate)

    def wait(self, budget: Budget) -> None:
        """Sleeps until this process's slot. Raises HandOffError; OpenPhoneDownError: without Redis no pace is kept."""
        try:
            delay = cast(int, self._reserve(keys=[self._key], args=[self._interval]))
        except RedisError as error:
            raise OpenPhoneDownError(f"the rate limit can't be kept: Redis does not answer ({error})") from error
        if delay > 0:
            budget.sleep(delay / 1_000_000)
