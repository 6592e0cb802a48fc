"""A process forked from this one that has nothing of it but its memory."""

import gc
import os
import signal
from collections.abc import Callable, Collection
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

HANDLED = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGABRT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP)

STANDARD = 2  # the last of the standard descriptors


def fork(work: Callable[[], None], kept: Collection[int], name: str) -> BaseProcess:
    """Begins with *work* there. Of the open descriptors it has the *kept* ones and the standard ones.

    Raises OSError where no process can be had.
    """
    process = get_context("fork").Process(target=_apart, args=(work, kept), name=name, daemon=True)
    process.start()
    return process


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
