"""Baselines: training degrees, vectors or labels -> a score per candidate pair, no ratio learned.

They stand beside every model, since most of what passes for interaction prediction is knowing
which proteins are studied much. The order of ``BASELINES`` is the order of reports.
"""

import dataclasses
from collections.abc import Iterator
from typing import Annotated, Literal, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from pydantic import Field
from pydantic.dataclasses import dataclass
from sklearn.model_selection import KFold

from ppi_ratio.evaluation.metrics import as_labels
from ppi_ratio.model import LEFT_DEGREE, RIGHT_DEGREE
from ppi_ratio.objectives.scores import STRICT

BLOCK_SIZE = 4096  # pairs or proteins whose vectors are in memory at once


@runtime_checkable
class VectorLookup(Protocol):
    """Vectors of proteins, read when asked for."""

    def rows(self, ids: np.ndarray) -> np.ndarray:
        """Row of each id, -1 where it has no vector; int64."""
        ...

    def matrix(self, rows: np.ndarray) -> np.ndarray:
        """Vectors of these rows, ``(row, dim)``, float32."""
        ...


@dataclasses.dataclass(frozen=True, eq=False)
class IdPairs:
    """Pairs of protein ids; both arrays have shape ``(pair,)``."""

    left: np.ndarray
    right: np.ndarray

    def __post_init__(self) -> None:
        if not self.left.shape == self.right.shape == (self.left.size,):
            raise ValueError(
                "pairs need two one-axis arrays of one length, got "
                f"{self.left.shape} and {self.right.shape}"
            )

    def __len__(self) -> int:
        return len(self.left)


@dataclasses.dataclass(frozen=True, eq=False)
class BaselineTask:
    """What a baseline may look at; each takes what it needs.

    Attributes:
        degrees: number of joint training pairs of each training protein, indexed by id; columns
            ``left_degree`` and ``right_degree``, which are alike if pairs are undirected.
        candidates: the pairs to score.
        directed: whether left and right are roles.
        labels: True where a candidate is a joint pair. Only ``Identity`` reads it.
        vectors: the vectors that a model beside it reads.
    """

    degrees: pd.DataFrame
    candidates: IdPairs
    directed: bool
    labels: np.ndarray | None = None
    vectors: VectorLookup | None = None

    def __post_init__(self) -> None:
        if not self.degrees.index.is_unique:
            twice = self.degrees.index[self.degrees.index.duplicated()][0]
            raise ValueError(f"the degrees name {twice} more than once")
        left, right = self.degrees[LEFT_DEGREE], self.degrees[RIGHT_DEGREE]
        if not self.directed and not np.array_equal(left, right):
            raise ValueError("a protein of undirected pairs has one degree, not one for each side")


@runtime_checkable
class Baseline(Protocol):
    """Scores pairs without learning which vectors go together."""

    @property
    def name(self) -> str: ...

    def score(self, task: BaselineTask) -> np.ndarray:
        """Higher means more likely joint; shape ``(pair,)``, finite, on no particular scale.

        Raises:
            ValueError: if the task lacks what this baseline needs.
        """
        ...


@dataclass(frozen=True, config=STRICT)
class Degree:
    """log(1 + degree of left) + log(1 + degree of right), degrees counted in training pairs.

    In directed pairs a protein has one degree as left and one as right. It knows which proteins
    are studied much and nothing else; among pairs of unseen proteins (C3) it is constant.
    """

    name: Literal["degree"] = "degree"

    def score(self, task: BaselineTask) -> np.ndarray:
        left = task.degrees[LEFT_DEGREE].reindex(task.candidates.left, fill_value=0)
        right = task.degrees[RIGHT_DEGREE].reindex(task.candidates.right, fill_value=0)
        return np.log1p(left.to_numpy(dtype=float)) + np.log1p(right.to_numpy(dtype=float))


@dataclass(frozen=True, config=STRICT)
class Cosine:
    """Cosine of the two raw vectors, centred by the mean over distinct training proteins.

    Says how alike the two are, hence what homodimers, paralogs and shared composition give away.
    Training proteins without a vector are left out of the mean; if none has one, it is that of
    the candidates' proteins. A vector that is the mean itself has cosine 0 with every other.
    """

    name: Literal["cosine"] = "cosine"

    def score(self, task: BaselineTask) -> np.ndarray:
        vectors = task.vectors
        if vectors is None:
            raise ValueError("the cosine baseline needs vectors, the task has none")
        left, right = (_rows(vectors, ids) for ids in (task.candidates.left, task.candidates.right))
        training = vectors.rows(task.degrees.index.to_numpy())
        training = training[training >= 0]
        mean = _mean_vector(vectors, training if training.size else np.append(left, right))
        cosines = np.empty(len(task.candidates))
        for block in _blocks(len(task.candidates)):
            rows, places = np.unique(
                np.concatenate([left[block], right[block]]), return_inverse=True
            )
            directions = _directions(vectors.matrix(rows) - mean)
            ours, theirs = (directions[side] for side in np.split(places, 2))
            cosines[block] = np.einsum("pd,pd->p", ours, theirs)
        return cosines


@dataclass(frozen=True, config=STRICT)
class Identity:
    """How often each protein is joint among the *other labelled candidates*, and nothing else.

    It reads the labels it is judged by, on purpose: it is no predictor, it diagnoses the data.
    In each of ``n_folds`` folds of the candidates, f(p) = (joint pairs of p + base rate) /
    (pairs of p + 1) is counted in the other folds and a pair scores log f(left) + log f(right).
    An AUROC well above 1/2 means that the labels can be told from who is in a pair, not from
    whether the two fit: on D-SCRIPT's test sets it is 0.90 to 0.97.
    """

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
        if task.labels is None:
            raise ValueError("the identity baseline needs labels of the candidates, it has none")
        labels = as_labels(task.labels)
        if labels.shape != task.candidates.left.shape:
            raise ValueError(f"{labels.shape} labels for {len(task.candidates)} candidates")
        if len(labels) < self.n_folds or not labels.any():
            raise ValueError(
                f"the identity baseline needs at least {self.n_folds} candidates and a joint pair "
                f"among them, got {len(labels)} with {int(labels.sum())} joint"
            )
        return labels


BASELINES: dict[str, type[Baseline]] = {
    "degree": Degree,
    "cosine": Cosine,
    "identity": Identity,
}


def _pairs_of_each(
    sides: tuple[np.ndarray, np.ndarray], n_proteins: int, *, weights: np.ndarray | None = None
) -> np.ndarray:
    """Number (or weight) of pairs that each protein is in, a self pair counting once."""
    left, right = sides
    other = left != right
    return np.bincount(left, weights, n_proteins) + np.bincount(
        right[other], None if weights is None else weights[other], n_proteins
    )


def _rows(vectors: VectorLookup, ids: np.ndarray) -> np.ndarray:
    rows = vectors.rows(ids)
    missing = np.unique(ids[rows < 0])
    if missing.size:
        raise ValueError(
            f"{missing.size} of {np.unique(ids).size} proteins have no vector, e.g. {missing[0]}; "
            "leave out their pairs or embed their sequences first"
        )
    return rows


def _mean_vector(vectors: VectorLookup, rows: np.ndarray) -> np.ndarray:
    rows = np.unique(rows)
    blocks = (vectors.matrix(rows[block]) for block in _blocks(len(rows)))
    sums = [block.sum(axis=0, dtype=np.float64) for block in blocks]
    return (np.sum(sums, axis=0) / len(rows)).astype(np.float32)


def _directions(matrix: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.divide(matrix, lengths, out=np.zeros_like(matrix), where=lengths > 0)


def _blocks(length: int) -> Iterator[slice]:
    return (slice(start, start + BLOCK_SIZE) for start in range(0, length, BLOCK_SIZE))
