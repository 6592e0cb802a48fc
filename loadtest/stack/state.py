"""What `timeoutlab up` started and left running: ``<home>/up.json``."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from loadtest.errors import StackDied, StartError
from loadtest.stack.base import ProcessInfo
from loadtest.stack.ps import processes_below
from loadtest.stack.runs import Run, Started

FILE = "up.json"


@dataclass(frozen=True)
class Up:
    """The running stack: where its services answer, its keys, and the app settings of web as environment variables."""

    run_directory: str
    started_at: str
    web_url: str
    openphone_url: str
    database_url: str
    redis_url: str
    api_key: str
    openphone_key: str
    settings: dict[str, str]

    @classmethod
    def load(cls, home: Path) -> Self | None:
        """What was left running, or None. Raises StartError when the file cannot be read."""
        path = home / FILE
        try:
            return cls(**json.loads(path.read_text()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            raise StartError(f"{path} cannot be read ({error}): remove it and run this again") from error

    def save(self, home: Path) -> None:
        """Replaces the file at once; it holds passwords, so only its owner may read it."""
        path = home / f"{FILE}.tmp"
        path.touch(0o600)
        path.write_text(json.dumps(asdict(self), indent=1))
        path.replace(home / FILE)

    @property
    def run(self) -> Run:
        """The run directory with its list of processes. Raises StackDied when it is gone."""
        try:
            return Run.load(Path(self.run_directory))
        except (OSError, ValueError) as error:
            raise StackDied(f"{self.run_directory} cannot be read any more: {error}") from error

    def processes(self) -> dict[str, Started]:
        """Service -> its main process, of those that still run."""
        return {each.name: each for each in self.run.started if each.identity.process()}

    def dead(self) -> list[str]:
        """Names of the services that have ended by themselves."""
        running = self.processes()
        return [each.name for each in self.run.started if each.name not in running]

    def ps(self) -> list[ProcessInfo]:
        """Web's gunicorn processes, master first; none when it has ended."""
        web = self.processes().get("web")
        return processes_below(web.pid, "gunicorn") if web else []

    def log_path(self, service: str) -> Path:
        """The service's log."""
        return Path(self.run_directory) / f"{service}.log"


def remove(home: Path) -> None:
    """Forgets what was running; it has been stopped."""
    (home / FILE).unlink(missing_ok=True)


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Lets one `up` or `down` at a time go on; a second one waits. Raises StartError when *home* cannot be used."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = (home / "up.lock").open("w")
    except OSError as error:
        raise StartError(f"{home} cannot be used: {error}") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
