"""Log ratios -> log odds of being joint, as they are or refitted on other pairs.

A log ratio becomes log odds by the prior: log ratio + log(π / (1 - π)), π the share of joint
pairs among the labelled ones at hand. That is right for non-pairs drawn from the law that the
ratio was learned against. So a ratio to degree-weighted noise can be calibrated for non-pairs
drawn by degree only: on uniformly drawn ones it is off by the proteins' degrees, however well it
is learned.
"""

import dataclasses

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from ppi_ratio.evaluation.metrics.scored import ScoredPairs, UndefinedMetricError


def log_odds(scored: ScoredPairs, weights: np.ndarray | None = None, *, name: str) -> np.ndarray:
    """Log odds of being joint, at the prevalence of the (weighted) pairs; ``(pair,)``.

    Raises:
        UndefinedMetricError: of the metric called ``name``, if one of the labels has no weight.
    """
    return scored.scores + logit(prevalence(scored, weights, name=name))


def prevalence(scored: ScoredPairs, weights: np.ndarray | None = None, *, name: str) -> float:
    """Weighted share of joint pairs, above 0 and below 1.

    Raises:
        UndefinedMetricError: as ``log_odds``.
    """
    weights = np.ones(len(scored)) if weights is None else weights
    joint, others = float(weights @ scored.labels), float(weights @ ~scored.labels)
    for weight, missing in ((joint, "joint pairs"), (others, "non-pairs")):
        if not weight > 0:
            raise UndefinedMetricError(
                f"{name} is undefined without {missing}: none of {len(scored)} pairs "
                "(of positive weight) is one"
            )
    return joint / (joint + others)


def recalibrated(validation: ScoredPairs, test: ScoredPairs, *, fit_slope: bool) -> ScoredPairs:
    """The test pairs with log ratios shifted, and scaled, as calibrates the validation pairs.

    Log odds of the validation pairs are intercept + slope · log ratio, by maximum likelihood;
    their prior is taken off again, so that what comes back are log ratios. The order of the pairs
    stays, unless the slope is negative. Labels of the test pairs are not read.

    Args:
        validation: pairs with labels, no training and no test pairs.
        test: pairs to calibrate, with non-pairs of the same law.
        fit_slope: False shifts only (slope 1); True is Platt's scaling without regularisation.

    Raises:
        UndefinedMetricError: if the validation pairs have one label, or if a slope is asked for
            and their log ratios are all alike or separate the labels.
    """
    name = "a refit"
    prior = logit(prevalence(validation, name=name))
    if fit_slope:
        intercept, slope = platt(validation, np.ones(len(validation)), name=name)
    else:
        intercept, slope = _intercept(validation), 1.0
    return dataclasses.replace(test, scores=intercept + slope * test.scores - prior)


def _intercept(scored: ScoredPairs) -> float:
    """Where the mean probability is the prevalence, as in the maximum of the likelihood."""
    middle = logit(scored.prevalence)
    low, high = middle - scored.scores.max() - 1, middle - scored.scores.min() + 1

    def excess(shift: float) -> float:
        return float(expit(scored.scores + shift).mean() - scored.prevalence)

    return float(np.asarray(brentq(excess, low, high)))


def platt(scored: ScoredPairs, weights: np.ndarray, *, name: str) -> tuple[float, float]:
    """Intercept and slope of the log odds of being joint over the log ratio, most likely ones.

    Raises:
        UndefinedMetricError: of the metric called ``name``, if the pairs of positive weight have
            one label, or their log ratios are all alike or separate the labels.
    """
    prevalence(scored, weights, name=name)
    there = weights > 0
    joint, others = (scored.scores[there & side] for side in (scored.labels, ~scored.labels))
    if joint.min() >= others.max() or others.min() >= joint.max():
        raise UndefinedMetricError(
            f"{name} has no slope: the log ratios are all alike, or they separate joint pairs "
            "from non-pairs completely"
        )
    middle, unit = float(scored.scores.mean()), float(scored.scores.std())
    scores = (scored.scores.astype(float) - middle) / unit
    regression = LogisticRegression(C=np.inf, tol=1e-12, solver="newton-cholesky")
    fitted = regression.fit(scores[:, None], scored.labels, sample_weight=weights)
    slope = float(fitted.coef_[0, 0]) / unit
    return float(fitted.intercept_[0]) - slope * middle, slope
