"""Training degrees, or the labels themselves -> scores by protein identity, without vectors."""

from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field
from pydantic.dataclasses import dataclass
from sklearn.model_selection import KFold

from ppi_ratio.errors import InputError
from ppi_ratio.evaluation.baselines.task import BaselineTask, Need
from ppi_ratio.evaluation.metrics import as_labels
from ppi_ratio.model.store import LEFT_DEGREE, RIGHT_DEGREE
from ppi_ratio.objectives.scores import STRICT


@dataclass(frozen=True, config=STRICT)
class Degree:
    """log(1 + degree of left) + log(1 + degree of right), degrees counted in training pairs.

    The score knows only which proteins are well studied. In directed pairs a protein has one
    degree as left and one as right. Among pairs of unseen proteins (C3) the score is constant.
    """

    needs: ClassVar[frozenset[Need]] = frozenset()
    name: Literal["degree"] = "degree"

    def score(self, task: BaselineTask) -> np.ndarray:
        left = task.degrees_of(LEFT_DEGREE, task.candidates.left)
        right = task.degrees_of(RIGHT_DEGREE, task.candidates.right)
        return np.log1p(left.astype(float)) + np.log1p(right.astype(float))


@dataclass(frozen=True, config=STRICT)
class Identity:
    """How well can the labels be guessed from protein identities alone?

    This baseline diagnoses the data: it reads the labels that it is judged by, on purpose. The
    candidates are divided into ``n_folds`` folds. For each fold, the other folds give
    f(p) = (interactions of p + base rate) / (pairs of p + 1) of every protein p. A pair in the
    fold scores log f(left) + log f(right). An AUROC well above 1/2 means that labels follow from
    which proteins are in a pair. On D-SCRIPT's test sets the AUROC is 0.90 to 0.97.

    Attributes:
        n_folds: folds of the candidates, at least 2.
        seed: seed of the folds.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({Need.LABELS})
    name: Literal["identity"] = "identity"
    n_folds: Annotated[int, Field(ge=2)] = 5
    seed: int = 0

    def score(self, task: BaselineTask) -> np.ndarray:
        labels = self._labels(task)
        ids = np.concatenate([task.candidates.left, task.candidates.right])
        codes, distinct = pd.factorize(ids)
        left, right = np.split(codes, 2)
        scores = np.empty(len(labels))
        folds = KFold(self.n_folds, shuffle=True, random_state=self.seed)
        for counted, scored in folds.split(labels):
            sides = left[counted], right[counted]
            n_joint = _pairs_of_each(sides, len(distinct), weights=labels[counted])
            n_pairs = _pairs_of_each(sides, len(distinct))
            log_share = np.log((n_joint + labels.mean()) / (n_pairs + 1))
            scores[scored] = log_share[left[scored]] + log_share[right[scored]]
        return scores

    def _labels(self, task: BaselineTask) -> np.ndarray:
        task.check(self)
        labels = as_labels(np.asarray(task.labels))
        if labels.shape != task.candidates.left.shape:
            raise ValueError(
                f"labels of shape {labels.shape} for {len(task.candidates)} candidates; give one "
                "label per candidate"
            )
        if len(labels) < self.n_folds or not labels.any():
            raise InputError(
                f"the identity baseline needs at least {self.n_folds} candidates and one "
                f"interaction among them, got {len(labels)} candidates with {int(labels.sum())} "
                "interactions"
            )
        return labels


def _pairs_of_each(
    sides: tuple[np.ndarray, np.ndarray], n_proteins: int, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Number, or total weight, of the pairs of each protein; a self pair counts once."""
    left, right = sides
    other = left != right
    return np.bincount(left, weights, n_proteins) + np.bincount(
        right[other], None if weights is None else weights[other], n_proteins
    )
