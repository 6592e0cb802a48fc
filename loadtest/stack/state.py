"""What `timeoutlab up` started and left running: ``<home>/up.json``."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from loadtest.errors import StackDied, StartError
from loadtest.stack import engine
from loadtest.stack.container import Container
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
    stack: str

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

    def dead(self) -> list[str]:
        """Names of the services that have ended by themselves."""
        run = self.run
        if run.project:
            # A service that has ended is not started again, so its container is still there.
            return [str(each.name) for each in engine.containers(run.project) if each.status != "running"]
        return [each.name for each in run.started if not each.identity.process()]

    def process(self, service: str) -> Started | None:
        """The main process of a service of a local stack; None when it has ended."""
        return next((each for each in self.run.started if each.name == service and each.identity.process()), None)

    def container(self, service: str) -> Container | None:
        """The running container of a service of a compose stack; None when it has ended."""
        found = engine.containers(self.run.project or "", service)
        names = [str(each.name) for each in found if each.status == "running"]
        return Container(names[0], self.log_path(service)) if names else None

    def log_path(self, service: str) -> Path:
        """The service's log; a container's is there once it was removed."""
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
