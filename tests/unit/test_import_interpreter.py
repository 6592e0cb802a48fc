import gc
import sys
from contextlib import suppress

from app.imports import interpreter


def test_it_is_as_before_afterwards_also_behind_an_error():
    before = gc.get_threshold(), sys.getswitchinterval()
    with suppress(KeyError), interpreter.tuned():
        within = gc.get_threshold(), sys.getswitchinterval()
        raise KeyError
    assert (gc.get_threshold(), sys.getswitchinterval()) == before
    assert within[0][0] > before[0][0]
    assert within[1] < before[1]
