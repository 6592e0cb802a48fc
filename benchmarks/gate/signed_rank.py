"""Wilcoxon's signed-rank test for pairs, exact, with the estimate and the interval that belong to it.

Why this one: the two trees are measured in pairs, one right after the other, so that what makes the machine faster or
slower over minutes is in both halves of a pair and not in their difference; Mann-Whitney and a plain bootstrap would
throw the pairing away. It asks only that without a change a difference may as well have the other sign, which the order
of measuring sees to; nothing about how times are distributed. Ranks keep one interrupted sample from deciding alone.
"""

from collections.abc import Sequence
from itertools import accumulate, combinations_with_replacement, takewhile
from math import inf
from statistics import median


def p_value(differences: Sequence[float]) -> float:
    """How often signs given at random would lean to one side as much as these do, or more. 1 where there are none.

    Two-sided. Zeros are left out, equal sizes share their ranks; exact all the same.
    """
    sizes = [difference for difference in differences if difference]
    ranks = _doubled_ranks([abs(size) for size in sizes])
    positive = sum(rank for rank, size in zip(ranks, sizes, strict=True) if size > 0)
    shares = _shares(ranks)
    return min(1.0, 2 * sum(shares[: min(positive, sum(ranks) - positive) + 1]))


def estimate(differences: Sequence[float]) -> float:
    """Their middle by Hodges and Lehmann: the median of the means of all pairs of them. ValueError for none."""
    if not differences:
        raise ValueError("no differences, so they have no middle")
    return median(_means(differences))


def interval(differences: Sequence[float], alpha: float) -> tuple[float, float]:
    """Where their middle is, wrong in at most *alpha* of all cases; endless where there are too few of them."""
    means = _means(differences)
    tails = accumulate(_shares(range(1, len(differences) + 1)))
    cut = sum(1 for _ in takewhile(lambda tail: 2 * tail <= alpha, tails))
    return (means[cut - 1], means[-cut]) if cut else (-inf, inf)


def fewest(alpha: float) -> int:
    """How many pairs there must be for a p-value of *alpha* to be possible at all."""
    count = 1
    while 2.0 ** (1 - count) > alpha:
        count += 1
    return count


def _means(differences: Sequence[float]) -> list[float]:
    return sorted((one + other) / 2 for one, other in combinations_with_replacement(differences, 2))


def _doubled_ranks(sizes: Sequence[float]) -> list[int]:
    """Whole numbers although equal sizes share the mean of their ranks: all are doubled."""
    ordered = sorted(sizes)
    first: dict[float, int] = {}
    last: dict[float, int] = {}
    for rank, size in enumerate(ordered, 1):
        first.setdefault(size, rank)
        last[size] = rank
    return [first[size] + last[size] for size in sizes]


def _shares(ranks: Sequence[int]) -> list[float]:
    """Sum of the positive ones -> the share of all ways to sign *ranks* that come to it."""
    ways = [1] + [0] * sum(ranks)
    for rank in ranks:
        for total in range(len(ways) - 1, rank - 1, -1):
            ways[total] += ways[total - rank]
    return [count / 2 ** len(ranks) for count in ways]
