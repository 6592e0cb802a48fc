"""The services that all trials of a stack on this machine share."""

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import Any

from loadtest.stack.openphone import OpenPhone
from loadtest.stack.postgres import Postgres
from loadtest.stack.runs import Run
from loadtest.stack.server import Server
from loadtest.stack.valkey import Valkey


class Backends:
    """db, redis and openphone of one run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.db = Postgres(run)
        self.redis = Valkey(run)
        self.openphone = OpenPhone(run)

    @property
    def servers(self) -> dict[str, Server]:
        """Each by its service's name."""
        return {server.name: server for server in (self.db, self.redis, self.openphone)}

    def start(self) -> None:
        """Starts them side by side. When one fails, what the others have started is ended. Raises StartError."""
        side_by_side([server.start for server in self.servers.values()], self.run.end_processes)

    def stop(self) -> None:
        """Stops them side by side."""
        side_by_side([server.stop for server in self.servers.values()])


def side_by_side(calls: Iterable[Callable[[], object]], on_failure: Callable[[], Any] = lambda: None) -> None:
    """Runs each call in a thread, until all have returned.

    When one raises, or Ctrl-C arrives, *on_failure* has to bring the others to an end; then the first error is raised.
    """
    with ThreadPoolExecutor() as pool:
        futures = [pool.submit(call) for call in calls]
        try:
            for future in wait(futures, return_when=FIRST_EXCEPTION).done:
                future.result()
        except BaseException:
            on_failure()
            raise
