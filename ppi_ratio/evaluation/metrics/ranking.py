"""Labelled scores -> their ranking, and the metrics that depend on the ranking alone."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ppi_ratio.evaluation.metrics.scored import UndefinedMetricError, as_finite, as_labels


@dataclass(frozen=True, eq=False)
class Ranking:
    """Labelled rows in falling order of score; tied rows pass a threshold together.

    Attributes:
        order: the rows, highest score first.
        labels: labels in the order of ``order``.
        ends: for each distinct score, the position in ``order`` of the last row with that score.
    """

    order: np.ndarray
    labels: np.ndarray
    ends: np.ndarray

    @classmethod
    def of(cls, labels: np.ndarray, scores: np.ndarray) -> "Ranking":
        order = np.argsort(-scores, kind="stable")
        return cls(order, labels[order], ends_of_runs(scores[order]))

    @cached_property
    def runs(self) -> np.ndarray:
        """Number of the distinct score of each row, as a position in ``ends``; shape ``(row,)``."""
        runs = np.empty(len(self.order), dtype=np.intp)
        runs[self.order] = np.repeat(np.arange(len(self.ends)), np.diff(self.ends, prepend=-1))
        return runs

    @cached_property
    def is_joint(self) -> np.ndarray:
        """The labels in the order in which the rows were given."""
        labels = np.empty_like(self.labels)
        labels[self.order] = self.labels
        return labels

    def auroc(self, weights: np.ndarray) -> float:
        joint, non_pairs = self.weights_down_to(weights, name="auroc")
        return float(area(joint, non_pairs).sum() / (joint[-1] * non_pairs[-1]))

    def average_precision(self, weights: np.ndarray) -> float:
        joint, non_pairs = self.weights_down_to(weights, name="auprc")
        passed = joint + non_pairs
        precision = np.divide(joint, passed, out=np.zeros_like(passed), where=passed > 0)
        return float(increments(joint) @ precision / joint[-1])

    def joint_among_top(self, n_rows: float, weights: np.ndarray, *, name: str) -> float:
        """Expected weight of interactions among the top rows, with tied rows in random order."""
        joint, non_pairs = self.weights_down_to(weights, name=name)
        return float(np.interp(n_rows, from_zero(joint + non_pairs), from_zero(joint)))

    def share_in_top(self, n_rows: int) -> np.ndarray:
        """Share of each row that is among the top ``n_rows``, in the given order; ``(row,)``."""
        size = np.diff(self.ends, prepend=-1)
        return ((n_rows - (self.ends + 1 - size)) / size).clip(0, 1)[self.runs]

    def joint_share_near(self, n_rows: int) -> float:
        """Share of interactions within 2 √n_rows ranks of rank ``n_rows``, on both sides."""
        width = 2 * np.sqrt(n_rows)
        first, last = np.clip([n_rows - width, n_rows + width], 0, len(self.order))
        joint, _ = cumulative_weights(self.labels, np.ones(len(self.order)), self.ends)
        found = np.interp([first, last], from_zero(self.ends + 1), from_zero(joint))
        return float((found[1] - found[0]) / (last - first))

    def auroc_influence(self) -> tuple[float, np.ndarray]:
        """AUROC and its derivatives by the weight of each row, at weights of 1."""
        joint, non_pairs = self.weights_down_to(np.ones(len(self.order)), name="auroc")
        above = (joint - increments(joint) / 2) / joint[-1]
        below = 1 - (non_pairs - increments(non_pairs) / 2) / non_pairs[-1]
        value = float(increments(joint) @ below / joint[-1])
        of_joint, of_others = (below - value) / joint[-1], (above - value) / non_pairs[-1]
        return value, np.where(self.is_joint, of_joint[self.runs], of_others[self.runs])

    def average_precision_influence(self) -> tuple[float, np.ndarray]:
        """Average precision and its derivatives by the weight of each row, at weights of 1."""
        joint, non_pairs = self.weights_down_to(np.ones(len(self.order)), name="auprc")
        gain, passed = increments(joint) / joint[-1], joint + non_pairs
        precision = joint / passed
        average = float(gain @ precision)
        # A row contributes to the precision at its own score and at all lower scores.
        lowered = _sum_from_here(gain * precision / passed)
        raised = (precision - average) / joint[-1] + _sum_from_here(gain / passed)
        return average, np.where(self.is_joint, raised[self.runs], 0) - lowered[self.runs]

    def weights_down_to(self, weights: np.ndarray, *, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Weight of interactions and of non-pairs at or above each distinct score.

        Raises:
            UndefinedMetricError: names the metric ``name``, if one label has no weight.
        """
        joint, non_pairs = cumulative_weights(self.labels, weights[self.order], self.ends)
        for weight, missing in ((joint[-1], "interactions"), (non_pairs[-1], "non-pairs")):
            if not weight > 0:
                raise UndefinedMetricError(
                    f"{name} is undefined without {missing}: none of {len(self.order)} pairs "
                    "(of positive weight) is one"
                )
        return joint, non_pairs


def auroc(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Area under the ROC curve; ties count half.

    Raises:
        UndefinedMetricError: if all pairs of positive weight have one label.
    """
    labels, scores, weights = _weighted_rows(labels, scores, weights)
    return Ranking.of(labels, scores).auroc(weights)


def average_precision(
    labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None
) -> float:
    """Average precision (AUPRC): precision at each distinct score, weighted by the gain in recall.

    Raises:
        UndefinedMetricError: if all pairs of positive weight have one label.
    """
    labels, scores, weights = _weighted_rows(labels, scores, weights)
    return Ranking.of(labels, scores).average_precision(weights)


def ends_of_runs(*keys: np.ndarray) -> np.ndarray:
    """Last position of each run of rows with equal keys."""
    changes = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return np.append(np.flatnonzero(changes), len(keys[0]) - 1)


def cumulative_weights(
    labels: np.ndarray, weights: np.ndarray, ends: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Weight of interactions and of non-pairs up to the end of each run."""
    joint = np.where(labels, weights, 0.0).cumsum()[ends]
    non_pairs = np.where(labels, 0.0, weights).cumsum()[ends]
    return joint, non_pairs


def increments(cumulative: np.ndarray) -> np.ndarray:
    """What each run adds to a running sum."""
    return np.diff(cumulative, prepend=0)


def area(joint: np.ndarray, non_pairs: np.ndarray) -> np.ndarray:
    """Area that each distinct score adds under the unscaled ROC curve, by trapezoids."""
    return increments(non_pairs) * (joint - increments(joint) / 2)


def from_zero(cumulative: np.ndarray) -> np.ndarray:
    """A running sum with a leading 0, for interpolation."""
    return np.concatenate([[0.0], cumulative])


def _sum_from_here(terms: np.ndarray) -> np.ndarray:
    return terms[::-1].cumsum()[::-1]


def _weighted_rows(
    labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    labels, scores = as_labels(labels), as_finite(scores)
    weights = np.ones(len(labels)) if weights is None else np.asarray(weights, dtype=float)
    if not (labels.shape == scores.shape == weights.shape == (labels.size,) and labels.size):
        raise ValueError(
            "labels, scores and weights need one axis, one length and at least one row, got "
            f"{labels.shape}, {scores.shape} and {weights.shape}"
        )
    if not (weights >= 0).all():
        raise ValueError(f"weights must not be negative, got {weights.min()}")
    return labels, scores, weights
