"""Which part is on its way and how many rows are in, live."""

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from loadtest.client.cut import Slice
from loadtest.client.result import Sent
from loadtest.client.server import Report


class Display:
    """A bar of rows on a terminal; a line per part elsewhere. Everything goes to stderr, results go to stdout."""

    def __init__(self, plan: Sequence[Slice]) -> None:
        self._parts = len(plan)
        self._rows = sum(piece.rows for piece in plan)
        # What is shown comes from files and servers: nothing in it is markup.
        self._console = Console(stderr=True, markup=False)
        self._bar = Progress(
            TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TextColumn("rows"),
            TimeElapsedColumn(), TimeRemainingColumn(), console=self._console, transient=True,
        )  # fmt: skip
        self._task = self._bar.add_task("", total=self._rows)
        self._piece = plan[0]
        self._began = 0.0

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._bar.stop()

    def say(self, text: str) -> None:
        """A line that stays, about the part that is on its way."""
        self._line(f"{self._title}: {text}")

    def began(self, piece: Slice) -> None:
        """This part is next."""
        self._piece = piece
        self._began = time.monotonic()
        self._bar.update(self._task, description=self._title, completed=piece.first_row - 1)

    def moved(self, report: Report) -> None:
        """So far the part's import has got."""
        self._bar.update(self._task, completed=self._piece.first_row - 1 + (report.get("rows_done") or 0))

    def ended(self, sent: Sent) -> None:
        """The part is in."""
        self._bar.update(self._task, completed=self._piece.first_row - 1 + self._piece.rows)
        how = f"{time.monotonic() - self._began:.1f} s" if sent.uploaded else "sent earlier"
        rejected = sent.report["rows_rejected"]
        last = self._piece.first_row + self._piece.rows - 1
        self.say(f"rows {self._piece.first_row:,}-{last:,} of {self._rows:,}, {rejected:,} rejected ({how})")

    @property
    def _title(self) -> str:
        return f"part {self._piece.number:,} of {self._parts:,}" if self._parts > 1 else "the file"

    def _line(self, text: str) -> None:
        self._console.print(text, highlight=False, soft_wrap=True)
