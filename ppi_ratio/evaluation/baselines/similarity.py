"""Vectors -> scores by similarity: of two proteins to each other, or to a known interaction."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import PositiveFloat, PositiveInt
from pydantic.dataclasses import dataclass
from scipy.sparse import coo_array, csr_array

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.evaluation.baselines.pair_features import PairFeatures
from ppi_ratio.evaluation.baselines.task import BaselineTask, Need, blocks, known_rows
from ppi_ratio.evaluation.baselines.training_pairs import joint_training
from ppi_ratio.objectives.scores import STRICT


@dataclass(frozen=True, config=STRICT)
class Cosine:
    """Cosine of the two raw vectors, centred by the mean over distinct training proteins.

    The cosine shows how much homodimers, paralogs and shared composition reveal. The mean leaves
    out training proteins without a vector. If no training protein has a vector, the mean is over
    the candidates' proteins. A vector equal to the mean has cosine 0 with every vector.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({Need.VECTORS})
    name: Literal["cosine"] = "cosine"

    def score(self, task: BaselineTask) -> np.ndarray:
        task.check(self)
        vectors = task.vectors
        assert vectors is not None
        candidates = task.candidates
        left, right = (known_rows(vectors, ids) for ids in (candidates.left, candidates.right))
        training = vectors.rows(task.degrees.index.to_numpy())
        training = training[training >= 0]
        mean = _mean_vector(vectors, training if training.size else np.append(left, right))
        cosines = np.empty(len(candidates))
        for block in blocks(len(candidates)):
            rows, positions = np.unique(
                np.concatenate([left[block], right[block]]), return_inverse=True
            )
            centred = unit_rows(vectors.matrix(rows) - mean)
            ours, theirs = (centred[side] for side in np.split(positions, 2))
            cosines[block] = np.einsum("pd,pd->p", ours, theirs)
        return cosines


@dataclass(frozen=True, config=STRICT)
class Nearest:
    """Weighted share of interactions among the pairs of training neighbours of both proteins.

    The neighbours of a protein are the training proteins with the highest cosine between
    standardised vectors. A neighbour weighs its cosine to the power ``sharpness``. A high AUROC
    means that interactions carry over from relatives, or that relatives of hubs are recognised. A
    model should beat this AUROC before anyone says that the model knows more than homology. With
    sequence alignments instead of vectors, the method is known as transfer of interologs.

    Attributes:
        n_neighbours: neighbours per protein.
        sharpness: exponent of the cosine; with a higher one, close neighbours weigh more.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({Need.TRAINING})
    name: Literal["nearest"] = "nearest"
    n_neighbours: PositiveInt = 50
    sharpness: PositiveFloat = 4.0

    def score(self, task: BaselineTask) -> np.ndarray:
        features = PairFeatures.of(task, joint_training(task, self))
        proteins, positions = np.unique(features.candidates, return_inverse=True)
        left, right = positions.reshape(2, -1)
        weights = self._weights(features, proteins)
        votes = csr_array(weights @ adjacency(features))  # (candidate protein, training protein)
        total = weights.sum(axis=1)
        scores = np.empty(len(left))
        for block in blocks(len(left)):
            joint = votes[left[block]].multiply(weights[right[block]]).sum(axis=1)
            every = total[left[block]] * total[right[block]]
            scores[block] = np.divide(joint, every, out=np.zeros_like(joint), where=every > 0)
        return scores

    def _weights(self, features: PairFeatures, proteins: np.ndarray) -> csr_array:
        """Weights of each protein's neighbours, ``(protein, training protein)``; else zero."""
        unit = unit_rows(features.vectors)
        trained = unit[features.trained].T
        count = min(self.n_neighbours, len(features.trained))
        columns = np.empty((len(proteins), count), dtype=np.int64)
        cosines = np.empty((len(proteins), count))
        for block in blocks(len(proteins)):
            found = unit[proteins[block]] @ trained
            nearest = np.argpartition(-found, count - 1, axis=1)[:, :count]
            columns[block], cosines[block] = nearest, np.take_along_axis(found, nearest, axis=1)
        starts = np.arange(len(proteins) + 1) * count
        values = cosines.clip(min=0).ravel() ** self.sharpness
        shape = len(proteins), len(features.trained)
        return csr_array((values, columns.ravel(), starts), shape=shape)


def adjacency(features: PairFeatures) -> csr_array:
    """Adjacency matrix of the interactions of training; symmetric if pairs have no direction."""
    left, right = (np.searchsorted(features.trained, side) for side in features.training)
    if not features.directed:
        left, right = np.concatenate([left, right]), np.concatenate([right, left])
    n_trained = len(features.trained)
    table = coo_array((np.ones(len(left)), (left, right)), shape=(n_trained, n_trained)).tocsr()
    table.data[:] = 1  # a self pair was counted twice
    return table


def _mean_vector(vectors: Embeddings, rows: np.ndarray) -> np.ndarray:
    rows = np.unique(rows)
    parts = (vectors.matrix(rows[block]) for block in blocks(len(rows)))
    sums = [part.sum(axis=0, dtype=np.float64) for part in parts]
    return (np.sum(sums, axis=0) / len(rows)).astype(np.float32)


def unit_rows(matrix: np.ndarray) -> np.ndarray:
    """Scale every row to length one; rows of zeros stay zero."""
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.divide(matrix, lengths, out=np.zeros_like(matrix), where=lengths > 0)
