"""Run directories: the logs of a stack, and the list of what it started (leftovers.py clears up from it)."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from loadtest.errors import StartError
from loadtest.stack import engine
from loadtest.stack.tree import Identity, end, marked

MARK = "TIMEOUTLAB_RUN"


@dataclass(frozen=True)
class Started:
    """A process that the run started: its service's name and what stops it."""

    name: str
    pid: int
    create_time: float
    stop_signal: int

    @property
    def identity(self) -> Identity:
        """The process, told apart from a later one with the same pid."""
        return Identity(self.pid, self.create_time)


class Run:
    """A directory ``<home>/runs/<id>/`` with logs and ``pids.json``. Safe to use from threads."""

    def __init__(
        self,
        directory: Path,
        owner: Identity | None,
        started: list[Started],
        scratch: list[Path],
        project: str | None = None,
    ) -> None:
        self.directory = directory
        self.owner = owner
        self.started = started
        self.scratch = scratch
        self.project = project
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self._lock = threading.RLock()
        self._closed = False

    @classmethod
    def create(cls, home: Path) -> Self:
        """A new run owned by this process. Raises OSError."""
        runs = home / "runs"
        runs.mkdir(parents=True, exist_ok=True)
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        # Written under a name that no other process looks at, so that nobody meets a run without its pids.json.
        hidden = cls(runs / f".{name}", Identity.of(os.getpid()), [], [])
        hidden.directory.mkdir()
        hidden._save()
        return cls(hidden.directory.rename(runs / name), hidden.owner, [], [])

    @classmethod
    def load(cls, directory: Path) -> Self:
        """The run as its directory tells. Raises OSError or ValueError when it cannot be read."""
        data = json.loads((directory / "pids.json").read_text())
        try:
            owner = Identity(**data["owner"]) if data["owner"] else None
            started = [Started(**each) for each in data["started"]]
            return cls(directory, owner, started, [*map(Path, data["scratch"])], data.get("project"))
        except (KeyError, TypeError) as error:
            raise ValueError(f"{directory / 'pids.json'}: not as this version writes it ({error})") from error

    @property
    def mark(self) -> str:
        """The directory; every process of the run has it in its environment, as TIMEOUTLAB_RUN."""
        return str(self.directory)

    def spawn(
        self, name: str, argv: Sequence[str], *, stop_signal: int, env: Mapping[str, str], **popen: Any
    ) -> subprocess.Popen[bytes]:
        """Starts a program in a session of its own and records it. Raises StartError when the run is closed, OSError.

        A session of its own, so that Ctrl-C in the terminal reaches the harness alone and it stops things in order.
        """
        with self._lock:
            if self._closed:
                raise StartError(f"{name} was not started: the stack is being stopped")
            process = subprocess.Popen(
                argv, env={**env, MARK: self.mark}, stdin=subprocess.DEVNULL, start_new_session=True, **popen
            )
            self._children[process.pid] = process
            self.started.append(Started(name, process.pid, Identity.of(process.pid).create_time, stop_signal))
            self._save()
            return process

    def forget(self, pid: int) -> None:
        """Takes a process that was stopped off the list."""
        with self._lock:
            self.started = [each for each in self.started if each.pid != pid]
            self._children.pop(pid, None)
            self._save()

    def make_scratch(self, parent: Path) -> Path:
        """A new directory below *parent* that is removed with the run."""
        with self._lock:
            path = Path(tempfile.mkdtemp(prefix="timeoutlab-", dir=parent))
            self.scratch.append(path)
            self._save()
            return path

    def keep_project(self, name: str) -> None:
        """Records a compose project, whose containers, networks and volumes are removed with the run."""
        with self._lock:
            self.project = name
            self._save()

    def detach(self) -> None:
        """From now on the services live on without this process; only end_all() stops them."""
        self.owner = None
        self._save()

    def close(self) -> None:
        """Nothing more can be started."""
        with self._lock:
            self._closed = True

    def end_processes(self, grace_seconds: float = 5.0) -> list[Started]:
        """Stops whatever still runs, last started first; nothing more can be started. Returns what had still run."""
        self.close()
        ended = [each for each in reversed(self.started) if end(each.identity, each.stop_signal, grace_seconds)]
        # Known by the environment alone: children whose parent ended, or what was just being recorded.
        for orphan, mark in marked(MARK):
            if mark == self.mark:
                end(Identity(orphan.pid, orphan.create_time()), signal.SIGKILL, 1)
        return ended

    def end_all(self) -> list[Started]:
        """end_processes(), then finish(). Returns what had still run."""
        return self.end_processes() + self.finish()

    def finish(self) -> list[Started]:
        """Removes its containers, which it returns, and what else it kept outside its logs.

        Raises StartError when containers can't be removed; they are still recorded then.
        """
        containers = engine.remove_project(self.project) if self.project else []
        with self._lock:
            while self._children:
                with suppress(subprocess.TimeoutExpired):
                    self._children.popitem()[1].wait(10)
            for path in self.scratch:
                shutil.rmtree(path, ignore_errors=True)
            self.owner, self.started, self.scratch, self.project = None, [], [], None
            self._save()
        return [Started(name, pid, 0.0, signal.SIGKILL) for name, pid in containers]

    def _save(self) -> None:
        data = {
            "owner": asdict(self.owner) if self.owner else None,
            "started": [asdict(each) for each in self.started],
            "scratch": [str(path) for path in self.scratch],
            "project": self.project,
        }
        with self._lock:
            path = self.directory / "pids.json"
            with suppress(
                FileNotFoundError
            ):  # somebody removed the directory; sweep() finds its processes all the same
                path.with_suffix(".tmp").write_text(json.dumps(data, indent=1))
                path.with_suffix(".tmp").replace(path)
