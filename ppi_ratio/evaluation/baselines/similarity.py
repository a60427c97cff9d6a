"""Vectors -> scores by likeness: of the two to each other, or of both to a known pair."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import PositiveFloat, PositiveInt
from pydantic.dataclasses import dataclass
from scipy.sparse import coo_array, csr_array

from ppi_ratio.embeddings import Embeddings
from ppi_ratio.evaluation.baselines.material import Material, joint_training
from ppi_ratio.evaluation.baselines.task import BaselineTask, Need, blocks, known_rows
from ppi_ratio.objectives.scores import STRICT


@dataclass(frozen=True, config=STRICT)
class Cosine:
    """Cosine of the two raw vectors, centred by the mean over distinct training proteins.

    Says how alike the two are, hence what homodimers, paralogs and shared composition give away.
    Training proteins without a vector are left out of the mean; if none has one, it is that of
    the candidates' proteins. A vector that is the mean itself has cosine 0 with every other.
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
            rows, places = np.unique(
                np.concatenate([left[block], right[block]]), return_inverse=True
            )
            centred = directions(vectors.matrix(rows) - mean)
            ours, theirs = (centred[side] for side in np.split(places, 2))
            cosines[block] = np.einsum("pd,pd->p", ours, theirs)
        return cosines


@dataclass(frozen=True, config=STRICT)
class Nearest:
    """Share of joint pairs among the pairs that a training neighbour of each side would make.

    A protein's neighbours are the training proteins whose standardised vectors have the highest
    cosine with its own, each weighing that cosine to the power ``sharpness``. A high AUROC says
    that interactions are carried over from relatives, or that relatives of hubs are recognised;
    a model should beat it before it is said to know more than homology. Where sequence
    alignments are used for the same, this is the transfer of interologs.

    Attributes:
        n_neighbours: of each protein.
        sharpness: how much more the closer ones weigh.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({Need.TRAINING})
    name: Literal["nearest"] = "nearest"
    n_neighbours: PositiveInt = 50
    sharpness: PositiveFloat = 4.0

    def score(self, task: BaselineTask) -> np.ndarray:
        material = Material.of(task, joint_training(task, self))
        proteins, places = np.unique(material.candidates, return_inverse=True)
        left, right = places.reshape(2, -1)
        weights = self._weights(material, proteins)
        votes = csr_array(weights @ adjacency(material))  # (candidate, training) proteins
        total = weights.sum(axis=1)
        scores = np.empty(len(left))
        for block in blocks(len(left)):
            joint = votes[left[block]].multiply(weights[right[block]]).sum(axis=1)
            every = total[left[block]] * total[right[block]]
            scores[block] = np.divide(joint, every, out=np.zeros_like(joint), where=every > 0)
        return scores

    def _weights(self, material: Material, proteins: np.ndarray) -> csr_array:
        """Of the neighbours of each protein, ``(protein, training protein)``; others are zero."""
        unit = directions(material.vectors)
        trained = unit[material.trained].T
        count = min(self.n_neighbours, len(material.trained))
        columns = np.empty((len(proteins), count), dtype=np.int64)
        cosines = np.empty((len(proteins), count))
        for block in blocks(len(proteins)):
            found = unit[proteins[block]] @ trained
            nearest = np.argpartition(-found, count - 1, axis=1)[:, :count]
            columns[block], cosines[block] = nearest, np.take_along_axis(found, nearest, axis=1)
        starts = np.arange(len(proteins) + 1) * count
        values = cosines.clip(min=0).ravel() ** self.sharpness
        shape = len(proteins), len(material.trained)
        return csr_array((values, columns.ravel(), starts), shape=shape)


def adjacency(material: Material) -> csr_array:
    """1 where a pair of training proteins is joint, in both orders if it has none."""
    left, right = (np.searchsorted(material.trained, side) for side in material.training)
    if not material.directed:
        left, right = np.concatenate([left, right]), np.concatenate([right, left])
    n_trained = len(material.trained)
    table = coo_array((np.ones(len(left)), (left, right)), shape=(n_trained, n_trained)).tocsr()
    table.data[:] = 1  # self pairs came twice
    return table


def _mean_vector(vectors: Embeddings, rows: np.ndarray) -> np.ndarray:
    rows = np.unique(rows)
    parts = (vectors.matrix(rows[block]) for block in blocks(len(rows)))
    sums = [part.sum(axis=0, dtype=np.float64) for part in parts]
    return (np.sum(sums, axis=0) / len(rows)).astype(np.float32)


def directions(matrix: np.ndarray) -> np.ndarray:
    """Rows scaled to length one; rows of zeros stay zero."""
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.divide(matrix, lengths, out=np.zeros_like(matrix), where=lengths > 0)
