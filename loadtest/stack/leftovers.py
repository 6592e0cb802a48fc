"""What a harness that was killed left behind: processes, data and old run directories."""

import shutil
import signal
from contextlib import suppress
from pathlib import Path

import psutil

from loadtest.stack.runs import MARK, Run, Started
from loadtest.stack.tree import end, marked

KEPT = 5


def all_runs(home: Path) -> list[Run]:
    """The runs below *home*, oldest first; what cannot be read is left out."""
    found = []
    for directory in sorted((home / "runs").glob("[!.]*/")):
        with suppress(OSError, ValueError):
            found.append(Run.load(directory))
    return found


def sweep(home: Path) -> list[Started]:
    """Ends what a harness that was killed left running. Returns what had still run.

    A run is a leftover when its owner is gone, by pid and create time, or when its directory is. A detached run
    (`timeoutlab up`) is none.
    """
    ended = []
    for run in all_runs(home):
        if run.owner and run.owner.process() is None:
            ended += run.end_all()
    return ended + [each for each in _without_directory(home / "runs") if end(each.identity, each.stop_signal, 2)]


def _without_directory(runs: Path) -> list[Started]:
    lost = []
    for process, mark in marked(MARK):
        with suppress(psutil.NoSuchProcess):
            if Path(mark).parent == runs and not Path(mark).exists():
                lost.append(Started(process.name(), process.pid, process.create_time(), signal.SIGTERM))
    return lost


def prune(home: Path) -> None:
    """Removes the directories of finished runs but the last 5."""
    finished = [run for run in all_runs(home) if not (run.owner or run.started or run.scratch or run.project)]
    for run in finished[:-KEPT]:
        shutil.rmtree(run.directory, ignore_errors=True)
