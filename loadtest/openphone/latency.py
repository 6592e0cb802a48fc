"""How long a reply takes: a distribution per route, drawn from the account's seed."""

import math
import random
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from loadtest.openphone.routes import Route
from loadtest.openphone.strict import Milliseconds, Strict

LONGEST_SECONDS = 600.0


class NoLatency(Strict):
    """Replies leave at once."""

    kind: Literal["none"] = "none"

    def draw(self, rng: random.Random) -> float:
        """Seconds; draws nothing from `rng`."""
        return 0.0


class FixedLatency(Strict):
    """Every reply takes `ms` milliseconds."""

    kind: Literal["fixed"]
    ms: Milliseconds

    def draw(self, rng: random.Random) -> float:
        """Seconds; draws nothing from `rng`."""
        return self.ms / 1000


class UniformLatency(Strict):
    """Replies take between `low_ms` and `high_ms` milliseconds, all equally likely."""

    kind: Literal["uniform"]
    low_ms: Milliseconds
    high_ms: Milliseconds

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low_ms > self.high_ms:
            raise ValueError("low_ms is above high_ms")
        return self

    def draw(self, rng: random.Random) -> float:
        """Seconds."""
        return rng.uniform(self.low_ms, self.high_ms) / 1000


class LognormalLatency(Strict):
    """Half of the replies take longer than `median_ms`; `sigma` makes the tail (0 = none, 1 = p99 at 10 medians)."""

    kind: Literal["lognormal"]
    median_ms: Annotated[float, Field(gt=0, le=600_000)]
    sigma: Annotated[float, Field(ge=0, le=5)]

    def draw(self, rng: random.Random) -> float:
        """Seconds, cut at `LONGEST_SECONDS`."""
        seconds = rng.lognormvariate(math.log(self.median_ms / 1000), self.sigma)
        return min(seconds, LONGEST_SECONDS)


Latency = Annotated[
    NoLatency | FixedLatency | UniformLatency | LognormalLatency,
    Field(discriminator="kind"),
]


class Delays:
    """The delays of one account. The n-th request of a route always gets the same one, whatever other routes do."""

    def __init__(self, default: Latency, routes: Mapping[Route, Latency], seed: int) -> None:
        self._default = default
        self._routes = routes
        self._seed = seed
        self._rngs: dict[Route, random.Random] = {}

    def draw(self, route: Route) -> float:
        """The next delay of `route` in seconds."""
        rng = self._rngs.get(route)
        if rng is None:
            rng = self._rngs[route] = random.Random(f"{self._seed}:latency:{route}")  # noqa: S311
        return self._routes.get(route, self._default).draw(rng)
