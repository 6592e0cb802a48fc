"""How often the gate says something, from a number of runs."""

import math
from dataclasses import dataclass

SURE = 1.96  # standard deviations: 95%


@dataclass(frozen=True)
class Rate:
    """*hits* of *runs*, one at least."""

    hits: int
    runs: int

    @property
    def share(self) -> float:
        """What was seen."""
        return self.hits / self.runs

    @property
    def bounds(self) -> tuple[float, float]:
        """Between what the true one is, 95% sure, by Wilson's score: it says something even of 0 of 10."""
        spread = SURE**2 / self.runs
        middle = (self.share + spread / 2) / (1 + spread)
        half = SURE / (1 + spread) * math.sqrt(self.share * (1 - self.share) / self.runs + spread / self.runs / 4)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        low, high = self.bounds
        return f"{self.hits} of {self.runs} ({self.share:.0%}; 95% sure of {low:.0%} to {high:.0%})"
