"""Scored, labelled pairs -> numbers, curves, and intervals that allow for shared proteins.

A score is any number that should be higher for joint pairs than for non-pairs. ``METRICS``
depend on its order only, so they are asked of every scorer; ``CALIBRATION_METRICS`` need log
ratios. The order of the two is the order of reports.
"""

from collections.abc import Callable
from functools import partial

from ppi_ratio.evaluation.metrics.areas import AUPRC, AUROC
from ppi_ratio.evaluation.metrics.bootstrap import Resamples, bootstrap
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
from ppi_ratio.evaluation.metrics.intervals import (
    Difference,
    Interval,
    interval,
    paired_difference,
)
from ppi_ratio.evaluation.metrics.losses import BrierScore, BrierSkill, LogLoss
from ppi_ratio.evaluation.metrics.other_pairs import other_pairs_auroc, other_pairs_score
from ppi_ratio.evaluation.metrics.partners import (
    PartnerRanking,
    PerProteinAUROC,
    per_protein_auroc,
)
from ppi_ratio.evaluation.metrics.probabilities import recalibrated
from ppi_ratio.evaluation.metrics.ranking import Ranking, auroc, average_precision
from ppi_ratio.evaluation.metrics.retrieval import PrecisionAtK, RecallAtTop, RPrecision
from ppi_ratio.evaluation.metrics.scored import (
    Metric,
    ScoredPairs,
    UndefinedMetricError,
    as_labels,
    value,
)
from ppi_ratio.evaluation.metrics.seeds import paired_seed_difference, seed_interval

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
CALIBRATION_METRICS: dict[str, Callable[[], Metric]] = {
    "ece": ExpectedCalibrationError,
    "calibration_slope": CalibrationSlope,
    "brier_score": BrierScore,
    "brier_skill": BrierSkill,
    "log_loss": LogLoss,
}


def metrics_for(*, calibrated: bool) -> dict[str, Callable[[], Metric]]:
    """What may be asked of a scorer: calibration only of one whose scores are log ratios."""
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
    "Resamples",
    "RocCurve",
    "ScoredPairs",
    "UndefinedMetricError",
    "as_labels",
    "auroc",
    "average_precision",
    "bootstrap",
    "interval",
    "metrics_for",
    "other_pairs_auroc",
    "other_pairs_score",
    "paired_difference",
    "paired_seed_difference",
    "per_protein_auroc",
    "pr_curve",
    "recalibrated",
    "reliability_curve",
    "roc_curve",
    "seed_interval",
    "value",
]
