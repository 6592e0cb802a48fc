"""The results for a person."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.mocks.figures import BARE, LEAST_RATE, MOCK, MOST_ERROR_MS, PRISM, Rate, rate_of

NAMES = {
    (BARE, "create"): "bare, a constant",
    (MOCK, "create"): "mock, create",
    (MOCK, "lives"): "mock, lives",
    (PRISM, "create"): "Prism, create",
}


def rate(found: Rate) -> str:
    """A line."""
    return (
        f"{NAMES[found.server, found.script]:17} {found.per_second:>7,.0f}/s, {found.cpu_us:.1f} us of CPU each, "
        f"{found.busy:.0%} of its core (generator: {found.generator_busy:.0%})"
    )


def lateness(found: Mapping[str, float], asked_ms: float) -> str:
    """A line."""
    return (
        f"{asked_ms:>3g} ms asked, off by {found['p50_ms']:.2f} ms at p50, {found['p99_ms']:.2f} at p99, "
        f"{found['most_ms']:.2f} at most (generator late by {found['lag_p99_ms']:.2f} at p99)"
    )


def summary(rates: Sequence[Rate], found: Mapping[str, Any], prism_missing: str | None) -> str:
    """All of it; *prism_missing*: why there is no Prism."""
    lines = [f"requests/s on one core, the round in the middle of {found['rounds']} (wanted of create: {LEAST_RATE:,})"]
    lines += [f"  {rate(each)}" for name in NAMES if (each := rate_of(rates, *name))]
    if prism_missing:
        lines.append(f"  {'Prism':17} left out: {prism_missing}")
    for name, ratio in found["ratios"].items():
        lines.append(f"  create: {ratio:.2f} answered for one of {name.removeprefix('creates_over_')}, by CPU time")
    first = " before all else the machine does" if found["real_time"] else ""
    lines.append(f"latency at {found['rate']:,g} requests/s{first}, medians (wanted at p99: {MOST_ERROR_MS:g} ms)")
    lines += [f"  {lateness(each, float(asked))}" for asked, each in found["at"].items()]
    return "\n".join([*lines, f"verdict: {found['verdict']}", ""])
