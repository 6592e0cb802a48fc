"""A rest for all processes while OpenPhone takes nothing."""

from typing import cast

from redis import Redis, RedisError

from app.openphone.errors import OpenPhoneDownError

FIRST_SECONDS, MAX_SECONDS = 5, 300  # doubled with each pause in a row
FORGET_SECONDS = 3600
# Those that find the same while it lasts do not make it longer.
BEGIN = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local seconds = math.min(tonumber(ARGV[3]), tonumber(ARGV[2]) * 2 ^ (redis.call('INCR', KEYS[2]) - 1))
redis.call('EXPIRE', KEYS[2], ARGV[4])
redis.call('SET', KEYS[1], ARGV[1], 'EX', string.format('%.0f', seconds))
return 1
"""


class Pause:
    """Kept in Redis below *key*, with its reason. Every method raises OpenPhoneDownError where Redis is away."""

    def __init__(self, redis: Redis, key: str) -> None:
        self._redis = redis
        self._begin = redis.register_script(BEGIN)
        self._keys = [f"{key}:pause", f"{key}:pauses"]

    def reason(self) -> str | None:
        """Why nothing is sent just now; None where there is no pause."""
        try:
            found = cast("bytes | None", self._redis.get(self._keys[0]))
        except RedisError as error:
            raise _away(error) from error
        return None if found is None else found.decode(errors="replace")

    def begin(self, reason: str) -> None:
        """Nothing is to be sent for a while."""
        try:
            self._begin(keys=self._keys, args=[reason, FIRST_SECONDS, MAX_SECONDS, FORGET_SECONDS])
        except RedisError as error:
            raise _away(error) from error

    def forget(self) -> None:
        """OpenPhone takes contacts: the next pause is a short one again."""
        self._delete(self._keys[1:])

    def end(self) -> None:
        """Sending goes on at once."""
        self._delete(self._keys)

    def _delete(self, keys: list[str]) -> None:
        try:
            self._redis.delete(*keys)
        except RedisError as error:
            raise _away(error) from error


def _away(error: RedisError) -> OpenPhoneDownError:
    return OpenPhoneDownError(f"Redis does not answer ({error}), and without it no pace can be kept")
