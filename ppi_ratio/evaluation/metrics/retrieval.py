"""Scores -> how many interactions rank at the top, over all pairs or for each protein."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ppi_ratio.evaluation.metrics.influence import Influence
from ppi_ratio.evaluation.metrics.partners import PartnerRanking
from ppi_ratio.evaluation.metrics.ranking import Ranking, from_zero, increments
from ppi_ratio.evaluation.metrics.scored import ScoredPairs, UndefinedMetricError, value

CUT_STEP = 1e-6  # in pairs; the distance from a cut at which both sides are read


@dataclass(frozen=True)
class PrecisionAtK:
    """Share of interactions among the ``k`` pairs with the highest scores.

    Pairs tied with the k-th pair count in proportion, as if their order were random. An
    uninformative score has the prevalence as its precision.
    """

    k: int = 100

    def __post_init__(self) -> None:
        if self.k < 1:
            raise ValueError(f"precision needs k of at least 1, got k = {self.k}")

    @property
    def name(self) -> str:
        return f"precision_at_{self.k}"

    def prepare(self, scored: ScoredPairs) -> Callable[[np.ndarray], float]:
        ranking = Ranking.of(scored.labels, scored.scores)

        def precision(multiplicity: np.ndarray) -> float:
            weights = scored.pair_weights(multiplicity)
            if weights.sum() < self.k:
                raise UndefinedMetricError(
                    f"{self.name} is undefined with fewer pairs: the {len(scored)} pairs have a "
                    f"weight of {weights.sum():g}"
                )
            return ranking.joint_among_top(float(self.k), weights, name=self.name) / self.k

        return precision

    def influence(self, scored: ScoredPairs) -> Influence:
        """Influence at a fixed number of pairs, with the cut smoothed by ``joint_share_near``."""
        precision = value(self, scored)
        ranking = Ranking.of(scored.labels, scored.scores)
        found = ranking.share_in_top(self.k) * (scored.labels - ranking.joint_share_near(self.k))
        return Influence.of_weights(scored, precision, (found - found.mean()) / self.k)


@dataclass(frozen=True)
class RPrecision:
    """Precision among the top n pairs, with n the number of interactions; also the recall there.

    Ties and uninformative scores are treated as in ``PrecisionAtK``.
    """

    name: Literal["r_precision"] = "r_precision"

    def prepare(self, scored: ScoredPairs) -> Callable[[np.ndarray], float]:
        ranking = Ranking.of(scored.labels, scored.scores)

        def precision(multiplicity: np.ndarray) -> float:
            weights = scored.pair_weights(multiplicity)
            n_joint = float(weights @ scored.labels)
            return ranking.joint_among_top(n_joint, weights, name=self.name) / n_joint

        return precision

    def influence(self, scored: ScoredPairs) -> Influence:
        """Influence with the cut smoothed by ``joint_share_near``."""
        precision = value(self, scored)
        ranking = Ranking.of(scored.labels, scored.scores)
        near = ranking.joint_share_near(scored.n_joint)
        found = ranking.share_in_top(scored.n_joint) * (scored.labels - near)
        # An interaction also moves the cut down by one pair.
        pairs = (found + (near - precision) * scored.labels) / scored.n_joint
        return Influence.of_weights(scored, precision, pairs)


@dataclass(frozen=True)
class RecallAtTop:
    """Mean share of a protein's interaction partners in the top ``percent`` of its candidates.

    The candidates of a protein are its partners in all pairs, interactions and non-pairs. The
    mean is over proteins with both labels. Where the cut divides a candidate, or divides tied
    candidates, the candidates count in proportion. A protein with 10 candidates has a tenth of
    its first candidate in the top 1 %. An uninformative score has percent / 100. The metric cannot
    exceed percent / 100 divided by the share of interactions among the candidates.

    Bootstrap samples are too low, by a tenth on sparse tables, because a candidate drawn twice
    pushes out others; take the interval by ``influence``.
    """

    percent: int = 5

    def __post_init__(self) -> None:
        if not 0 < self.percent < 100:
            raise ValueError(f"percent must lie between 0 and 100, got {self.percent}")

    @property
    def name(self) -> str:
        return f"recall_at_top_{self.percent}"

    def prepare(self, scored: ScoredPairs) -> Callable[[np.ndarray], float]:
        ranking = PartnerRanking.of(scored, name=self.name)

        def recall(multiplicity: np.ndarray) -> float:
            joint, others = ranking.weights_down_to(multiplicity)
            cuts = self._cuts(ranking, joint + others)
            before = ranking.sum_before(joint)
            found = np.interp(cuts, from_zero(joint + others), from_zero(joint)) - before
            # Divide by the interaction partners of the whole table. A protein with few drawn
            # partners then weighs less; dropping the protein would give the mean over hubs.
            share = multiplicity[ranking.proteins] / ranking.n_joint
            total = share @ (joint[ranking.last] - before)
            if not total > 0:
                raise UndefinedMetricError(
                    f"{self.name} is undefined: no protein of positive weight has an interaction "
                    "partner of positive weight"
                )
            return float(share @ found / total)

        return recall

    def influence(self, scored: ScoredPairs) -> Influence:
        ranking = PartnerRanking.of(scored, name=self.name)
        joint, others = ranking.weights_down_to(np.ones(scored.n_proteins))
        passed, owners, labels = joint + others, ranking.owners, ranking.labels
        cuts, size = self._cuts(ranking, passed), increments(passed)
        inside = ((cuts[owners] - (passed - size)[ranking.runs]) / size[ranking.runs]).clip(0, 1)
        recall = float((np.bincount(owners, weights=inside * labels) / ranking.n_joint).mean())
        # Share of interactions just above and below the cut, which added candidates move past it.
        beside = np.searchsorted(passed, [cuts - CUT_STEP, cuts + CUT_STEP])
        near = (increments(joint) / size)[beside].mean(0)[owners]
        moved = inside * (labels - near) + self.percent / 100 * near
        rows = (moved - recall * labels) / ranking.n_joint[owners] / len(ranking.proteins)
        pairs = np.bincount(ranking.pairs, weights=rows, minlength=len(scored))
        return Influence.of_weights(scored, recall, pairs)

    def _cuts(self, ranking: PartnerRanking, passed: np.ndarray) -> np.ndarray:
        """Position in the running sum over proteins where each protein's top candidates end."""
        first = ranking.sum_before(passed)
        return first + self.percent / 100 * (passed[ranking.last] - first)
