"""What was measured, what follows from it, and whether that is what is wanted."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

BARE, MOCK, PRISM = "bare", "mock", "prism"
LEAST_RATE = 6000  # creates per second on one core
MOST_ERROR_MS = 2.0  # at p99
LEAST_BUSY = 0.9  # of its core; a server that had less of it was kept from it, or nobody asked it for more
MOST_LAG_MS = 0.5  # at p99: a generator that is later than that says something of the machine


@dataclass(frozen=True)
class Rate:
    """A closed loop. *busy*: the share of its core that the server had."""

    round: int
    server: str
    script: str
    per_second: float
    cpu_us: float
    busy: float
    generator_busy: float
    by_status: dict[str, int]

    @classmethod
    def of(cls, number: int, server: str, script: str, found: Mapping[str, Any]) -> "Rate":
        """Of what the generator tells."""
        answers, seconds, cpu = found["answers"], found["seconds"], found["server_cpu"]
        return cls(
            number, server, script, round(answers / seconds, 1), round(cpu / max(answers, 1) * 1e6, 2),
            round(cpu / seconds, 3), round(found["generator_cpu"] / seconds, 3), found["by_status"],
        )  # fmt: skip


@dataclass(frozen=True)
class Lateness:
    """An open loop, in milliseconds: by how much replies missed the latency that was asked for, and in which tail.

    *lag_p99_ms*: by how much the generator itself was late with its requests.
    """

    round: int
    asked_ms: float
    p50_ms: float
    p99_ms: float
    most_ms: float
    lag_p99_ms: float
    by_status: dict[str, int]

    @classmethod
    def of(cls, number: int, asked_ms: float, found: Mapping[str, Any]) -> "Lateness":
        """Of what the generator tells."""
        errors = [abs(seconds * 1000 - asked_ms) for seconds in found["latencies"]]
        p50, p99, most = (round(percentile(errors, share), 3) for share in (0.5, 0.99, 1.0))
        lag = round(percentile(found["lags"], 0.99) * 1000, 3)
        return cls(number, asked_ms, p50, p99, most, lag, found["by_status"])


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that *share* of all are at most (nearest rank); infinite where there are none."""
    if not values:
        return math.inf
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def rate_of(rates: Sequence[Rate], server: str, script: str) -> Rate | None:
    """The round in the middle; the lower of two."""
    found = sorted(
        (rate for rate in rates if (rate.server, rate.script) == (server, script)), key=lambda each: each.per_second
    )
    return found[(len(found) - 1) // 2] if found else None


def lateness_of(found: Sequence[Lateness], asked_ms: float) -> dict[str, float]:
    """Medians over the rounds of p50_ms, p99_ms, lag_p99_ms, and the worst of most_ms."""
    those = [each for each in found if each.asked_ms == asked_ms]
    return {
        "p50_ms": median(each.p50_ms for each in those),
        "p99_ms": median(each.p99_ms for each in those),
        "most_ms": max(each.most_ms for each in those),
        "lag_p99_ms": median(each.lag_p99_ms for each in those),
    }


def ratios(rates: Sequence[Rate]) -> dict[str, float]:
    """How many creates the mock answers for one of a yardstick, for the same CPU time: medians of the rounds' ratios.

    By CPU time, because what else runs on the core changes the time of day, hardly that.
    """
    cpu = {(rate.round, rate.server): rate.cpu_us for rate in rates if rate.script == "create"}
    found = {}
    for yardstick in (BARE, PRISM):
        pairs = [
            cpu[number, yardstick] / cpu[number, MOCK]
            for number, server in cpu
            if server == yardstick and cpu.get((number, MOCK))
        ]
        if pairs:
            found[f"creates_over_{yardstick}"] = round(median(pairs), 3)
    return found


def verdict(rates: Sequence[Rate], lateness: Sequence[Lateness]) -> str:
    """pass; fail where less is reached than is wanted; inconclusive where that may be the machine's doing."""
    ours = rate_of(rates, MOCK, "create")
    found = []
    if ours is not None and ours.per_second < LEAST_RATE:
        found.append("fail" if ours.busy >= LEAST_BUSY else "inconclusive")
    for asked in {each.asked_ms for each in lateness}:
        figures = lateness_of(lateness, asked)
        if figures["p99_ms"] > MOST_ERROR_MS:
            found.append("fail" if figures["lag_p99_ms"] <= MOST_LAG_MS else "inconclusive")
    return next((each for each in ("fail", "inconclusive") if each in found), "pass")
