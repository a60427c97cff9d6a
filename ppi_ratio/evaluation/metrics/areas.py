"""Scores of all pairs together -> area under the ROC curve and the precision-recall curve."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ppi_ratio.evaluation.metrics.influence import Influence
from ppi_ratio.evaluation.metrics.ranking import Ranking
from ppi_ratio.evaluation.metrics.scored import ScoredPairs


@dataclass(frozen=True)
class AUROC:
    """Probability that an interaction scores above a non-pair; ties count half."""

    name: Literal["auroc"] = "auroc"

    def prepare(self, scored: ScoredPairs) -> Callable[[np.ndarray], float]:
        ranking = Ranking.of(scored.labels, scored.scores)
        return lambda multiplicity: ranking.auroc(scored.pair_weights(multiplicity))

    def influence(self, scored: ScoredPairs) -> Influence:
        ranking = Ranking.of(scored.labels, scored.scores)
        return Influence.of_weights(scored, *ranking.auroc_influence())


@dataclass(frozen=True)
class AUPRC:
    """Average precision: the step-wise area under the precision-recall curve.

    An uninformative score has the share of interactions as its AUPRC. State this share beside it.
    """

    name: Literal["auprc"] = "auprc"

    def prepare(self, scored: ScoredPairs) -> Callable[[np.ndarray], float]:
        ranking = Ranking.of(scored.labels, scored.scores)
        return lambda multiplicity: ranking.average_precision(scored.pair_weights(multiplicity))

    def influence(self, scored: ScoredPairs) -> Influence:
        ranking = Ranking.of(scored.labels, scored.scores)
        return Influence.of_weights(scored, *ranking.average_precision_influence())
