"""A program that the stack runs: its start, its log, its end."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from loadtest.errors import StackDied, StartError
from loadtest.stack.base import ServiceStats
from loadtest.stack.runs import Run
from loadtest.stack.tree import Identity, end

ROOT = Path(__file__).resolve().parents[2]
POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Account:
    """Whom a program runs as, when that is not the caller."""

    uid: int
    gid: int


def as_account(account: Account | None) -> dict[str, Any]:
    """The keyword arguments that make subprocess run a program as the account."""
    return {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}


@dataclass
class Service:
    """One program in a session of its own, output going to ``<run>/<name>.log``. Safe to use from threads."""

    name: str
    argv: Sequence[str]
    run: Run
    env: Mapping[str, str]
    cwd: Path = ROOT
    account: Account | None = None
    stop_signal: int = signal.SIGTERM
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _identity: Identity | None = field(default=None, init=False)
    _up: bool = field(default=False, init=False)

    @property
    def log_path(self) -> Path:
        """Where the program's output goes, appended over restarts."""
        return self.run.directory / f"{self.name.replace(':', '-')}.log"

    @property
    def pid(self) -> int:
        """The program's pid. Raises StackDied when it was not started."""
        if self._process is None:
            raise StackDied(f"{self.name} is not running")
        return self._process.pid

    def start(self, ready: Callable[[], bool], deadline_seconds: float = 30.0) -> None:
        """Returns when *ready* answers True. Raises StartError, with the program stopped, when it never does."""
        try:
            with self.log_path.open("ab") as log:
                self._process = self.run.spawn(
                    self.name, self.argv, stop_signal=self.stop_signal, env=self.env, cwd=self.cwd,
                    stdout=log, stderr=subprocess.STDOUT, **as_account(self.account),
                )  # fmt: skip
        except (OSError, subprocess.SubprocessError) as error:
            raise StartError(f"{self.name} could not be started: {error} ({self.argv[0]})") from error
        self._identity = Identity.of(self._process.pid)
        try:
            self._wait(ready, deadline_seconds)
        except BaseException:
            self.stop(grace_seconds=0.5)
            raise
        self._up = True

    def died(self) -> bool:
        """Whether the program was ready once and then ended though nobody stopped it."""
        return self._up and self._ended()

    def stop(self, grace_seconds: float = 5.0) -> None:
        """Sends the stop signal; what is left of the program and its children after the grace time is killed."""
        self._end(self.stop_signal, grace_seconds)

    def kill(self) -> None:
        """Kills the program and its children."""
        self._end(signal.SIGKILL, 1)

    def crash(self) -> None:
        """Kills the program and its children, as a crash would: from then on it has died."""
        if self._identity is not None:
            end(self._identity, signal.SIGKILL, 1)

    def _end(self, number: int, grace_seconds: float) -> None:
        process, identity = self._process, self._identity
        if process is None or identity is None:
            return
        self._up = False
        end(identity, number, grace_seconds)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        self._process = None
        self.run.forget(process.pid)

    def log(self) -> str:
        """All that the program has written, over restarts."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def last_lines(self, count: int = 8) -> str:
        """The end of the log, indented, after a line that names the file."""
        with suppress(OSError):
            lines = self.log_path.read_text(errors="replace").splitlines()[-count:]
            return "\n".join([f"the end of {self.log_path}:", *(f"    {line[:300]}" for line in lines)])
        return f"no log at {self.log_path}"

    def stats(self) -> ServiceStats:
        """CPU time and memory of the program and its children; zeros when it has ended."""
        cpu, rss, count = 0.0, 0, 0
        with suppress(psutil.NoSuchProcess, StackDied):
            leader = psutil.Process(self.pid)
            # A reaped child's time is in its parent's children_* fields.
            for process in (leader, *leader.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    times = process.cpu_times()
                    cpu += times.user + times.system + times.children_user + times.children_system
                    rss += process.memory_info().rss
                    count += 1
        return ServiceStats(cpu, rss, count)

    def _wait(self, ready: Callable[[], bool], deadline_seconds: float) -> None:
        deadline = time.monotonic() + deadline_seconds
        while not ready():
            if self._ended():
                raise StartError(f"{self.name} ended before it was ready; {self.last_lines()}")
            if time.monotonic() > deadline:
                raise StartError(f"{self.name} was not ready after {deadline_seconds:g} s; {self.last_lines()}")
            time.sleep(POLL_SECONDS)

    def _ended(self) -> bool:
        if self._process is None or self._process.returncode is not None:
            return True
        # Not reaped until stop(): as long as the zombie holds the pid, nothing else can get it.
        with suppress(ChildProcessError):
            return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        return True
