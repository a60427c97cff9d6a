"""Arrays of ids, labels and scores -> validated pairs that metrics can be computed on.

Where a metric is undefined it raises ``UndefinedMetricError``; no metric is ever NaN.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np
import pandas as pd

from ppi_ratio.errors import InputError
from ppi_ratio.model.probability import against_non_pairs


class UndefinedMetricError(InputError):
    """The metric is undefined on these pairs, for example because all are interactions."""


@dataclass(frozen=True, eq=False)
class ScoredPairs:
    """Labelled pairs with one score each; a repeated pair counts as often as it is listed.

    Attributes:
        left: ids of the left proteins, integers or strings; shape ``(pair,)``, as all others.
        right: ids of the right proteins, in the same namespace as ``left``.
        labels: True for an interaction, False for a non-pair; 0 and 1 are accepted.
        scores: finite; a higher score means more likely an interaction.
        shares: if scores are log ratios against *all* pairs, the share of these that interacts, a
            number or one for each pair; 0 if they are ratios against non-pairs. Calibration
            metrics alone read it; see ``model.probability``.
    """

    left: np.ndarray
    right: np.ndarray
    labels: np.ndarray
    scores: np.ndarray
    shares: np.ndarray | float = 0.0

    def __post_init__(self) -> None:
        shapes = {
            name: np.shape(getattr(self, name)) for name in ("left", "right", "labels", "scores")
        }
        if len(set(shapes.values())) > 1 or len(shapes["left"]) != 1:
            raise ValueError(f"scored pairs need one-axis arrays of one length, got {shapes}")
        if not len(self.left):
            raise InputError("no scored pairs; a metric needs interactions and non-pairs")
        object.__setattr__(self, "labels", as_labels(self.labels))
        object.__setattr__(self, "scores", as_finite(self.scores))

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def n_joint(self) -> int:
        return int(self.labels.sum())

    @property
    def prevalence(self) -> float:
        """Share of interactions, which is also the AUPRC of an uninformative score."""
        return float(self.labels.mean())

    @cached_property
    def against_non_pairs(self) -> np.ndarray:
        """Log ratios against non-pairs, of scores that are log ratios; in nats, ``(pair,)``."""
        return against_non_pairs(self.scores, self.shares)

    @cached_property
    def _coded(self) -> tuple[np.ndarray, np.ndarray]:
        # Sorted, so that a seed draws the same proteins for every order of the rows.
        codes, ids = pd.factorize(np.concatenate([self.left, self.right]), sort=True)
        if (codes < 0).any():
            raise ValueError(
                f"{int((codes < 0).sum())} ids of scored pairs are missing values; "
                "leave out their pairs"
            )
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
    def unordered_codes(self) -> np.ndarray:
        """Code from 0 of each pair, equal for both orders of its two proteins; ``(pair,)``."""
        low, high = np.minimum(*self.codes), np.maximum(*self.codes)
        _, numbers = np.unique(low * self.n_proteins + high, return_inverse=True)
        return numbers

    def pair_weights(self, multiplicity: np.ndarray) -> np.ndarray:
        """How often each pair occurs if its proteins occur ``multiplicity`` times; ``(pair,)``."""
        left, right = (multiplicity[codes] for codes in self.codes)
        return np.where(self.is_self_pair, left, left * right)


@runtime_checkable
class Metric(Protocol):
    """A number that says how well scores separate interactions from non-pairs."""

    @property
    def name(self) -> str: ...

    def prepare(self, scored: ScoredPairs) -> Callable[[np.ndarray], float]:
        """Sort the pairs once; return the metric as a function of protein multiplicities.

        The function takes one number of at least 0 per protein code, shape ``(protein,)``. It
        raises ``UndefinedMetricError`` where the metric is undefined.
        """
        ...


def value(metric: Metric, scored: ScoredPairs) -> float:
    """The metric of the pairs, where each pair counts once.

    Raises:
        UndefinedMetricError: if the metric is undefined on these pairs.
    """
    return metric.prepare(scored)(np.ones(scored.n_proteins))


def as_labels(labels: np.ndarray) -> np.ndarray:
    """Convert labels to booleans.

    Raises:
        InputError: if a label is neither 0 nor 1.
    """
    labels = np.asarray(labels)
    if labels.dtype == bool:
        return labels
    strange = labels[(labels != 0) & (labels != 1)]
    if strange.size:
        raise InputError(f"labels are 1 (interaction) or 0 (non-pair), got {strange[0]}")
    return labels.astype(bool)


def as_finite(scores: np.ndarray) -> np.ndarray:
    """Convert scores to floats.

    Raises:
        InputError: if a score is infinite or missing.
    """
    scores = np.asarray(scores, dtype=float)
    n_bad = int((~np.isfinite(scores)).sum())
    if n_bad:
        raise InputError(
            f"{n_bad} of {scores.size} scores are not finite; leave out pairs without a score first"
        )
    return scores
