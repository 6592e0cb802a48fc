"""What a sizing guide is made of."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """A file of `rows` takes `seconds` (from, to; None: nothing said), so set the timeout to `timeout` seconds."""

    rows: int
    timeout: int
    seconds: tuple[float, float] | None = None


@dataclass(frozen=True)
class Defaults:
    """The default settings (seconds, processes) and the largest file they are said to suit."""

    timeout: int
    workers: int
    up_to_rows: int


@dataclass(frozen=True)
class Rules:
    """Timeout = expected time x buffer; a background job over so many rows; log over this part of the timeout."""

    buffer: float
    background_over_rows: int
    log_over_fraction: float


@dataclass(frozen=True)
class Contradiction:
    """Two statements of the guide that cannot both be followed, and the sizes they meet at."""

    rows: tuple[int, ...]
    text: str
