"""Scored pairs -> ROC and precision-recall curves with few enough points to draw."""

from typing import NamedTuple

import numpy as np
from sklearn import metrics as sklearn_metrics

from ppi_ratio.evaluation.metrics.areas import AUPRC, AUROC
from ppi_ratio.evaluation.metrics.scored import ScoredPairs, value

CURVE_POINTS = 500


class RocCurve(NamedTuple):
    """Shares of non-pairs and of interactions above falling thresholds, and the exact AUROC."""

    false_positive_rate: np.ndarray
    true_positive_rate: np.ndarray
    auroc: float


class PrecisionRecallCurve(NamedTuple):
    """Rising recall, the precision at each recall, and the exact average precision."""

    recall: np.ndarray
    precision: np.ndarray
    average_precision: float


def roc_curve(scored: ScoredPairs, *, max_points: int = CURVE_POINTS) -> RocCurve:
    """The ROC curve with at most ``max_points`` points, evenly along it, and the exact AUROC."""
    area = value(AUROC(), scored)
    false, true, _ = sklearn_metrics.roc_curve(scored.labels, scored.scores)
    kept = _evenly(false + true, max_points)
    return RocCurve(false[kept], true[kept], area)


def pr_curve(scored: ScoredPairs, *, max_points: int = CURVE_POINTS) -> PrecisionRecallCurve:
    """The precision-recall curve with at most ``max_points`` points, evenly in recall."""
    area = value(AUPRC(), scored)
    precision, recall, _ = sklearn_metrics.precision_recall_curve(
        scored.labels, scored.scores, drop_intermediate=True
    )
    kept = _evenly(recall[::-1], max_points)
    return PrecisionRecallCurve(recall[::-1][kept], precision[::-1][kept], area)


def _evenly(position: np.ndarray, n_points: int) -> np.ndarray:
    """Choose at most ``n_points`` indices, evenly over rising positions and with both ends."""
    if len(position) <= n_points:
        return np.arange(len(position))
    targets = np.linspace(position[0], position[-1], n_points)
    kept = np.searchsorted(position, targets)
    return np.unique(np.concatenate([[0], kept[1:-1], [len(position) - 1]]))
