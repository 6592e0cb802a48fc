"""The load as a process of its own: a task as JSON on stdin, what came of it as JSON on stdout."""

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from typing import Any

import psutil

from benchmarks.mocks.loops import ClosedLoop, OpenLoop
from benchmarks.mocks.messages import SCRIPTS, Messages
from loadtest.openphone.loop import new_event_loop


@dataclass(frozen=True)
class Task:
    """What to send where. *rate* in requests/s, 0: as fast as it is answered. *pid*: whose CPU time is read."""

    host: str
    port: int
    key: str
    pid: int
    script: str
    connections: int
    warm_up: float
    seconds: float
    rate: float = 0.0


async def work(task: Task) -> dict[str, Any]:
    """Carries out the task. Raises OSError, TimeoutError."""
    messages = Messages(f"{task.host}:{task.port}", task.key)
    if task.rate:
        spaced = OpenLoop(messages)
        await spaced.run(task.host, task.port, task.connections, task.rate, task.warm_up, task.seconds)
        found: dict[str, Any] = {"latencies": spaced.latencies, "lags": spaced.lags}
        tally = spaced.tally
    else:
        server = psutil.Process(task.pid)
        began = time.process_time()
        fast = ClosedLoop(messages, SCRIPTS[task.script])
        found = {
            **await fast.run(
                task.host, task.port, task.connections, task.warm_up, task.seconds, lambda: cpu_seconds(server)
            ),
            "generator_cpu": time.process_time() - began,
        }
        tally = fast.tally
    return {**found, "by_status": {str(status): n for status, n in tally.by_status.items()}, "lost": tally.lost}


def cpu_seconds(process: psutil.Process) -> float:
    """Of the process and what it has started."""
    return sum(sum(each.cpu_times()[:2]) for each in (process, *process.children(recursive=True)))


def main() -> None:
    """Reads the task, prints the result."""
    task = Task(**json.load(sys.stdin))
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        json.dump(runner.run(work(task)), sys.stdout)


if __name__ == "__main__":
    main()
