"""Processes told apart for certain: a pid alone may be somebody else's by now."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

import psutil

# The kernel counts a start from boot and psutil adds the boot's wall time, which moves when the clock is set.
CLOCK_SLACK_SECONDS = 2.0


@dataclass(frozen=True)
class Identity:
    """A pid and when its process was created (seconds since the epoch)."""

    pid: int
    create_time: float

    @classmethod
    def of(cls, pid: int) -> Self:
        """The process that has the pid now. Raises psutil.NoSuchProcess."""
        return cls(pid, psutil.Process(pid).create_time())

    def held(self) -> bool:
        """Whether the pid is still this process's, be it as a zombie: then its session's number is too."""
        with suppress(psutil.NoSuchProcess):
            return abs(psutil.Process(self.pid).create_time() - self.create_time) <= CLOCK_SLACK_SECONDS
        return False

    def process(self) -> psutil.Process | None:
        """The process, if it still runs; None when it ended or the pid is another's by now."""
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self.pid)
            if self.held() and not gone(process):
                return process
        return None


def gone(process: psutil.Process) -> bool:
    """Whether it has ended; a zombie has, it only waits for its parent."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def end(leader: Identity, stop_signal: int, grace_seconds: float) -> bool:
    """Asks a session's leader to stop, then kills whatever is left of its session and its descendants.

    Returns whether the leader still ran. Nothing is ended by name, and nothing that merely got the leader's pid later.
    """
    if not leader.held():
        return False
    process = leader.process()
    # Descendants with sessions of their own (PostgreSQL's backends) are found only while their parent lives.
    family = _descendants(process) if process else []
    if process:
        _send(process, stop_signal)
        _wait_gone([process], grace_seconds)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        left = [each for each in (*_session(leader), *family) if not gone(each)]
        if not left:
            break
        for each in left:
            _send(each, signal.SIGKILL)
        _wait_gone(left, 1)
    return process is not None


def marked(variable: str) -> Iterator[tuple[psutil.Process, str]]:
    """Every running process that was started with the variable in its environment, and the variable's value."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            value = process.environ().get(variable)
            if value and not gone(process):
                yield process, value


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return process.children(recursive=True)
    return []


def _session(leader: Identity) -> list[psutil.Process]:
    members = []
    for process in psutil.process_iter():
        with suppress(OSError, psutil.Error):
            if os.getsid(process.pid) == leader.pid and not gone(process):
                members.append(process)
    return members


def _send(process: psutil.Process, number: int) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def _wait_gone(processes: list[psutil.Process], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not all(gone(each) for each in processes):
        time.sleep(0.01)
