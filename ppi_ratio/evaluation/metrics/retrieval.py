"""Scores -> how many joint pairs stand among the first, over all pairs or protein by protein."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ppi_ratio.evaluation.metrics.influence import Influence
from ppi_ratio.evaluation.metrics.partners import PartnerRanking
from ppi_ratio.evaluation.metrics.ranking import Ranking, from_zero, increments
from ppi_ratio.evaluation.metrics.scored import ScoredPairs, UndefinedMetricError, value

STEP = 1e-6  # of a pair, to either side of a cut


@dataclass(frozen=True)
class PrecisionAtK:
    """Share of joint pairs among the ``k`` with the highest scores.

    Pairs whose score is that of the last one count in proportion, as if they stood in random
    order. Without information it equals the prevalence.
    """

    k: int = 100

    def __post_init__(self) -> None:
        if self.k < 1:
            raise ValueError(f"precision is asked among 1 pair or more, got k = {self.k}")

    @property
    def name(self) -> str:
        return f"precision_at_{self.k}"

    def prepare(self, scored: ScoredPairs) -> Callable[[np.ndarray], float]:
        ranking = Ranking.of(scored.labels, scored.scores)

        def precision(multiplicity: np.ndarray) -> float:
            weights = scored.pair_weights(multiplicity)
            if weights.sum() < self.k:
                raise UndefinedMetricError(
                    f"{self.name} is undefined with fewer pairs: {weights.sum():g} of "
                    f"{len(scored)} count"
                )
            return ranking.found_among(float(self.k), weights, name=self.name) / self.k

        return precision

    def influence(self, scored: ScoredPairs) -> Influence:
        """In a table of so many pairs, the cut smoothed as ``Ranking.share_near``."""
        precision = value(self, scored)
        ranking = Ranking.of(scored.labels, scored.scores)
        found = ranking.inside(self.k) * (scored.labels - ranking.share_near(self.k))
        return Influence.of_weights(scored, precision, (found - found.mean()) / self.k)


@dataclass(frozen=True)
class RPrecision:
    """Precision among as many pairs as are joint; recall among them is the same number.

    Ties and the level without information are those of ``PrecisionAtK``.
    """

    name: Literal["r_precision"] = "r_precision"

    def prepare(self, scored: ScoredPairs) -> Callable[[np.ndarray], float]:
        ranking = Ranking.of(scored.labels, scored.scores)

        def precision(multiplicity: np.ndarray) -> float:
            weights = scored.pair_weights(multiplicity)
            n_joint = float(weights @ scored.labels)
            return ranking.found_among(n_joint, weights, name=self.name) / n_joint

        return precision

    def influence(self, scored: ScoredPairs) -> Influence:
        """The cut smoothed as ``Ranking.share_near``."""
        precision = value(self, scored)
        ranking = Ranking.of(scored.labels, scored.scores)
        near = ranking.share_near(scored.n_joint)
        found = ranking.inside(scored.n_joint) * (scored.labels - near)
        # A joint pair also lets one pair more pass the cut.
        pairs = (found + (near - precision) * scored.labels) / scored.n_joint
        return Influence.of_weights(scored, precision, pairs)


@dataclass(frozen=True)
class RecallAtTop:
    """Share of a protein's joint partners in the first ``percent`` of its candidates, a mean.

    Candidates of a protein are its partners in all pairs at hand, joint or not; the mean is over
    proteins that have both. Where the cut falls within a candidate or among candidates of one
    score, these count in proportion: a protein with 10 candidates has a tenth of its first one in
    the top 1 %. Without information the metric is percent / 100, and it cannot exceed
    percent / 100 over the share of joint pairs among the candidates.

    Resamples of it are too low, by a tenth on sparse tables, for a candidate drawn twice crowds
    out others: take its interval by ``influence``.
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
            joint, others = ranking.passed(multiplicity)
            cuts = self._cuts(ranking, joint + others)
            before = ranking.before(joint)
            found = np.interp(cuts, from_zero(joint + others), from_zero(joint)) - before
            # Over the joint partners of the whole table: a protein of whose partners few are
            # drawn says less, and dropping it would turn this into the mean over hubs.
            share = multiplicity[ranking.proteins] / ranking.n_joint
            total = share @ (joint[ranking.last] - before)
            if not total > 0:
                raise UndefinedMetricError(
                    f"{self.name} is undefined: no protein that counts has joint partners that do"
                )
            return float(share @ found / total)

        return recall

    def influence(self, scored: ScoredPairs) -> Influence:
        ranking = PartnerRanking.of(scored, name=self.name)
        joint, others = ranking.passed(np.ones(scored.n_proteins))
        passed, owners, labels = joint + others, ranking.owners, ranking.labels
        cuts, size = self._cuts(ranking, passed), increments(passed)
        inside = ((cuts[owners] - (passed - size)[ranking.runs]) / size[ranking.runs]).clip(0, 1)
        recall = float((np.bincount(owners, weights=inside * labels) / ranking.n_joint).mean())
        # What stands at the cut, on either side, and moves over it as candidates are added.
        beside = np.searchsorted(passed, [cuts - STEP, cuts + STEP])
        near = (increments(joint) / size)[beside].mean(0)[owners]
        moved = inside * (labels - near) + self.percent / 100 * near
        rows = (moved - recall * labels) / ranking.n_joint[owners] / len(ranking.proteins)
        pairs = np.bincount(ranking.pairs, weights=rows, minlength=len(scored))
        return Influence.of_weights(scored, recall, pairs)

    def _cuts(self, ranking: PartnerRanking, passed: np.ndarray) -> np.ndarray:
        """Where in the running sum over all proteins each one's first candidates end."""
        first = ranking.before(passed)
        return first + self.percent / 100 * (passed[ranking.last] - first)
