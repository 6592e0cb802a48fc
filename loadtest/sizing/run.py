"""A plan carried out on a stack: what comes of it is a recording."""

import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any

from loadtest.sizing import kill, stages
from loadtest.sizing.plan import Job, Lane, Plan
from loadtest.sizing.progress import Display
from loadtest.sizing.record import Kill, Measurement, NotRun, Recording, Run, Sample
from loadtest.sizing.text import seconds
from loadtest.sizing.trials import Trials
from loadtest.stack.base import Stack

TICK_SECONDS = 0.5
LEAVE_SECONDS = 3.0


class Runner:
    """Runs *plan* and adds to *recording* what it sees."""

    def __init__(self, stack: Stack, trials: Trials, recording: Recording, display: Display) -> None:
        self._stack = stack
        self._trials = trials
        self._display = display
        self._lock = threading.Lock()
        self.recording = recording

    def run(self, plan: Plan) -> Recording:
        """Carries out every phase. Raises StackDied when a service ends half way, HarnessError, KeyboardInterrupt."""
        for lanes in plan.phases:
            if lanes:
                self._phase(lanes)
        return self.recording

    def _phase(self, lanes: tuple[Lane, ...]) -> None:
        pool = ThreadPoolExecutor(len(lanes), thread_name_prefix="lane")
        waiting: set[Future[None]] = {pool.submit(self._lane, lane) for lane in lanes}
        try:
            while waiting:
                done, waiting = wait(waiting, TICK_SECONDS, FIRST_COMPLETED)
                for lane in done:
                    lane.result()
                self._display.tick()
                self._stack.check()
        except Exception:
            # A lane that fails because a service died under it says only what it saw; the stack knows better.
            self._stack.check()
            raise
        finally:
            if waiting:
                # Most lanes end at once now; one that does not loses what it stands on when the stack is stopped.
                self._trials.drivers.end()
                wait(waiting, LEAVE_SECONDS)
            pool.shutdown(wait=not waiting, cancel_futures=True)

    def _lane(self, lane: Lane) -> None:
        for job in lane:
            self._display.began(job)
            result = self._measure(job) if job.what == "measure" else self._kill(job)
            self._display.ended(job, result)

    def _measure(self, job: Job) -> str:
        runs: list[Run] = []
        for number in range(1, job.repeat + 1):
            run, upload = self._trials.measure(job, number)
            runs.append(run)
            self._add(samples=upload.sample)
        kind = self.recording.kind
        self._add(measurements=Measurement(job.rows, job.profile.name, job.timeout or 0, tuple(runs), kind))
        return ", ".join(_said(run) for run in runs)

    def _kill(self, job: Job) -> str:
        need = self._need(job)
        if need is None or not kill.possible(need):
            reason = "no run of this profile completed" if need is None else f"it needs only {seconds(need)}"
            self._add(not_run=NotRun("kill", reason, job.rows, job.profile.name))
            return f"not provoked: {reason}"
        found, sample = kill.provoke(self._trials, job, need)
        self._add(kills=found, samples=sample)
        after = found.killed_after_seconds
        return "not killed" if after is None else f"killed after {after:.2f} s of {found.timeout:g}, resumed"

    def _need(self, job: Job) -> float | None:
        """Seconds that the job's file needs at least, from what its profile has measured.

        Without what a busy machine added: a timeout that is too short only while the machine is busy kills nothing
        once it is quiet.
        """
        # A smaller file tells too little: most of its time is not in its rows.
        known = [item for item in self.recording.measurements if item.profile == job.profile.name]
        for measurement in sorted(known, key=lambda item: (item.rows < job.rows, item.rows)):
            done = [run for run in measurement.runs if run.outcome == "completed" and run.seconds]
            times = [(run.seconds or 0.0) - stages.waiting(run) for run in done]
            if times:
                return min(times) / measurement.rows * job.rows
        return None

    def _add(self, **found: Measurement | Kill | NotRun | Sample) -> None:
        with self._lock:
            fields: dict[str, Any] = {name: (*getattr(self.recording, name), item) for name, item in found.items()}
            self.recording = replace(self.recording, **fields)


def _said(run: Run) -> str:
    if run.outcome == "completed" and run.seconds is not None:
        return seconds(run.seconds)
    return f"{run.outcome} ({run.layer}: {run.detail})"
