"""Log ratios -> mean losses of the probabilities they imply; see ``probabilities``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import expit

from ppi_ratio.evaluation.metrics.influence import Influence
from ppi_ratio.evaluation.metrics.probabilities import log_odds, prevalence
from ppi_ratio.evaluation.metrics.scored import ScoredPairs

# Takes labels and log odds; returns losses and their derivatives by the log odds.
Loss = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class BrierScore:
    """Mean squared difference between the probability and the label, which is 1 or 0.

    An uninformative score has π (1 - π), at most 0.25, with π the prevalence.
    """

    name: Literal["brier_score"] = "brier_score"

    def prepare(self, scored: ScoredPairs) -> Callable[[np.ndarray], float]:
        return _prepare(scored, squared_error, name=self.name)

    def influence(self, scored: ScoredPairs) -> Influence:
        odds = log_odds(scored, name=self.name)
        return loss_influence(scored, *squared_error(scored.labels, odds))


@dataclass(frozen=True)
class BrierSkill:
    """1 - Brier score / π (1 - π): 1 at best, 0 if the prevalence π is the prediction."""

    name: Literal["brier_skill"] = "brier_skill"

    def prepare(self, scored: ScoredPairs) -> Callable[[np.ndarray], float]:
        score = _prepare(scored, squared_error, name=self.name)

        def skill(multiplicity: np.ndarray) -> float:
            share = prevalence(scored, scored.pair_weights(multiplicity), name=self.name)
            return 1 - score(multiplicity) / (share * (1 - share))

        return skill

    def influence(self, scored: ScoredPairs) -> Influence:
        odds = log_odds(scored, name=self.name)
        score = loss_influence(scored, *squared_error(scored.labels, odds))
        share = scored.prevalence
        worst = share * (1 - share)
        of_worst = (1 - 2 * share) * (scored.labels - share) / len(scored)
        ratio = score.value / worst
        pairs = (ratio * of_worst - score.pairs) / worst
        return Influence.of_weights(scored, 1 - ratio, pairs, bounded=False, lowest=-np.inf)


@dataclass(frozen=True)
class LogLoss:
    """Mean of -log p(observed label), in nats.

    An uninformative score has the entropy of the prevalence, at most log 2 = 0.693.
    """

    name: Literal["log_loss"] = "log_loss"

    def prepare(self, scored: ScoredPairs) -> Callable[[np.ndarray], float]:
        return _prepare(scored, negative_log_likelihood, name=self.name)

    def influence(self, scored: ScoredPairs) -> Influence:
        odds = log_odds(scored, name=self.name)
        return loss_influence(scored, *negative_log_likelihood(scored.labels, odds), bounded=False)


def squared_error(labels: np.ndarray, odds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Squared errors of the probabilities, and their derivatives by the log odds."""
    p = expit(odds)
    return (p - labels) ** 2, 2 * (p - labels) * p * (1 - p)


def negative_log_likelihood(labels: np.ndarray, odds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Negative log likelihood of the labels in nats, and its derivative by the log odds."""
    return np.logaddexp(0, np.where(labels, -odds, odds)), expit(odds) - labels


def loss_influence(
    scored: ScoredPairs, losses: np.ndarray, slopes: np.ndarray, *, bounded: bool = True
) -> Influence:
    """Influence on a mean of losses.

    A pair also changes the prevalence, and with it the log odds of all pairs.
    """
    share, mean = scored.prevalence, float(losses.mean())
    of_prior = slopes.mean() / (share * (1 - share))
    pairs = (losses - mean + of_prior * (scored.labels - share)) / len(scored)
    return Influence.of_weights(scored, mean, pairs, bounded=bounded)


def _prepare(scored: ScoredPairs, loss: Loss, *, name: str) -> Callable[[np.ndarray], float]:
    def mean(multiplicity: np.ndarray) -> float:
        weights = scored.pair_weights(multiplicity)
        losses, _ = loss(scored.labels, log_odds(scored, weights, name=name))
        return float(weights @ losses / weights.sum())

    return mean
