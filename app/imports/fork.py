"""A process forked from this one that has nothing of it but its memory."""

import gc
import os
import signal
import traceback
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

HANDLED = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGABRT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP)

STANDARD = 2  # the last of the standard descriptors


class Process:
    """A child; whoever has it is to `join` it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None

    def kill(self) -> None:
        """Ends it, whatever it is at, if it has not ended."""
        if self._code is None:
            os.kill(self.pid, signal.SIGKILL)

    def join(self) -> int:
        """Waits for its end; its exit code, of a signal the negative."""
        if self._code is None:
            self._code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._code


def fork(work: Callable[[], None], kept: Collection[int]) -> Process:
    """Begins with *work* there. Of the open descriptors it has the *kept* ones and the standard ones.

    Raises OSError where no process can be had; multiprocessing would leave its pipes open then.
    """
    pid = os.fork()
    if pid:
        return Process(pid)
    code = 1
    try:
        _apart(work, kept)
        code = 0
    except BaseException:
        os.write(STANDARD, traceback.format_exc().encode())
    finally:
        os._exit(code)  # nothing that is to be done at this process's end is to be done there


def _apart(work: Callable[[], None], kept: Collection[int]) -> None:
    """A connection that stayed open here would keep the parent's locks, and its client waiting, after it is killed."""
    gc.disable()  # it would copy what is looked at, and an object that it ends may write to what it has open
    for number in HANDLED:
        signal.signal(number, signal.SIG_DFL)
    for descriptor in [int(each.name) for each in Path("/dev/fd").iterdir()]:
        if descriptor > STANDARD and descriptor not in kept:
            with suppress(OSError):  # that of the listing itself is closed already
                os.close(descriptor)
    work()
