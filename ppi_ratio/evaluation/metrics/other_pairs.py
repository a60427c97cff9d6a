"""Scored pairs -> what a model would score them if it only knew how sticky each protein is.

Not a metric of a model but a mirror for it: where the score of a pair can be told from its
proteins' other pairs as well as from the pair itself, the model ranks proteins, not pairs.
"""

import numpy as np

from ppi_ratio.evaluation.metrics.ranking import auroc
from ppi_ratio.evaluation.metrics.scored import ScoredPairs


def other_pairs_score(scored: ScoredPairs) -> np.ndarray:
    """Mean score of the left protein over its other pairs + that of the right one; ``(pair,)``.

    Rows that repeat a pair, in either direction, are not other pairs of it. A protein without
    other pairs gets the mean of all scores. Labels are not read.
    """
    total = np.zeros(len(scored))
    mean = scored.scores.mean()
    of_couple, n_couple = _sums(scored.couples, scored.scores)
    owners, rows = _owned_rows(scored)
    of_protein, n_protein = _sums(owners, scored.scores[rows])
    for protein in scored.codes:
        n_others = n_protein[protein] - n_couple[scored.couples]
        others = of_protein[protein] - of_couple[scored.couples]
        total += np.divide(others, n_others, out=np.full(len(scored), mean), where=n_others > 0)
    return total


def other_pairs_auroc(scored: ScoredPairs) -> float:
    """AUROC of ``other_pairs_score``, to be read beside the AUROC of the scores themselves.

    Raises:
        UndefinedMetricError: if only one of the labels is there.
    """
    return auroc(scored.labels, other_pairs_score(scored))


def _owned_rows(scored: ScoredPairs) -> tuple[np.ndarray, np.ndarray]:
    """Each protein with each row that it is in, a self pair once."""
    left, right = scored.codes
    two = np.flatnonzero(~scored.is_self_pair)
    return np.concatenate([left, right[two]]), np.concatenate([np.arange(len(left)), two])


def _sums(groups: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.bincount(groups, weights=scores), np.bincount(groups)
