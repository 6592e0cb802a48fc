"""Whether a measure got worse: by two keys, so that neither noise nor a trifle is called a regression."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.gate import signed_rank


class Verdict(StrEnum):
    """Of one measure."""

    REGRESSION = "regression"
    IMPROVEMENT = "improvement"
    SAME = "same"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Rule:
    """*threshold*: the smallest change that counts, as a share (0.1: costs 10% more). *alpha*: see signed_rank."""

    threshold: float = 0.10
    alpha: float = 0.01


@dataclass(frozen=True)
class Comparison:
    """Changes are shares of the base's cost: 0.15 means it costs 15% more now, be it time or memory.

    *more_rounds*: what would probably settle an inconclusive one; None where it is settled, or no number would.
    """

    rounds: int
    change: float
    low: float
    high: float
    p: float
    verdict: Verdict
    more_rounds: int | None = None


def compare(base: Sequence[float], now: Sequence[float], rule: Rule) -> Comparison:
    """Costs (seconds, bytes: more is worse) of both trees, round by round. ValueError where there are none."""
    differences = [math.log(later / earlier) for earlier, later in zip(base, now, strict=True)]
    middle = signed_rank.estimate(differences)
    low, high = signed_rank.interval(differences, rule.alpha)
    p = signed_rank.p_value(differences)
    verdict = _verdict(middle, high, p, rule)
    more = _more_rounds(len(differences), middle, low, high, rule) if verdict is Verdict.INCONCLUSIVE else None
    return Comparison(len(differences), math.expm1(middle), math.expm1(low), math.expm1(high), p, verdict, more)


def _verdict(middle: float, high: float, p: float, rule: Rule) -> Verdict:
    large = math.log1p(rule.threshold)
    clear = p <= rule.alpha
    if clear and middle > large:
        return Verdict.REGRESSION
    if clear and middle < -large:
        return Verdict.IMPROVEMENT
    # Not only unproven: a change for the worse that counts is out of the question.
    return Verdict.SAME if high < large else Verdict.INCONCLUSIVE


def _more_rounds(rounds: int, middle: float, low: float, high: float, rule: Rule) -> int | None:
    """By the width of the interval, which shrinks with the root of the rounds."""
    fewest = signed_rank.fewest(rule.alpha)
    if math.isinf(high):
        return fewest - rounds
    large = math.log1p(rule.threshold)
    # Above the threshold it has to get clear of zero, below it clear of the threshold.
    distance = middle if middle > large else large - middle
    if distance <= 0:
        return None
    needed = math.ceil(rounds * ((high - low) / 2 / distance) ** 2)
    return max(1, needed - rounds)
