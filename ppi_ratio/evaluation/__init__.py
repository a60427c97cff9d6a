"""Evaluation: a model and labelled pairs -> tidy tables of metrics with intervals."""

from ppi_ratio.evaluation.baselines import BASELINES
from ppi_ratio.evaluation.metrics import METRICS
from ppi_ratio.evaluation.protocols import evaluate

__all__ = ["BASELINES", "METRICS", "evaluate"]
