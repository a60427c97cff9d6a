"""Values of several seeds or splits -> their mean, or mean difference, with a t interval.

Between seeds of one split only training differs, so the interval says nothing about other pairs.
Between splits both training and pairs differ. The interval treats values as independent, which is
not quite true of overlapping splits.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from scipy.stats import t as student

from ppi_ratio.evaluation.metrics.intervals import Interval, check_level

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Difference:
    """How far the first of two scorers is above the second, with an interval.

    Attributes:
        value: mean of first - second.
        low: lower end of the interval.
        high: upper end of the interval.
        share_above_zero: share of seeds or splits where the first is above; ties count half.
    """

    value: float
    low: float
    high: float
    share_above_zero: float


def seed_interval(values: Sequence[float] | np.ndarray, *, level: float = 0.95) -> Interval:
    """Mean of the values and the t interval of that mean.

    Raises:
        ValueError: if there are fewer than two values, or one is not finite.
    """
    given = np.asarray(values, dtype=float)
    if given.ndim != 1 or len(given) < 2:
        raise ValueError(f"an interval over seeds needs two values or more, got {given.size}")
    if not np.isfinite(given).all():
        raise ValueError(f"values of seeds must be finite, got {given[~np.isfinite(given)][0]}")
    check_level(level)
    error = given.std(ddof=1) / np.sqrt(len(given))
    width = student.ppf((1 + level) / 2, df=len(given) - 1) * error
    mean = float(given.mean())
    return Interval(mean, float(mean - width), float(mean + width))


def paired_seed_difference(
    first: Mapping[Key, float], second: Mapping[Key, float], *, level: float = 0.95
) -> Difference:
    """Mean over keys (seeds or splits) of first - second, with its t interval.

    Raises:
        ValueError: if the keys differ, if there are fewer than two, or if a value is not finite.
    """
    unpaired = set(first) ^ set(second)
    if unpaired:
        raise ValueError(
            f"only one of the two has a value for {sorted(map(str, unpaired))[0]}; paired "
            "differences need a value of both for each seed or split"
        )
    differences = np.array([first[key] - second[key] for key in first])
    found = seed_interval(differences, level=level)
    above = float((np.sign(differences).mean() + 1) / 2)
    return Difference(found.value, found.low, found.high, above)
