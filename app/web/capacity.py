"""How many imports the requests of one web instance carry out at once: one worker is kept free of them."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from config import Settings


class Slots:
    """A lock on a file for each. The kernel frees those of a worker that is killed."""

    def __init__(self, settings: Settings) -> None:
        self._count = max(1, settings.gunicorn_workers - 1)
        self._directory = Path(settings.gunicorn_worker_tmp_dir)

    @contextmanager
    def one(self) -> Iterator[bool]:
        """Whether there was one free; it is held until the block ends."""
        with ExitStack() as held:
            yield any(self._taken(number, held) for number in range(self._count))

    def _taken(self, number: int, held: ExitStack) -> bool:
        # The parent is the arbiter, the same for all workers of this web instance and for no other's.
        path = self._directory / f"{_prefix(os.getppid())}{number}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        held.callback(os.close, descriptor)
        return True


def forget(settings: Settings) -> None:
    """Removes the files, in the arbiter, when no worker is left."""
    for path in Path(settings.gunicorn_worker_tmp_dir).glob(f"{_prefix(os.getpid())}*"):
        path.unlink(missing_ok=True)


def _prefix(arbiter: int) -> str:
    return f"timeoutlab-{arbiter}-import-"
