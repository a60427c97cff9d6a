"""Scored, labelled pairs -> metrics, curves, and intervals that allow for shared proteins.

A score is any number that should be higher for interactions than for non-pairs. ``METRICS``
depend only on the order of scores and apply to every scorer. ``CALIBRATION_METRICS`` need log
ratios. Reports list metrics in the order of these two dicts.
"""

from collections.abc import Callable
from functools import partial

from ppi_ratio.evaluation.metrics.areas import AUPRC, AUROC
from ppi_ratio.evaluation.metrics.calibration import (
    CalibrationSlope,
    ExpectedCalibrationError,
    ReliabilityCurve,
    reliability_curve,
)
from ppi_ratio.evaluation.metrics.curves import (
    PrecisionRecallCurve,
    RocCurve,
    pr_curve,
    roc_curve,
)
from ppi_ratio.evaluation.metrics.influence import Influence, MetricWithInfluence
from ppi_ratio.evaluation.metrics.intervals import Interval, interval
from ppi_ratio.evaluation.metrics.losses import BrierScore, BrierSkill, LogLoss
from ppi_ratio.evaluation.metrics.other_pairs import other_pairs_auroc, other_pairs_score
from ppi_ratio.evaluation.metrics.partners import (
    PartnerRanking,
    PerProteinAUROC,
    per_protein_auroc,
)
from ppi_ratio.evaluation.metrics.ranking import Ranking, auroc, average_precision
from ppi_ratio.evaluation.metrics.retrieval import PrecisionAtK, RecallAtTop, RPrecision
from ppi_ratio.evaluation.metrics.scored import (
    Metric,
    ScoredPairs,
    UndefinedMetricError,
    as_labels,
    value,
)
from ppi_ratio.evaluation.metrics.seeds import (
    Difference,
    paired_seed_difference,
    seed_interval,
)

METRICS: dict[str, Callable[[], Metric]] = {
    "auroc": AUROC,
    "auprc": AUPRC,
    "per_protein_auroc": PerProteinAUROC,
    "precision_at_100": partial(PrecisionAtK, k=100),
    "r_precision": RPrecision,
    "recall_at_top_1": partial(RecallAtTop, percent=1),
    "recall_at_top_5": partial(RecallAtTop, percent=5),
    "recall_at_top_20": partial(RecallAtTop, percent=20),
}
"""Metrics by name; each asks only for the order of the scores, so every scorer has them.

The area under the ROC curve (``auroc``) is the probability that an interaction outranks a
non-pair. ``per_protein_auroc`` is its mean over proteins, each among its own pairs.

Examples:
    >>> import numpy as np
    >>> import ppi_ratio as pr
    >>> from ppi_ratio.evaluation.metrics import ScoredPairs, value
    >>> left, right = np.array(["A", "A", "B", "B"]), np.array(["C", "D", "C", "D"])
    >>> labels, scores = np.array([1, 0, 1, 0]), np.array([2.0, 1.0, 0.5, 0.1])
    >>> value(pr.METRICS["auroc"](), ScoredPairs(left, right, labels, scores))
    0.75
"""
CALIBRATION_METRICS: dict[str, Callable[[], Metric]] = {
    "ece": ExpectedCalibrationError,
    "calibration_slope": CalibrationSlope,
    "brier_score": BrierScore,
    "brier_skill": BrierSkill,
    "log_loss": LogLoss,
}


def metrics_for(*, calibrated: bool) -> dict[str, Callable[[], Metric]]:
    """The metrics of a scorer; calibration metrics only if its scores are log ratios."""
    return METRICS | CALIBRATION_METRICS if calibrated else METRICS


__all__ = [
    "AUPRC",
    "AUROC",
    "CALIBRATION_METRICS",
    "METRICS",
    "BrierScore",
    "BrierSkill",
    "CalibrationSlope",
    "Difference",
    "ExpectedCalibrationError",
    "Influence",
    "Interval",
    "LogLoss",
    "Metric",
    "MetricWithInfluence",
    "PartnerRanking",
    "PerProteinAUROC",
    "PrecisionAtK",
    "PrecisionRecallCurve",
    "RPrecision",
    "Ranking",
    "RecallAtTop",
    "ReliabilityCurve",
    "RocCurve",
    "ScoredPairs",
    "UndefinedMetricError",
    "as_labels",
    "auroc",
    "average_precision",
    "interval",
    "metrics_for",
    "other_pairs_auroc",
    "other_pairs_score",
    "paired_seed_difference",
    "per_protein_auroc",
    "pr_curve",
    "reliability_curve",
    "roc_curve",
    "seed_interval",
    "value",
]
