"""The vendor's rate limit, kept across all processes."""

import math
import time
from typing import Protocol, cast

from redis import Redis, RedisError

from app.imports.budget import Budget
from app.openphone.errors import OpenPhoneDownError

# The vendor counts in windows of a second that are not in phase with ours, so so many requests in *any* second is too
# many. A turn comes every MARGIN/rate seconds; from a request to the one *rate* turns later there are MARGIN seconds,
# less what the first was late by. That may be LATE_SECONDS by Redis's clock (later than that, the turns behind it are
# put off), and FRESH_SECONDS on its way from there to OpenPhone. Together they stay below MARGIN - 1.
MARGIN = 1.01
LATE_SECONDS = 0.003
FRESH_SECONDS = 0.005
# One clock (Redis's) for every process. Nobody owns a turn before it has come: whoever asks first takes it, so none is
# lost with a process that is late, busy or dead. Returns 0 to the one that has it, else microseconds until it comes.
TURN = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval = tonumber(ARGV[1])
local turn = tonumber(redis.call('GET', KEYS[1]) or '0')
local wait = turn - now
if wait > 0 and wait <= interval then
    return math.ceil(wait)
end
if wait > interval then -- the clock was set back
    turn, wait = now + interval, interval
else
    turn, wait = math.max(turn, now - tonumber(ARGV[2])) + interval, 0
end
redis.call('SET', KEYS[1], string.format('%.0f', turn), 'PX', 60000)
return math.ceil(wait)
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
    """Evenly spaced requests, *rate* per second over all processes that share *key*."""

    def __init__(self, redis: Redis, key: str, rate: int) -> None:
        self._turn = redis.register_script(TURN)
        self._key = key
        self._interval = round(1_000_000 * MARGIN / rate)
        self._usual = math.inf  # seconds that Redis's answer takes

    def wait(self, budget: Budget) -> None:
        """Returns with this process's turn. Raises HandOffError; OpenPhoneDownError: without Redis no pace is kept."""
        while True:
            asked = time.monotonic()
            delay = self._ask()
            took = time.monotonic() - asked
            fresh = took <= self._usual + FRESH_SECONDS
            # Forgets slowly: a Redis that is further away from now on is the usual one soon.
            self._usual = min(took, self._usual * 1.1)
            if delay:
                budget.sleep(delay / 1_000_000)
            elif fresh:
                return
            else:
                # This process was held up with the turn in its hand, and would bunch up with the next ones.
                budget.check()

    def _ask(self) -> int:
        try:
            return cast(int, self._turn(keys=[self._key], args=[self._interval, round(1_000_000 * LATE_SECONDS)]))
        except RedisError as error:
            raise OpenPhoneDownError(f"the rate limit can't be kept: Redis does not answer ({error})") from error
