"""Scored pairs -> the scores that would follow from the stickiness of each protein alone.

These scores diagnose a model. The other pairs of a pair share one protein with the pair. If their
scores predict the label as well as the pair's own score does, the model ranks proteins, not pairs.
"""

import numpy as np

from ppi_ratio.evaluation.metrics.ranking import auroc
from ppi_ratio.evaluation.metrics.scored import ScoredPairs


def other_pairs_score(scored: ScoredPairs) -> np.ndarray:
    """Mean score of the left protein's other pairs plus the right protein's mean; ``(pair,)``.

    Rows that repeat a pair, in either direction, do not count as other pairs. A protein without
    other pairs gets the mean of all scores. Labels are not read.
    """
    total = np.zeros(len(scored))
    mean = scored.scores.mean()
    of_unordered, n_unordered = _sums(scored.unordered_codes, scored.scores)
    owners, rows = _owned_rows(scored)
    of_protein, n_protein = _sums(owners, scored.scores[rows])
    for protein in scored.codes:
        n_others = n_protein[protein] - n_unordered[scored.unordered_codes]
        others = of_protein[protein] - of_unordered[scored.unordered_codes]
        total += np.divide(others, n_others, out=np.full(len(scored), mean), where=n_others > 0)
    return total


def other_pairs_auroc(scored: ScoredPairs) -> float:
    """AUROC of ``other_pairs_score``; read it beside the AUROC of the scores themselves.

    Raises:
        UndefinedMetricError: if all pairs have one label.
    """
    return auroc(scored.labels, other_pairs_score(scored))


def _owned_rows(scored: ScoredPairs) -> tuple[np.ndarray, np.ndarray]:
    """Proteins and rows: one entry for each row of each protein, and one for a self pair."""
    left, right = scored.codes
    two = np.flatnonzero(~scored.is_self_pair)
    return np.concatenate([left, right[two]]), np.concatenate([np.arange(len(left)), two])


def _sums(groups: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.bincount(groups, weights=scores), np.bincount(groups)
