"""Whether a Celery worker answers: Celery's own ping, without its command line, which takes seconds of CPU time."""

import redis
from celery import Celery
from kombu.exceptions import OperationalError

WAIT_SECONDS = 0.5


class Ping:
    """To the workers of one Redis prefix; there is no other in a trial."""

    def __init__(self, redis_url: str, prefix: str) -> None:
        self._app = Celery("timeoutlab-ping", broker=redis_url, set_as_current=False)
        self._app.conf.broker_transport_options = {"global_keyprefix": prefix, "socket_timeout": 5}

    def answers(self) -> bool:
        """Whether one answers right now."""
        try:
            # Of its own: one of Celery's pool may have been closed by a restart of Redis.
            with self._app.connection_for_write() as connection:
                return bool(self._app.control.ping(timeout=WAIT_SECONDS, limit=1, connection=connection))
        except (OperationalError, OSError, redis.RedisError):
            return False
