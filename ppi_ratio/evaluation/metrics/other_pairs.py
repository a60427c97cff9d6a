"""Scored pairs -> for each pair, how high its two proteins score in their other pairs.

The other pairs of a pair share one protein with the pair. If their scores predict the label as
well as the pair's own score does, the model ranks proteins, not pairs. An audit of predictions
reports this; it judges no model, so it is not one of ``METRICS``.
"""

import numpy as np

from ppi_ratio.evaluation.metrics.ranking import auroc
from ppi_ratio.evaluation.metrics.scored import ScoredPairs


def other_pairs_score(scored: ScoredPairs) -> np.ndarray:
    """Mean score of the left protein's other pairs plus the right protein's mean; ``(pair,)``.

    Rows that repeat a pair, in either direction, do not count as other pairs. A protein without
    other pairs gets the mean of all scores. Labels are not read. Only the order of the result
    matters: a sum of two means is not on the scale of the scores.
    """
    total = np.zeros(len(scored))
    mean = scored.scores.mean()
    pair_sum, pair_rows = _sums(scored.unordered_codes, scored.scores)
    proteins, rows = _rows_of_proteins(scored)
    protein_sum, protein_rows = _sums(proteins, scored.scores[rows])
    for protein in scored.codes:
        n_others = protein_rows[protein] - pair_rows[scored.unordered_codes]
        others = protein_sum[protein] - pair_sum[scored.unordered_codes]
        total += np.divide(others, n_others, out=np.full(len(scored), mean), where=n_others > 0)
    return total


def other_pairs_auroc(scored: ScoredPairs) -> float:
    """AUROC of ``other_pairs_score``; read it beside the AUROC of the scores themselves.

    Raises:
        UndefinedMetricError: if all pairs have one label.
    """
    return auroc(scored.labels, other_pairs_score(scored))


def _rows_of_proteins(scored: ScoredPairs) -> tuple[np.ndarray, np.ndarray]:
    """A protein and a row for each protein of each row; a self pair gives one entry, not two."""
    left, right = scored.codes
    two = np.flatnonzero(~scored.is_self_pair)
    return np.concatenate([left, right[two]]), np.concatenate([np.arange(len(left)), two])


def _sums(groups: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sum of the scores and number of rows of each group; two arrays, ``(group,)``."""
    return np.bincount(groups, weights=scores), np.bincount(groups)
