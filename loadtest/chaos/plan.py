"""When a round is disturbed, and by what: a pure function of its seed."""

import random
from dataclasses import dataclass
from typing import Literal

What = Literal["kill", "flush", "restart"]
Phase = Literal["load", "drain"]

# The worker is killed, Redis flushed, PostgreSQL restarted.
WHATS: tuple[What, ...] = ("kill", "kill", "kill", "flush", "restart")
CHUNKS, CHUNK_ROWS = 5, 10_000  # at least so many chunks, of at most so many rows, the app's own number
# Shares of a phase. Not later: a fault needs something left that it could disturb.
FIRST, LAST = 0.02, 0.85


@dataclass(frozen=True)
class Fault:
    """*what* happens when *share* of the rows is loaded, or of the contacts synced, and *wait* of a chunk's time later.

    Without the wait, every fault would hit the first moments of a chunk, and none its transaction.
    """

    what: What
    phase: Phase
    share: float
    wait: float = 0.0


def chunk_rows(rows: int) -> int:
    """Rows of a chunk, of a file of *rows*: between two of its checkpoints there is to be something to disturb."""
    return max(1, min(CHUNK_ROWS, rows // CHUNKS))


def faults(seed: int) -> tuple[Fault, ...]:
    """The faults of a round, in the order in which they come: some of them during the load, some during the drain."""
    draw = random.Random(f"chaos {seed}")  # noqa: S311
    whats = list(WHATS)
    draw.shuffle(whats)
    in_load = draw.choice((2, 3))
    return (*_of("load", whats[:in_load], draw), *_of("drain", whats[in_load:], draw))


def _of(phase: Phase, whats: list[What], draw: random.Random) -> tuple[Fault, ...]:
    shares = sorted(round(draw.uniform(FIRST, LAST), 3) for _ in whats)
    waits = [round(draw.random(), 3) if phase == "load" else 0.0 for _ in whats]
    return tuple(Fault(what, phase, share, wait) for what, share, wait in zip(whats, shares, waits, strict=True))
