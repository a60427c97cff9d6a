"""A metric of scored pairs -> its value and a confidence interval."""

from dataclasses import dataclass

import numpy as np

from ppi_ratio.evaluation.metrics.bootstrap import bootstrap
from ppi_ratio.evaluation.metrics.influence import MetricWithInfluence
from ppi_ratio.evaluation.metrics.scored import Metric, ScoredPairs, value


@dataclass(frozen=True)
class Interval:
    """A value and the ends of its confidence interval."""

    value: float
    low: float
    high: float


def interval(
    metric: Metric, scored: ScoredPairs, *, level: float = 0.95, n_resamples: int = 1000, seed: int
) -> Interval:
    """Compute a metric with a confidence interval that allows for shared proteins.

    A metric with an influence gets the normal interval of its standard error, and ``n_resamples``
    and ``seed`` have no effect. All metrics of this package have one. Any other metric gets the
    percentile interval of ``bootstrap``, which is too wide.

    Raises:
        UndefinedMetricError: if the metric is undefined on the pairs, or on nearly all bootstrap
            samples.
    """
    check_level(level)
    if isinstance(metric, MetricWithInfluence):
        influence = metric.influence(scored)
        return Interval(influence.value, *influence.bounds(scored, level))
    point = value(metric, scored)
    resamples = bootstrap(metric, scored, n_resamples=n_resamples, seed=seed)
    low, high = np.quantile(resamples.values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(point, float(low), float(high))


def check_level(level: float) -> None:
    """Refuse a confidence level that is not between 0 and 1.

    Raises:
        ValueError: if it is not.
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
