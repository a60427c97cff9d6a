"""Log ratios -> observed against predicted shares of interactions; see ``probabilities``."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
from scipy.special import expit
from scipy.stats import beta

from ppi_ratio.evaluation.metrics.influence import Influence
from ppi_ratio.evaluation.metrics.losses import loss_influence
from ppi_ratio.evaluation.metrics.probabilities import log_odds, platt
from ppi_ratio.evaluation.metrics.ranking import Ranking, from_zero
from ppi_ratio.evaluation.metrics.scored import ScoredPairs


@dataclass(frozen=True)
class ExpectedCalibrationError:
    """Mean distance between observed and predicted shares of interactions, in bins of equal mass.

    Tied pairs are spread over bins in proportion. Chance alone makes the error positive. For
    calibrated log ratios it is up to √(2 π (1 - π) bins / (3.14 · pairs)), with π the prevalence.
    With 15 bins and as many non-pairs as interactions, this bound is 0.007 for 50,000 pairs and
    0.05 for 1,000. The interval describes the error including this part due to chance. Bootstrap
    samples contain the part due to chance more than once, which can double the error; take the
    interval by ``influence``.
    """

    bins: int = 15
    name: Literal["ece"] = "ece"

    def prepare(self, scored: ScoredPairs) -> Callable[[np.ndarray], float]:
        binning = Binning.of(scored, self.bins)

        def error(multiplicity: np.ndarray) -> float:
            weights = scored.pair_weights(multiplicity)
            odds = log_odds(scored, weights, name=self.name)
            gaps = binning.totals(weights * (scored.labels - expit(odds)), weights)
            return float(np.abs(gaps).sum() / weights.sum())

        return error

    def influence(self, scored: ScoredPairs) -> Influence:
        """Influence with the bins held fixed, and with the sign of each bin's gap held fixed."""
        p = expit(log_odds(scored, name=self.name))
        binning = Binning.of(scored, self.bins)
        weights = np.ones(len(scored))
        gaps = binning.totals(scored.labels - p, weights)
        sides = np.sign(gaps)[binning.bin_of_row]
        found = loss_influence(
            scored, sides * (scored.labels - p), -sides * p * (1 - p), bounded=False
        )
        return replace(found, value=float(np.abs(gaps).sum() / len(scored)))


@dataclass(frozen=True)
class CalibrationSlope:
    """Slope of the log odds of an interaction against the log ratio; 1 is calibrated.

    Below 1 the log ratios are overconfident, as after too much training: they lie too far from
    their mean on both sides. Above 1 they are too cautious. The slope does not depend on the
    prevalence or on a constant in the log ratios (Cox 1958, Biometrika 45, 562; Van Calster et
    al. 2019, BMC Medicine 17, 230).
    """

    name: Literal["calibration_slope"] = "calibration_slope"

    def prepare(self, scored: ScoredPairs) -> Callable[[np.ndarray], float]:
        def slope(multiplicity: np.ndarray) -> float:
            return platt(scored, scored.pair_weights(multiplicity), name=self.name)[1]

        return slope

    def influence(self, scored: ScoredPairs) -> Influence:
        """Influence on a maximum-likelihood estimate: inverse information times gradient."""
        intercept, slope = platt(scored, np.ones(len(scored)), name=self.name)
        log_ratios = scored.against_non_pairs
        p = expit(intercept + slope * log_ratios)
        spread = p * (1 - p)
        centred = log_ratios - np.average(log_ratios, weights=spread)
        pairs = centred * (scored.labels - p) / (spread @ centred**2)
        return Influence.of_weights(scored, slope, pairs, bounded=False, lowest=-np.inf)


class ReliabilityCurve(NamedTuple):
    """Predicted and observed shares of interactions in bins of rising score; each ``(bin,)``.

    Attributes:
        predicted: mean predicted probability.
        observed: share of interactions.
        low: lower end of the 95 % Jeffreys interval of ``observed``, with pairs as independent.
        high: upper end of that interval.
        n_pairs: number of pairs; not whole where tied pairs are divided between two bins.
    """

    predicted: np.ndarray
    observed: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n_pairs: np.ndarray


def reliability_curve(scored: ScoredPairs, n_bins: int = 15) -> ReliabilityCurve:
    """Observed against predicted shares of interactions, in bins of equal numbers of pairs.

    Raises:
        UndefinedMetricError: if all pairs have one label.
    """
    p = expit(log_odds(scored, name="the reliability curve"))
    binning = Binning.of(scored, min(n_bins, len(scored)))
    n_pairs, joint, expected = (
        binning.totals(each, np.ones(len(scored)))[::-1]
        for each in (np.ones(len(scored)), scored.labels, p)
    )
    joint = joint.clip(0, n_pairs)  # running sums can leave this range by rounding
    low = np.where(joint > 0, beta.ppf(0.025, joint + 0.5, n_pairs - joint + 0.5), 0)
    high = np.where(joint < n_pairs, beta.ppf(0.975, joint + 0.5, n_pairs - joint + 0.5), 1)
    return ReliabilityCurve(expected / n_pairs, joint / n_pairs, low, high, n_pairs)


@dataclass(frozen=True, eq=False)
class Binning:
    """Scores in falling order, divided into bins of equal weight."""

    ranking: Ranking
    n_bins: int

    @classmethod
    def of(cls, scored: ScoredPairs, n_bins: int) -> "Binning":
        if n_bins < 1:
            raise ValueError(f"calibration needs at least 1 bin, got {n_bins}")
        return cls(Ranking.of(scored.labels, scored.scores), n_bins)

    def totals(self, amounts: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Sum of ``amounts`` in each bin, ``(bin,)``; tied rows are spread in proportion."""
        order, ends = self.ranking.order, self.ranking.ends
        passed = from_zero(weights[order].cumsum()[ends])
        cuts = np.linspace(0, passed[-1], self.n_bins + 1)
        return np.diff(np.interp(cuts, passed, from_zero(amounts[order].cumsum()[ends])))

    @property
    def bin_of_row(self) -> np.ndarray:
        """Bin of each row, ``(row,)``, for equal weights; tied rows get the bin of their middle."""
        ends = from_zero(self.ranking.ends + 1)
        middles = (ends[1:] + ends[:-1]) / 2 / ends[-1]
        return np.floor(middles * self.n_bins).astype(int)[self.ranking.runs]
