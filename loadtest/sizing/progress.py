"""What is running and how long it will take, live."""

import threading
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from loadtest.sizing.plan import Job, Plan


class Display:
    """Bars on a terminal; a line per start and end elsewhere. Everything goes to stderr, results go to stdout.

    Safe to use from threads.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        # What is shown comes from logs and files: nothing in it is markup.
        self._console = Console(stderr=True, markup=False)
        self._live = self._console.is_terminal
        self._bars = Progress(
            TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"), console=self._console, transient=True,
        )  # fmt: skip
        self._whole: tuple[TaskID, float] | None = None
        self._running: dict[Job, tuple[TaskID, float]] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._whole = (self._bars.add_task("all trials", total=self._plan.seconds, left=""), time.monotonic())
        if self._live:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._bars.stop()

    def say(self, text: str) -> None:
        """A line that stays."""
        self._console.print(text, highlight=False, soft_wrap=True)

    def began(self, job: Job) -> None:
        """*job* has started."""
        with self._lock:
            bar = self._bars.add_task(job.title, total=job.seconds, left="")
            self._running[job] = (bar, time.monotonic())
        if not self._live:
            self.say(f"running  {job.title} (about {job.seconds:.0f} s)")

    def ended(self, job: Job, result: str) -> None:
        """*job* is done."""
        with self._lock:
            bar, began = self._running.pop(job)
            self._bars.remove_task(bar)
        self.say(f"done     {job.title}: {result} ({time.monotonic() - began:.0f} s)")

    def tick(self) -> None:
        """Moves the bars on."""
        with self._lock:
            for job, (bar, began) in self._running.items():
                self._move(bar, began, job.seconds)
            if self._whole:
                self._move(*self._whole, self._plan.seconds)

    def _move(self, bar: TaskID, began: float, seconds: float) -> None:
        spent = time.monotonic() - began
        left = seconds - spent
        said = f"about {left:.0f} s left" if left > 1 else "a little longer than expected"
        self._bars.update(bar, completed=min(spent, seconds * 0.99), left=said)
