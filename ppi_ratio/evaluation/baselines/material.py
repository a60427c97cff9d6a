"""A task -> what the learning baselines learn from: labelled pairs, standardised vectors."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split

from ppi_ratio.evaluation.baselines.task import (
    MIN_NON_PAIRS,
    Baseline,
    BaselineTask,
    IdPairs,
    known_rows,
)
from ppi_ratio.model.scoring import Standardisation
from ppi_ratio.pairs import LABEL, LEFT, RIGHT, PairTable, draw_non_pairs, labelled_table
from ppi_ratio.pairs.table import union
from ppi_ratio.sequences import IdIndex

HELD_OUT = 0.1  # share of the training pairs or proteins that tells when to stop


class RowPairs(NamedTuple):
    """Pairs as rows of a matrix; both arrays have shape ``(pair,)``."""

    left: np.ndarray
    right: np.ndarray


@dataclass(frozen=True, eq=False)
class Material:
    """Pairs to learn from and pairs to score, as rows of one matrix.

    Attributes:
        vectors: of every protein that a pair names, ``(protein, dim)``, float32; each entry has
            mean 0 and standard deviation 1 over the training proteins.
        trained: rows of the training proteins, sorted.
        training: the pairs of the table it was made from, in its order.
        candidates: the pairs to score.
        directed: whether left and right are roles.
    """

    vectors: np.ndarray
    trained: np.ndarray
    training: RowPairs
    candidates: RowPairs
    directed: bool

    @classmethod
    def of(cls, task: BaselineTask, table: PairTable) -> "Material":
        """Read the vectors of training pairs and candidates.

        Raises:
            ValueError: if a protein has no vector.
        """
        assert task.vectors is not None
        ids = task.candidates.left, task.candidates.right
        ids = *(table.frame[side].to_numpy() for side in (LEFT, RIGHT)), *ids
        sides = [known_rows(task.vectors, side) for side in ids]
        distinct, places = np.unique(np.concatenate(sides), return_inverse=True)
        left, right, *candidates = np.split(places, np.cumsum([len(side) for side in sides])[:-1])
        trained = np.union1d(left, right)
        matrix = torch.from_numpy(task.vectors.matrix(distinct))
        standardise = Standardisation.of(matrix[trained])
        return cls(
            standardise(matrix).numpy(),
            trained,
            RowPairs(left, right),
            RowPairs(*candidates),
            table.directed,
        )

    def components(self, count: int, *, seed: int) -> np.ndarray:
        """Principal components by the training proteins; ``(protein, at most count)``, float32."""
        trained = self.vectors[self.trained]
        analysis = PCA(min(count, *trained.shape), svd_solver="randomized", random_state=seed)
        return analysis.fit(trained).transform(self.vectors).astype(np.float32)


def joint_training(task: BaselineTask, baseline: Baseline) -> PairTable:
    """The joint training pairs that have vectors.

    Raises:
        ValueError: if there are too few.
    """
    task.check(baseline)
    assert task.learnable is not None
    return task.learnable.joint


def labelled_training(task: BaselineTask, baseline: Baseline, *, seed: int) -> PairTable:
    """The same with their labelled non-pairs, or with as many drawn by the law of the task.

    Raises:
        ValueError: if there are too few joint pairs, or hardly a non-pair can be drawn.
    """
    joint = joint_training(task, baseline)
    assert task.learnable is not None
    if not task.draws_non_pairs:
        return task.learnable
    drawn = union(
        [
            draw_non_pairs(joint.select(rows), law=task.law, per_joint=1, known=None, seed=seed)
            for rows in task.parts(joint)
        ],
        name=joint.name,
    )
    if len(drawn) < MIN_NON_PAIRS:
        raise ValueError(
            f"{joint.name}: nearly every pair of its proteins is joint, so that the "
            f"{baseline.name} baseline has no non-pairs to learn from; label some"
        )
    return labelled_table(joint, drawn)


def is_joint(table: PairTable) -> np.ndarray:
    """True where a pair of the table is joint, ``(pair,)``."""
    if not table.is_labelled:
        return np.ones(len(table), dtype=bool)
    return table.frame[LABEL].to_numpy() == 1


def held_out(table: PairTable, candidates: IdPairs, *, seed: int) -> np.ndarray:
    """True for the training pairs to stop by, ``(pair,)``; they are to training as candidates are.

    A tenth of the pairs if most candidates have two training proteins. Else the pairs of a tenth
    of the proteins: pairs of proteins known from training would let a network learn them by heart.
    """
    left, right, ids = table.coded
    labels = is_joint(table)
    index = IdIndex(ids)
    known = [index.rows(side) >= 0 for side in (candidates.left, candidates.right)]
    n_known = np.logical_and(*known).sum()
    if n_known <= len(candidates) / 2:
        new = np.random.default_rng(seed).random(len(ids)) < HELD_OUT
        chosen = new[left] | new[right]
        if chosen.mean() < 1 / 2 and _all_labels(labels, chosen) and _all_labels(labels, ~chosen):
            return chosen
    rows = np.arange(len(table))
    _, stopping = train_test_split(rows, test_size=HELD_OUT, stratify=labels, random_state=seed)
    return np.isin(rows, stopping)


def _all_labels(labels: np.ndarray, chosen: np.ndarray) -> bool:
    return set(labels[chosen].tolist()) == set(labels.tolist())
