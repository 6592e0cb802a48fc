import os
import time

import pytest

from benchmarks.memory import MIB, Reading, Watch, growth


def readings(*mebibytes):
    return [Reading(float(second), each * MIB, each * MIB // 2) for second, each in enumerate(mebibytes)]


def test_growth_is_above_what_there_was_before_anything_was_done():
    found = growth(readings(50, 50, 80, 80, 90, 80))
    assert (found.start, found.peak, found.above) == (50, 90, 40)
    assert growth(readings(50, 90), "pss").above == 20


def test_a_run_that_fills_up_and_stays_there_is_flat():
    assert growth(readings(50, 50, *[60, 70], *[80] * 20), since=2).slope == 0


def test_a_run_that_goes_on_growing_is_not():
    assert growth(readings(50, *range(50, 150))).slope > 60


def test_nothing_read_is_no_result():
    with pytest.raises(ValueError, match="nothing was read"):
        growth([])


def test_a_watch_reads_what_a_process_takes():
    with Watch([os.getpid()]) as watch:
        ballast = bytearray(os.urandom(MIB)) * 32
        time.sleep(0.35)
    found = watch.readings[os.getpid()]
    assert len(found) >= 3
    assert growth(found).peak > 32
    assert found == sorted(found, key=lambda reading: reading.seconds)
    assert len(ballast) == 32 * MIB
