"""A trial's keys in Redis."""

import redis


def delete_keys(url: str, prefix: str) -> int:
    """Removes the keys that begin with the prefix; returns how many. Raises redis.RedisError."""
    with redis.Redis.from_url(url) as client:
        # Prefixes hold letters, digits, "_" and ":", nothing that a pattern would read otherwise.
        keys = list(client.scan_iter(f"{prefix}*", count=1000))
        return int(client.unlink(*keys)) if keys else 0
