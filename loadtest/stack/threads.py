"""Calls side by side."""

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import Any


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
