"""Scores -> the areas under the ROC and the precision-recall curve of all pairs together."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ppi_ratio.evaluation.metrics.influence import Influence
from ppi_ratio.evaluation.metrics.ranking import Ranking
from ppi_ratio.evaluation.metrics.scored import ScoredPairs


@dataclass(frozen=True)
class AUROC:
    """Probability that a joint pair scores above a non-pair, ties counting half."""

    name: Literal["auroc"] = "auroc"

    def prepare(self, scored: ScoredPairs) -> Callable[[np.ndarray], float]:
        ranking = Ranking.of(scored.labels, scored.scores)
        return lambda multiplicity: ranking.auroc(scored.pair_weights(multiplicity))

    def influence(self, scored: ScoredPairs) -> Influence:
        ranking = Ranking.of(scored.labels, scored.scores)
        return Influence.of_weights(scored, *ranking.auroc_influence())


@dataclass(frozen=True)
class AUPRC:
    """Average precision, the step-wise area under precision against recall.

    Without information it equals the prevalence of joint pairs, which is to be stated beside it.
    """

    name: Literal["auprc"] = "auprc"

    def prepare(self, scored: ScoredPairs) -> Callable[[np.ndarray], float]:
        ranking = Ranking.of(scored.labels, scored.scores)
        return lambda multiplicity: ranking.average_precision(scored.pair_weights(multiplicity))

    def influence(self, scored: ScoredPairs) -> Influence:
        ranking = Ranking.of(scored.labels, scored.scores)
        return Influence.of_weights(scored, *ranking.average_precision_influence())
