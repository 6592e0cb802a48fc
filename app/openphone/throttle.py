"""The vendor's rate limit, kept across all processes."""

import math
import time
from typing import Protocol, cast
from uuid import uuid4

from redis import Redis, RedisError

from app.imports.budget import Budget
from app.openphone.errors import OpenPhoneDownError

# The vendor counts in windows of a second that are not in phase with ours: too many in *any* second are too many.
# From a turn to the one *rate* turns later there are SPAN_SECONDS, and what is above a second is for what a request is
# late by on its way from here to there. Turns that came late may be caught up with, but come one by one: SPACING/rate
# seconds apart.
SPAN_SECONDS = 1.012
SPACING = 0.95
FRESH_SECONDS = 0.003
# The last turns as they were taken, by one clock (Redis's) for every process. Nobody owns a turn before it has come:
# whoever asks first takes it, so none is lost with a process that is late, busy or dead. Returns 0 to the one that has
# it, else microseconds until one may come. Who asks again with a turn in its hand has it from now on.
TURN = """
local turns, mine, rate, spacing, span = KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
if not redis.call('ZSCORE', turns, mine) then
    local function after(rank, distance)
        local found = redis.call('ZRANGE', turns, rank, rank, 'WITHSCORES')
        return found[2] and found[2] + distance - now or 0
    end
    local wait = math.max(after(-1, spacing), after(-rate, span))
    if wait > span then
        redis.call('DEL', turns) -- the clock was set back
    elseif wait > 0 then
        return math.ceil(wait)
    end
end
redis.call('ZADD', turns, string.format('%.0f', now), mine)
redis.call('ZREMRANGEBYRANK', turns, 0, -rate - 1)
redis.call('EXPIRE', turns, 10)
return 0
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
    """At most *rate* requests in any second, evenly spaced, over all processes that share *key*."""

    def __init__(self, redis: Redis, key: str, rate: int) -> None:
        self._turn = redis.register_script(TURN)
        self._key = f"{key}:turns"
        self._pace = [rate, round(1_000_000 * SPACING / rate), round(1_000_000 * SPAN_SECONDS)]
        self._usual = math.inf  # seconds that Redis's answer takes

    def wait(self, budget: Budget) -> None:
        """Returns with this process's turn. Raises HandOffError; OpenPhoneDownError: without Redis no pace is kept."""
        mine = uuid4().hex
        while True:
            asked = time.monotonic()
            delay = self._ask(mine)
            took = time.monotonic() - asked
            fresh = took <= self._usual + FRESH_SECONDS
            # Forgets slowly: a Redis that is further away from now on is the usual one soon.
            self._usual = min(took, self._usual * 1.1)
            if delay:
                budget.sleep(delay / 1_000_000)
            elif fresh:
                return
            else:
                # Held up with the turn in its hand. To send now would be to bunch up with the next ones.
                budget.check()

    def _ask(self, mine: str) -> int:
        try:
            return cast(int, self._turn(keys=[self._key], args=[mine, *self._pace]))
        except RedisError as error:
            raise OpenPhoneDownError(f"the rate limit can't be kept: Redis does not answer ({error})") from error
