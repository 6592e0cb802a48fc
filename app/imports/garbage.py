"""Python's garbage collector while many rows are in the air."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Rows are lists of lists, and no cycles: by default they are looked through again and again while they come in, which
# takes a third of the time of reading them.
SELDOM = (20_000, 50, 50)


@contextmanager
def collected_seldom() -> Iterator[None]:
    """Within it, this process looks for garbage less often."""
    before = gc.get_threshold()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)
