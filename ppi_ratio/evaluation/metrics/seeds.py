"""Values of several seeds, trials or splits -> their mean, or mean difference, with a t interval.

Between seeds of one split only training differs, so the interval says nothing about other pairs;
between splits both do. It takes the values as independent, which those of overlapping splits are
not quite.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from scipy.stats import t as student

from ppi_ratio.evaluation.metrics.intervals import Difference, Interval

Key = TypeVar("Key", bound=Hashable)


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
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
    error = given.std(ddof=1) / np.sqrt(len(given))
    width = student.ppf((1 + level) / 2, df=len(given) - 1) * error
    mean = float(given.mean())
    return Interval(mean, float(mean - width), float(mean + width))


def paired_seed_difference(
    first: Mapping[Key, float], second: Mapping[Key, float], *, level: float = 0.95
) -> Difference:
    """Mean over keys (seeds, trials) of first - second, with its t interval.

    ``share_above_zero`` is the share of keys where the first is above, ties counting half.

    Raises:
        ValueError: if the keys differ, or as ``seed_interval``.
    """
    alone = set(first) ^ set(second)
    if alone:
        raise ValueError(
            f"only one of the two has a value for {sorted(map(str, alone))[0]}; paired "
            "differences need both for each seed or trial"
        )
    differences = np.array([first[key] - second[key] for key in first])
    found = seed_interval(differences, level=level)
    above = float((np.sign(differences).mean() + 1) / 2)
    return Difference(found.value, found.low, found.high, above)
