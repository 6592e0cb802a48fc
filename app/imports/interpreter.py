"""Python's interpreter while many rows are in the air."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# Rows are lists of lists, and no cycles: by default they are looked through again and again while they come in, which
# takes a third of the time of reading them. So many are never there at once.
COLLECTED = (200_000, 50, 50)
# Whoever has PostgreSQL's answer goes on after this long, while the other thread reads.
SWITCH_SECONDS = 0.0005


@contextmanager
def tuned() -> Iterator[None]:
    """Within it, this process looks for garbage less often, and its threads take turns more often."""
    collected, switch = gc.get_threshold(), sys.getswitchinterval()
    gc.set_threshold(*COLLECTED)
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        gc.set_threshold(*collected)
        sys.setswitchinterval(switch)
