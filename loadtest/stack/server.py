"""What db, redis and openphone have in common: one program on one loopback port."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from loadtest.errors import StackDied, StartError
from loadtest.stack.ports import free_port
from loadtest.stack.process import Service
from loadtest.stack.runs import Run

ATTEMPTS = 3


class Server(ABC):
    """A server of one run. Its port is free when it is chosen; if another program is quicker, another is taken."""

    name: str

    def __init__(self, run: Run) -> None:
        self.run = run
        self.port = 0
        self._service: Service | None = None

    @property
    def service(self) -> Service:
        """The running program. Raises StackDied when it was not started."""
        if self._service is None:
            raise StackDied(f"{self.name} is not running")
        return self._service

    def start(self) -> None:
        """Returns when the server answers. Raises StartError."""
        for attempt in range(1, ATTEMPTS + 1):
            self.port = free_port()
            self._service = self.build(self.port)
            try:
                self._service.start(self.answers)
            except StartError as error:
                if attempt == ATTEMPTS or "in use" not in str(error):
                    raise
            else:
                return

    def restart(self, env: Mapping[str, str]) -> None:
        """Stops the server and starts it at the same port, with *env* over its environment. Raises StartError."""
        self.service.stop()
        self.service.env = {**self.service.env, **env}
        self.service.start(self.answers)

    def stop(self) -> None:
        """Stops the server, if it runs."""
        if self._service is not None:
            self._service.stop()

    @abstractmethod
    def build(self, port: int) -> Service:
        """The program that will listen on the port. Raises StartError when it is not installed."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it can be used right now."""
