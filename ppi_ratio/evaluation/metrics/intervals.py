"""A metric of scored pairs, or of two scorers of the same pairs -> its value and an interval."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from ppi_ratio.evaluation.metrics.bootstrap import bootstrap
from ppi_ratio.evaluation.metrics.influence import MetricWithInfluence
from ppi_ratio.evaluation.metrics.scored import Metric, ScoredPairs, value


@dataclass(frozen=True)
class Interval:
    """A metric and the ends of its interval; ``n_redrawn`` as in ``Resamples``."""

    value: float
    low: float
    high: float
    n_redrawn: int = 0


@dataclass(frozen=True)
class Difference:
    """How far the first of two is above the second, and the ends of its interval.

    Attributes:
        value: first - second.
        low: lower end.
        high: upper end.
        share_above_zero: how much of what the difference might have been is above zero.
    """

    value: float
    low: float
    high: float
    share_above_zero: float


def interval(
    metric: Metric, scored: ScoredPairs, *, level: float = 0.95, n_resamples: int = 1000, seed: int
) -> Interval:
    """The metric and an interval that allows for pairs sharing proteins.

    All metrics of this package get the normal interval of their standard error by ``Influence``,
    to which ``n_resamples`` and ``seed`` do not matter. A metric without an influence gets the
    percentile interval of ``bootstrap``, which is wide.

    Raises:
        UndefinedMetricError: if the pairs do not determine the metric; or as ``bootstrap``.
    """
    _check_level(level)
    if isinstance(metric, MetricWithInfluence):
        influence = metric.influence(scored)
        return Interval(influence.value, *influence.bounds(scored, level))
    point = value(metric, scored)
    resamples = bootstrap(metric, scored, n_resamples=n_resamples, seed=seed)
    return Interval(point, *_percentiles(resamples.values, level), resamples.n_redrawn)


def paired_difference(
    metric: Metric,
    first: ScoredPairs,
    second: ScoredPairs,
    *,
    level: float = 0.95,
    n_resamples: int = 1000,
    seed: int,
) -> Difference:
    """The metric of the first scores less that of the second ones, on the same pairs.

    The interval is as that of ``interval``: by the difference of the two influences, with
    ``share_above_zero`` by the normal law; or else by two bootstraps with the same samples of
    proteins, with the share of the samples, ties counting half.

    Raises:
        ValueError: if rows of the two are not the same pairs with the same labels.
        UndefinedMetricError: as ``interval``.
    """
    _check_level(level)
    _check_same_pairs(first, second)
    if isinstance(metric, MetricWithInfluence):
        influence = metric.influence(first) - metric.influence(second)
        error = influence.standard_error(first)
        above = norm.cdf(influence.value / error) if error else (np.sign(influence.value) + 1) / 2
        return Difference(influence.value, *influence.bounds(first, level), float(above))
    point = value(metric, first) - value(metric, second)
    ours, theirs = (
        bootstrap(metric, each, n_resamples=n_resamples, seed=seed).values
        for each in (first, second)
    )
    differences = ours - theirs
    above = (np.sign(differences).mean() + 1) / 2
    return Difference(point, *_percentiles(differences, level), float(above))


def _percentiles(values: np.ndarray, level: float) -> tuple[float, float]:
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")


def _check_same_pairs(first: ScoredPairs, second: ScoredPairs) -> None:
    for name in ("left", "right", "labels"):
        ours, theirs = (np.asarray(getattr(each, name)) for each in (first, second))
        if len(ours) != len(theirs):
            raise ValueError(
                f"a paired difference needs the same pairs, got {len(ours)} and {len(theirs)}"
            )
        differ = np.flatnonzero(ours != theirs)
        if differ.size:
            row = differ[0]
            raise ValueError(
                f"a paired difference needs the same pairs in the same order: {name} of row {row} "
                f"is {ours[row]} and {theirs[row]}"
            )
