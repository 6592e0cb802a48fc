"""The ends of gunicorn's workers, in a file on the machine where they ended.

The arbiter writes it, and SQL there would block it: with a database that does not answer, the next stuck worker would
live on. So beat reads it. What gets lost here is told by the lock on the import all the same, only without the reason.
"""

import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from socket import gethostname


@dataclass(frozen=True)
class Death:
    """*process*: host:pid. *kind*: timeout (killed by the arbiter for it) or exit. *at*: epoch seconds."""

    process: str
    kind: str
    at: float


def process_name(pid: int | None = None) -> str:
    """What the process is called in the database and in the file."""
    return f"{gethostname()}:{os.getpid() if pid is None else pid}"


def note(path: str, pid: int, *, timeout: bool) -> None:
    """Appends the end of the worker *pid*. Never raises, never waits: the arbiter has better things to do."""
    line = json.dumps({"process": process_name(pid), "kind": "timeout" if timeout else "exit", "at": time.time()})
    with suppress(OSError):
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            os.write(descriptor, f"{line}\n".encode())
        finally:
            os.close(descriptor)


def collect(path: str) -> list[Death]:
    """What was noted since the last time."""
    taken = Path(f"{path}.taken")
    try:
        Path(path).rename(taken)
        lines = taken.read_text(encoding="utf-8").splitlines()
        taken.unlink()
    except (OSError, UnicodeDecodeError):
        return []
    found = []
    for line in lines:
        with suppress(ValueError, TypeError):
            found.append(Death(**json.loads(line)))
    return found
