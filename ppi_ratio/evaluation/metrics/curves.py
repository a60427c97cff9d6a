"""Scored pairs -> ROC and precision-recall curves, thinned for drawing."""

from typing import NamedTuple

import numpy as np
from sklearn import metrics as sklearn_metrics

from ppi_ratio.evaluation.metrics.areas import AUPRC, AUROC
from ppi_ratio.evaluation.metrics.scored import ScoredPairs, value

CURVE_POINTS = 500


class RocCurve(NamedTuple):
    """Shares of non-pairs and of joint pairs above falling thresholds, and the exact area."""

    false_positive_rate: np.ndarray
    true_positive_rate: np.ndarray
    auroc: float


class PrecisionRecallCurve(NamedTuple):
    """Recall, rising, the precision that goes with it, and the exact average precision."""

    recall: np.ndarray
    precision: np.ndarray
    average_precision: float


def roc_curve(scored: ScoredPairs, *, max_points: int = CURVE_POINTS) -> RocCurve:
    """The ROC curve, thinned evenly along its length for drawing; its area is not thinned."""
    area = value(AUROC(), scored)
    false, true, _ = sklearn_metrics.roc_curve(scored.labels, scored.scores)
    kept = _evenly(false + true, max_points)
    return RocCurve(false[kept], true[kept], area)


def pr_curve(scored: ScoredPairs, *, max_points: int = CURVE_POINTS) -> PrecisionRecallCurve:
    """Precision against recall, thinned evenly in recall for drawing."""
    area = value(AUPRC(), scored)
    precision, recall, _ = sklearn_metrics.precision_recall_curve(
        scored.labels, scored.scores, drop_intermediate=True
    )
    kept = _evenly(recall[::-1], max_points)
    return PrecisionRecallCurve(recall[::-1][kept], precision[::-1][kept], area)


def _evenly(position: np.ndarray, n_points: int) -> np.ndarray:
    """At most ``n_points`` indices, both ends among them, spread evenly over rising positions."""
    if len(position) <= n_points:
        return np.arange(len(position))
    targets = np.linspace(position[0], position[-1], n_points)
    kept = np.searchsorted(position, targets)
    return np.unique(np.concatenate([[0], kept[1:-1], [len(position) - 1]]))
