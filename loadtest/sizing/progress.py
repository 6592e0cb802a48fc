"""What is running and how long it will take, live."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from loadtest.sizing.plan import Job, Plan


class Display:
    """Bars on a terminal; a line per start and end elsewhere. Everything goes to stderr, results go to stdout."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._console = Console(stderr=True)
        self._live = self._console.is_terminal
        self._bars = Progress(
            TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TextColumn("{task.fields[left]}"),
            console=self._console, transient=True,
        )  # fmt: skip
        self._running: dict[Job, tuple[TaskID, float]] = {}

    def __enter__(self) -> Self:
        if self._live:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def say(self, text: str) -> None:
        """A line that stays."""
        self._console.print(text, highlight=False, soft_wrap=True)

    def began(self, job: Job) -> None:
        """*job* has started."""
        bar = self._bars.add_task(job.title, total=job.seconds, left="")
        self._running[job] = (bar, time.monotonic())
        if not self._live:
            self.say(f"running  {job.title} (about {job.seconds:.0f} s)")

    def ended(self, job: Job, result: str) -> None:
        """*job* is done."""
        bar, began = self._running.pop(job)
        self._bars.remove_task(bar)
        self.say(f"done     {job.title}: {result} ({time.monotonic() - began:.0f} s)")

    def tick(self) -> None:
        """Moves the bars on."""
        for job, (bar, began) in list(self._running.items()):
            spent = time.monotonic() - began
            left = job.seconds - spent
            said = f"about {left:.0f} s left" if left > 1 else "a little longer than expected"
            self._bars.update(bar, completed=min(spent, job.seconds * 0.99), left=said)
