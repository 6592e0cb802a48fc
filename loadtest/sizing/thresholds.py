"""What a number of seconds means for a claim: arithmetic, the same for measured and predicted figures."""

import math
from typing import Literal

from loadtest.sizing import stages

TimeoutVerdict = Literal["holds", "tight", "too_low", "not_run"]
TimeClaim = Literal["within", "faster", "slower"]

# Timeouts are set in steps of so many seconds.
STEP = 5


def recommended_timeout(seconds: float, buffer: float) -> int:
    """Seconds x buffer, rounded up to the next step of 5 s."""
    return max(STEP, math.ceil(round(seconds * buffer / STEP, 9)) * STEP)


def timeout_verdict(seconds: float, timeout: float, buffer: float) -> TimeoutVerdict:
    """What a timeout (seconds) is worth for an import that takes `seconds`."""
    if round(seconds * buffer, 9) <= timeout:
        return "holds"
    return "tight" if seconds <= timeout else "too_low"


def time_claim(seconds: float, claimed: tuple[float, float] | None) -> TimeClaim | None:
    """Whether `seconds` lies in the claimed range, its ends included; None where nothing is claimed."""
    if claimed is None:
        return None
    if seconds < claimed[0]:
        return "faster"
    return "within" if seconds <= claimed[1] else "slower"


def break_even_ms_per_row(stage_seconds: dict[str, float], rows: int, timeout: float, buffer: float) -> float:
    """The API's time per row, in ms, at which `timeout` (seconds) stops holding; below 0 it cannot hold at all."""
    return (timeout / buffer - stages.own_seconds(stage_seconds)) / rows * 1000
