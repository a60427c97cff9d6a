"""Vectors of training pairs and candidates -> one standardised matrix, and pairs of rows."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from sklearn.decomposition import PCA

from ppi_ratio.evaluation.baselines.task import BaselineTask, known_rows
from ppi_ratio.model.scoring import Standardisation
from ppi_ratio.pairs import LEFT, RIGHT, PairTable


class RowPairs(NamedTuple):
    """Pairs as rows of a matrix; both arrays have shape ``(pair,)``."""

    left: np.ndarray
    right: np.ndarray


@dataclass(frozen=True, eq=False)
class PairFeatures:
    """Standardised vectors, with the training pairs and the candidates as pairs of rows.

    Attributes:
        vectors: one row per protein of any pair, ``(protein, dim)``, float32. Each column has
            mean 0 and standard deviation 1 over the training proteins.
        trained: rows of the training proteins, sorted.
        training: the training pairs, in the order of their table.
        candidates: the pairs to score.
        directed: True where left and right are roles.
    """

    vectors: np.ndarray
    trained: np.ndarray
    training: RowPairs
    candidates: RowPairs
    directed: bool

    @classmethod
    def of(cls, task: BaselineTask, table: PairTable) -> "PairFeatures":
        """Read the vectors of the training pairs in ``table`` and of the task's candidates.

        Raises:
            ValueError: if a protein has no vector.
        """
        assert task.vectors is not None
        ids = task.candidates.left, task.candidates.right
        ids = *(table.frame[side].to_numpy() for side in (LEFT, RIGHT)), *ids
        sides = [known_rows(task.vectors, side) for side in ids]
        distinct, positions = np.unique(np.concatenate(sides), return_inverse=True)
        ends = np.cumsum([len(side) for side in sides])[:-1]
        left, right, *candidates = np.split(positions, ends)
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
        """Project every protein on the principal components of the training proteins.

        Returns:
            Shape ``(protein, component)``, float32, with ``count`` components or fewer.
        """
        trained = self.vectors[self.trained]
        analysis = PCA(min(count, *trained.shape), svd_solver="randomized", random_state=seed)
        return analysis.fit(trained).transform(self.vectors).astype(np.float32)
