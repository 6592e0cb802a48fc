from itertools import compress, product
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.gate.signed_rank import estimate, fewest, interval, p_value

few = st.lists(st.integers(-6, 6).map(float), min_size=1, max_size=9)
distinct = st.lists(st.integers(-10_000, 10_000), min_size=1, max_size=14, unique_by=abs).map(
    lambda found: [float(number) for number in found]
)
# Heights of crossed and self-fertilised maize, in eighths of an inch: Darwin's pairs, in many a textbook.
MAIZE = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]


def by_counting(differences):
    """The p-value by its definition: every way to sign them."""
    signed = [each for each in differences if each]
    sizes = sorted(abs(each) for each in signed)
    ranks = [mean(rank for rank, other in enumerate(sizes, 1) if other == abs(each)) for each in signed]
    middle = sum(ranks) / 2
    sums = [sum(compress(ranks, signs)) for signs in product([0, 1], repeat=len(ranks))]
    found = sum(compress(ranks, [each > 0 for each in signed]))
    return sum(abs(total - middle) >= abs(found - middle) for total in sums) / len(sums)


@given(few)
def test_the_p_value_is_the_share_of_all_signs_that_lean_as_far(differences):
    assert p_value(differences) == pytest.approx(by_counting(differences))


@given(few)
def test_it_is_a_share_and_the_same_whichever_tree_is_called_the_base(differences):
    turned = [-each for each in differences]
    assert 0 < p_value(differences) <= 1
    assert p_value(turned) == p_value(differences)
    assert estimate(turned) == -estimate(differences)


@pytest.mark.parametrize(
    ("differences", "p"),
    [([], 1), ([0, 0], 1), ([3], 1), ([1, 2], 0.5), ([1, 2, 3, 4, 5], 2 / 32), ([1, 1, 1, 1, 0], 2 / 16), ([1, -1], 1)],
)
def test_small_cases_are_as_counted_by_hand(differences, p):
    assert p_value(differences) == p


def test_a_case_of_the_textbooks():
    assert p_value(MAIZE) == pytest.approx(0.04126, abs=0.00001)
    assert interval(MAIZE, 0.05)[0] > 0 > interval(MAIZE, 0.04)[0]


@pytest.mark.parametrize(("pairs", "critical"), [(8, 0), (9, 1), (10, 3), (12, 7), (15, 15), (20, 37), (25, 68)])
def test_the_interval_leaves_out_what_the_printed_tables_say(pairs, critical):
    differences = [float(2**number) for number in range(pairs)]
    means = sorted((one + other) / 2 for at, one in enumerate(differences) for other in differences[at:])
    assert interval(differences, 0.01) == (means[critical], means[-critical - 1])


@given(distinct, st.sampled_from([0.2, 0.05, 0.01]))
def test_the_interval_is_clear_of_zero_where_the_p_value_is_small_enough(differences, alpha):
    low, high = interval(differences, alpha)
    assert low <= estimate(differences) <= high
    if all(one != -other for at, one in enumerate(differences) for other in differences[at:]):
        assert (low > 0 or high < 0) == (p_value(differences) <= alpha)


@given(distinct, st.integers(-1000, 1000))
def test_what_is_added_to_all_is_added_to_their_middle(differences, shift):
    moved = [each + shift for each in differences]
    assert estimate(moved) == pytest.approx(estimate(differences) + shift)
    assert interval(moved, 0.2) == pytest.approx(tuple(end + shift for end in interval(differences, 0.2)))


def test_one_wild_sample_neither_makes_a_difference_nor_hides_one():
    assert p_value([*[0.01, -0.01] * 5, 40]) > 0.5
    assert p_value([*[0.15 + number / 1000 for number in range(11)], -40]) < 0.05


def test_of_too_few_nothing_can_be_said():
    assert fewest(0.01) == 8
    assert interval([1.0] * 7, 0.01) == (float("-inf"), float("inf"))
    assert p_value([1.0] * 7) > 0.01 >= p_value([1.0] * 8)
    with pytest.raises(ValueError, match="no differences"):
        estimate([])
