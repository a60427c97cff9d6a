"""Arrays of ids, labels and scores -> validated pairs that a metric can be asked of.

A metric that a set of pairs does not determine raises ``UndefinedMetricError``, it is never NaN.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np
import pandas as pd


class UndefinedMetricError(ValueError):
    """The pairs at hand do not determine the metric, e.g. all of them are joint."""


@dataclass(frozen=True, eq=False)
class ScoredPairs:
    """Labelled pairs with one score each; repeated pairs count as often as they are listed.

    Attributes:
        left: ids of the left proteins, integers or strings; shape ``(pair,)``, as all others.
        right: ids of the right proteins, of the same name space as ``left``.
        labels: True for a joint pair, False for a non-pair; 0 and 1 are accepted.
        scores: higher means more likely joint; finite.
    """

    left: np.ndarray
    right: np.ndarray
    labels: np.ndarray
    scores: np.ndarray

    def __post_init__(self) -> None:
        shapes = {
            name: np.shape(getattr(self, name)) for name in ("left", "right", "labels", "scores")
        }
        if len(set(shapes.values())) > 1 or len(shapes["left"]) != 1:
            raise ValueError(f"scored pairs need one-axis arrays of one length, got {shapes}")
        if not len(self.left):
            raise ValueError("no scored pairs; a metric needs joint pairs and non-pairs")
        object.__setattr__(self, "labels", as_labels(self.labels))
        object.__setattr__(self, "scores", as_finite(self.scores))

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def n_joint(self) -> int:
        return int(self.labels.sum())

    @property
    def prevalence(self) -> float:
        """Share of joint pairs: the AUPRC of a score without information."""
        return float(self.labels.mean())

    @cached_property
    def _coded(self) -> tuple[np.ndarray, np.ndarray]:
        # Sorted, so that one seed draws the same proteins whatever the order of the rows.
        codes, ids = pd.factorize(np.concatenate([self.left, self.right]), sort=True)
        if (codes < 0).any():
            raise ValueError(f"{int((codes < 0).sum())} ids of scored pairs are missing values")
        return codes, np.asarray(ids)

    @cached_property
    def codes(self) -> tuple[np.ndarray, np.ndarray]:
        """Left and right proteins as positions in ``ids``."""
        left, right = np.split(self._coded[0], 2)
        return left, right

    @property
    def ids(self) -> np.ndarray:
        """The distinct ids, sorted; shape ``(protein,)``."""
        return self._coded[1]

    @property
    def n_proteins(self) -> int:
        return len(self.ids)

    @cached_property
    def is_self_pair(self) -> np.ndarray:
        left, right = self.codes
        return left == right

    @cached_property
    def couples(self) -> np.ndarray:
        """Number from 0 of the two proteins of each pair, whichever of them is left."""
        low, high = np.minimum(*self.codes), np.maximum(*self.codes)
        _, numbers = np.unique(low * self.n_proteins + high, return_inverse=True)
        return numbers

    def pair_weights(self, multiplicity: np.ndarray) -> np.ndarray:
        """How often each pair is in a sample that holds its proteins so often; ``(pair,)``."""
        left, right = (multiplicity[codes] for codes in self.codes)
        return np.where(self.is_self_pair, left, left * right)


@runtime_checkable
class Metric(Protocol):
    """A number that says how well scores tell joint pairs from non-pairs."""

    @property
    def name(self) -> str: ...

    def prepare(self, scored: ScoredPairs) -> Callable[[np.ndarray], float]:
        """The metric as a function of how often each protein counts; sorts once.

        The function takes numbers by protein code, not negative, shape ``(protein,)``, and raises
        ``UndefinedMetricError`` where they do not determine the metric.
        """
        ...


def value(metric: Metric, scored: ScoredPairs) -> float:
    """The metric of the pairs as they are."""
    return metric.prepare(scored)(np.ones(scored.n_proteins))


def as_labels(labels: np.ndarray) -> np.ndarray:
    """Labels as booleans.

    Raises:
        ValueError: if one is neither 0 nor 1.
    """
    labels = np.asarray(labels)
    if labels.dtype == bool:
        return labels
    strange = labels[(labels != 0) & (labels != 1)]
    if strange.size:
        raise ValueError(f"labels are 1 (joint) or 0 (non-pair), got {strange[0]}")
    return labels.astype(bool)


def as_finite(scores: np.ndarray) -> np.ndarray:
    """Scores as floats.

    Raises:
        ValueError: if one is infinite or missing.
    """
    scores = np.asarray(scores, dtype=float)
    n_bad = int((~np.isfinite(scores)).sum())
    if n_bad:
        raise ValueError(
            f"{n_bad} of {scores.size} scores are not finite; leave out pairs without a score first"
        )
    return scores
