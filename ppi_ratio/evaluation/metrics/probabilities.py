"""Log ratios -> log odds of an interaction, by the prior or by logistic regression.

Labelled pairs are a mixture of interactions and non-pairs, so the log odds follow by
``model.probability.in_a_mixture``, with the share of interactions among the pairs as prevalence.
This holds if non-pairs follow the noise law that the ratio was learned against. A ratio to
degree-weighted noise is therefore calibrated only for non-pairs drawn by degree. For uniformly
drawn non-pairs its log odds are wrong by a term of the proteins' degrees, however well the ratio
was learned.
"""

import numpy as np
from scipy.special import logit
from sklearn.linear_model import LogisticRegression

from ppi_ratio.evaluation.metrics.scored import ScoredPairs, UndefinedMetricError


def log_odds(scored: ScoredPairs, weights: np.ndarray | None = None, *, name: str) -> np.ndarray:
    """Log odds of an interaction, with the prevalence of the weighted pairs as prior; ``(pair,)``.

    Raises:
        UndefinedMetricError: names the metric ``name``, if one label has no weight.
    """
    return scored.against_non_pairs + logit(prevalence(scored, weights, name=name))


def prevalence(scored: ScoredPairs, weights: np.ndarray | None = None, *, name: str) -> float:
    """Weighted share of interactions, above 0 and below 1.

    Raises:
        UndefinedMetricError: names the metric ``name``, if one label has no weight.
    """
    weights = np.ones(len(scored)) if weights is None else weights
    joint, others = float(weights @ scored.labels), float(weights @ ~scored.labels)
    for weight, missing in ((joint, "interactions"), (others, "non-pairs")):
        if not weight > 0:
            raise UndefinedMetricError(
                f"{name} is undefined without {missing}: none of {len(scored)} pairs "
                "(of positive weight) is one"
            )
    return joint / (joint + others)


def platt(scored: ScoredPairs, weights: np.ndarray, *, name: str) -> tuple[float, float]:
    """Fit intercept and slope of log odds against log ratios, by maximum likelihood.

    This is Platt scaling without regularisation.

    Raises:
        UndefinedMetricError: if pairs of positive weight have one label, or log ratios that are
            all equal or separate the labels; names the metric ``name``.
    """
    prevalence(scored, weights, name=name)
    there = weights > 0
    log_ratios = scored.against_non_pairs
    joint, others = (log_ratios[there & side] for side in (scored.labels, ~scored.labels))
    if joint.min() >= others.max() or others.min() >= joint.max():
        raise UndefinedMetricError(
            f"{name} has no slope: the log ratios are all equal, or they separate interactions "
            "from non-pairs completely"
        )
    middle, unit = float(log_ratios.mean()), float(log_ratios.std())
    scores = (log_ratios.astype(float) - middle) / unit
    regression = LogisticRegression(C=np.inf, tol=1e-12, solver="newton-cholesky")
    fitted = regression.fit(scores[:, None], scored.labels, sample_weight=weights)
    slope = float(fitted.coef_[0, 0]) / unit
    return float(fitted.intercept_[0]) - slope * middle, slope
