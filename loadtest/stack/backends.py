"""What all trials of a stack share: db, redis and openphone."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from loadtest.stack.base import Background, Front, ProcessInfo, Running
from loadtest.stack.databases import Databases
from loadtest.stack.runs import Run


class Backends(ABC):
    """The three services of one run, and what starts a web instance beside them."""

    run: Run
    db: Databases

    @property
    @abstractmethod
    def redis_url(self) -> str:
        """``redis://host:port/0``, as this process reaches it."""

    @property
    @abstractmethod
    def openphone_url(self) -> str:
        """``http://host:port``, as this process reaches it."""

    @property
    @abstractmethod
    def services(self) -> Mapping[str, Running]:
        """``db``, ``redis`` and ``openphone``, once they were started."""

    def addresses(self, database: str) -> dict[str, str]:
        """DATABASE_URL, REDIS_URL and OPENPHONE_BASE_URL, as web reaches the services."""
        return {
            "DATABASE_URL": self.db.url(database),
            "REDIS_URL": self.redis_url,
            "OPENPHONE_BASE_URL": self.openphone_url,
        }

    @abstractmethod
    def front(self, name: str, port: int | None) -> Front:
        """A web instance with its nginx on the port (None: a free one), not started yet. *name* "web": of no trial."""

    @abstractmethod
    def background(self, name: str) -> Mapping[str, Background]:
        """``worker`` and ``beat`` of the web instance of that name, not started yet."""

    @abstractmethod
    def start(self) -> None:
        """Starts them. When one fails, all are ended. Raises StartError."""

    @abstractmethod
    def restart(self, service: str, env: Mapping[str, str]) -> None:
        """Starts one anew at the same address, with *env* over its environment. Raises StartError."""

    @abstractmethod
    def ps(self, service: str) -> list[ProcessInfo]:
        """Its processes, master first."""

    @abstractmethod
    def stop(self) -> None:
        """Ends them; what they kept is removed with the run."""
