"""The rounds of a run, some of them side by side."""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import psycopg2
import requests

from loadtest.chaos import handoff, killed, worker
from loadtest.chaos.record import Round
from loadtest.chaos.scene import Scene
from loadtest.errors import HarnessError, StackDied, UsageError

SCENARIOS = {"worker": worker.run, "handoff": handoff.run, "killed": killed.run}
TICK_SECONDS = 0.5
LEAVE_SECONDS = 3.0


def carry_out(
    scene: Scene, scenario: str, keep: Callable[[Round], None], *, rounds: int, seed: int, side_by_side: int
) -> None:
    """Each round with a seed of its own, *seed* the first one's; *keep* is given each as it ends.

    What a round comes to without a verdict is its trouble. Raises StackDied, UsageError: then there are no more.
    """
    pool = ThreadPoolExecutor(side_by_side, thread_name_prefix="round")
    jobs = [(number, seed + number - 1) for number in range(1, rounds + 1)]
    waiting: set[Future[Round]] = {pool.submit(_one, scene, scenario, *job) for job in jobs}
    try:
        while waiting:
            done, waiting = wait(waiting, TICK_SECONDS, FIRST_COMPLETED)
            for each in sorted((future.result() for future in done), key=lambda found: found.number):
                keep(each)
    finally:
        scene.over.set()
        for future in waiting:
            future.cancel()
        # Most end at once now; one that does not loses what it stands on when the stack is stopped.
        wait(waiting, LEAVE_SECONDS)
        pool.shutdown(wait=False, cancel_futures=True)


def _one(scene: Scene, scenario: str, number: int, seed: int) -> Round:
    try:
        return SCENARIOS[scenario](scene, number, seed)
    except (StackDied, UsageError):
        raise
    except (HarnessError, psycopg2.Error, requests.RequestException) as error:
        scene.check()
        first = (str(error).strip().splitlines() or [""])[0]
        return Round(number, seed, scenario, trouble=f"{type(error).__name__}: {first}")
