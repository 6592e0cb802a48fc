"""Faults, brought about: each returns how long its service was away (seconds) and the counters to go on from."""

import time
from collections.abc import Callable

import redis

from loadtest.chaos.plan import What
from loadtest.chaos.scene import Scene
from loadtest.chaos.watch import Counters, Watch
from loadtest.stack.base import Trial

# By then, what a killed process had sent to PostgreSQL is done or undone.
SETTLE_SECONDS = 0.5
Injected = tuple[float, Counters]


def inject(what: What, scene: Scene, trial: Trial, watch: Watch) -> Injected:
    """Carries it out, and has the service run again. Raises StartError where it does not."""
    ways: dict[What, Callable[[Scene, Trial, Watch], Injected]] = {
        "kill": _kill_worker,
        "flush": _flush_redis,
        "restart": _restart_postgresql,
    }
    return ways[what](scene, trial, watch)


def _kill_worker(scene: Scene, trial: Trial, watch: Watch) -> Injected:
    began = time.monotonic()
    trial.kill_service("worker")
    time.sleep(SETTLE_SECONDS)
    # Nobody looks at the stack in between: to it a killed worker is one that has died.
    before = watch.read()
    trial.restart_service("worker")
    return time.monotonic() - began, before


def _flush_redis(scene: Scene, trial: Trial, watch: Watch) -> Injected:
    began = time.monotonic()
    before = watch.now()
    with redis.Redis.from_url(scene.stack.url("redis"), socket_timeout=10) as connection:
        connection.flushall()
    return time.monotonic() - began, before


def _restart_postgresql(scene: Scene, trial: Trial, watch: Watch) -> Injected:
    began = time.monotonic()
    scene.stack.restart("db", {})
    # Read behind the restart: a transaction that was in by the end of it is no recovery.
    return time.monotonic() - began, watch.now()
