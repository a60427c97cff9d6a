import numpy as np
import pytest
from scipy import stats

from ppi_ratio.evaluation.metrics import paired_seed_difference, seed_interval

FIRST = {0: 0.71, 1: 0.69, 2: 0.74, 3: 0.70}
SECOND = {3: 0.71, 0: 0.68, 2: 0.70, 1: 0.69}


def test_interval_over_seeds_is_the_t_interval() -> None:
    values = list(FIRST.values())
    found = seed_interval(values, level=0.9)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.9)
    assert found.value == pytest.approx(np.mean(values))
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_difference_over_seeds_pairs_by_key() -> None:
    found = paired_seed_difference(FIRST, SECOND)
    ours, theirs = ([values[key] for key in range(4)] for values in (FIRST, SECOND))
    expected = stats.ttest_rel(ours, theirs).confidence_interval(0.95)
    assert found.value == pytest.approx(np.mean(ours) - np.mean(theirs))
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.share_above_zero == (2 + 0.5) / 4


def test_a_seed_that_only_one_scorer_has_is_named() -> None:
    with pytest.raises(ValueError, match="only one of the two has a value for 3; paired"):
        paired_seed_difference(FIRST, {0: 0.7, 1: 0.7, 2: 0.7, 7: 0.7})


@pytest.mark.parametrize(
    ("values", "message"),
    [([0.7], "two values or more, got 1"), ([0.7, np.nan], "must be finite, got nan")],
)
def test_too_few_or_infinite_values_are_refused(values: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        seed_interval(values)
    with pytest.raises(ValueError, match="level must lie between 0 and 1, got 1"):
        seed_interval([0.1, 0.2], level=1.0)
