"""The load as a process of its own: a task as JSON on stdin, what came of it as JSON on stdout."""

import asyncio
import json
import sys
import time
from typing import Any

import psutil

from benchmarks.mocks.loops import ClosedLoop, OpenLoop
from benchmarks.mocks.messages import SCRIPTS, Messages
from benchmarks.mocks.task import Task
from loadtest.openphone.loop import new_event_loop


async def work(task: Task) -> dict[str, Any]:
    """Carries out the task. Raises OSError, TimeoutError."""
    messages = Messages(f"{task.host}:{task.port}", task.key)
    if task.rate:
        spaced = OpenLoop(messages)
        await spaced.run(task)
        tally = spaced.tally
        found: dict[str, Any] = {"latencies": spaced.latencies, "lags": spaced.lags}
    else:
        server = psutil.Process(task.pid)
        fast = ClosedLoop(messages, SCRIPTS[task.script])
        window = await fast.run(task, lambda: (cpu_seconds(server), time.process_time()))
        tally = fast.tally
        found = {
            "answers": window.answers,
            "seconds": window.seconds,
            "server_cpu": window.read[0],
            "generator_cpu": window.read[1],
        }
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
