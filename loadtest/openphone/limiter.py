"""The vendor's rate limit: so many requests per second and API key, counted in fixed windows of one second."""

from math import floor
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from loadtest.openphone.strict import Strict


class Limit(Strict):
    """The limit and what its 429 looks like; the vendor documents neither body nor Retry-After, so both are settings.

    `per_second` 0 turns the limit off. `retry_after` is in seconds; None sends no such header.
    """

    per_second: Annotated[int, Field(ge=0, le=1_000_000)] = 10
    retry_after: Annotated[int, Field(ge=0, le=3600)] | None = None
    body: Literal["flat", "nested", "empty", "text"] = "flat"


class Decision(NamedTuple):
    """Whether a request may pass, and how many more of this window may."""

    allowed: bool
    remaining: int


class Window:
    """A fixed window. `phase` (0 to 1 s) shifts its borders against the clock, as the vendor's clock is not ours."""

    def __init__(self, per_second: int, phase: float = 0.0) -> None:
        self.per_second = per_second
        self._phase = phase
        self._current: int | None = None
        self._used = 0

    def take(self, now: float) -> Decision:
        """Count a request at `now` (seconds of any steady clock). A refused one takes nothing from the window."""
        if not self.per_second:
            return Decision(True, 0)
        window = floor(now + self._phase)
        if window != self._current:
            self._current, self._used = window, 0
        if self._used >= self.per_second:
            return Decision(False, 0)
        self._used += 1
        return Decision(True, self.per_second - self._used)


def rate_headers(per_second: int, remaining: int) -> dict[str, str]:
    """The two headers as seen live on the vendor's replies; none where the limit is off."""
    if not per_second:
        return {}
    return {
        "ratelimit": f'"per-second"; r={remaining}; t=1',
        "ratelimit-policy": f'"per-second"; q={per_second}; w=1',
    }
