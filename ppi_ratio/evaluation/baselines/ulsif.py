"""Joint training pairs and vectors -> the bilinear density ratio of least squares, at once."""

import logging
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Annotated, ClassVar, Literal, NamedTuple

import numpy as np
from jaxtyping import Float
from pydantic import Field, PositiveFloat
from pydantic.dataclasses import dataclass
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array
from scipy.sparse.linalg import LinearOperator, cg

from ppi_ratio.evaluation.baselines.material import Material, joint_training
from ppi_ratio.evaluation.baselines.similarity import adjacency, directions
from ppi_ratio.evaluation.baselines.task import BaselineTask, Need, blocks
from ppi_ratio.objectives.scores import STRICT
from ppi_ratio.pairs import PairTable

logger = logging.getLogger(__name__)

MOST_DEVIATIONS = 4.0  # of an entry of a vector that are counted
LOWEST_RATIO = 0.05  # a linear ratio may fall below zero
TOLERANCE = 1e-3  # of the weights of several parts, relative
MAX_STEPS = 100  # mostly three to six are taken


@dataclass(frozen=True, config=STRICT)
class ULSIF:
    """Log of the bilinear ratio r = 1 + x' W y that is nearest to p(x, y) / (p(x) p(y)).

    Unconstrained least-squares importance fitting (Kanamori, Hido & Sugiyama 2009, JMLR 10:1391):
    nearest in mean square over q(x) q(y), where q is p to a power, as word2vec draws its noise
    (Mikolov et al. 2013, arXiv 1310.4546); with power 1 it is the optimum of the chi-square
    objective. The weights need no training,

        W = (A + s I)^-1 (M - a b') (B + s I)^-1,

    with A = E_q[x x'] and a = E_q[x] of the lefts, B and b the same of the rights, s the shrinkage
    and M = E_q[r x y'] over the joint pairs, r being their ratio of counts. Vectors are
    standardised by the training proteins, cut at 4 standard deviations and of length one. Where
    proteins were held apart, p and q are mixtures of those of both parts and W solves

        sum_k p_k (A_k + s I) W (B_k + s I) = sum_k p_k (M_k - a_k b_k'),

    p_k being the share of joint pairs, by conjugate gradients that start from the form above.

    It says what training a network on such vectors is worth. The score is a log ratio in nats
    like a model's, hence the two may be averaged.

    Attributes:
        power: of the share of joint pairs that a protein stands in; its weight in the fit.
        shrinkage: added to the mean square of each direction, of which all together have 1.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({Need.TRAINING})
    name: Literal["ulsif"] = "ulsif"
    power: Annotated[float, Field(ge=0, le=1)] = 0.75
    shrinkage: PositiveFloat = 2e-3

    def score(self, task: BaselineTask) -> np.ndarray:
        joint = joint_training(task, self)
        material = Material.of(task, joint)
        unit = directions(material.vectors.clip(-MOST_DEVIATIONS, MOST_DEVIATIONS))
        trained = unit[material.trained].astype(np.float64)
        table = adjacency(material)
        weights = _solved(
            [
                _Part.of(trained, table, rows, self.power)
                for rows in _members(task, joint, material)
            ],
            self.shrinkage,
        )
        lefts, places = np.unique(material.candidates.left, return_inverse=True)
        projected = (unit[lefts] @ weights).astype(np.float32)
        ratios = np.empty(len(places))
        for block in blocks(len(places)):
            rights = unit[material.candidates.right[block]]
            ratios[block] = 1 + np.einsum("pd,pd->p", projected[places[block]], rights)
        return np.log(np.maximum(ratios, LOWEST_RATIO))


def _members(task: BaselineTask, joint: PairTable, material: Material) -> list[np.ndarray]:
    """Of each part of the joint pairs its proteins, as rows among those trained."""
    sides = [np.searchsorted(material.trained, side) for side in material.training]
    return [np.unique([side[rows] for side in sides]) for rows in task.parts(joint)]


class _Side(NamedTuple):
    """What one side of the pairs of a part has under q.

    Attributes:
        mean: E_q[x], ``(dim,)``.
        squares: E_q[x x'], ``(dim, dim)``.
        by_degree: q(x) x over the degree of each protein, ``(protein, dim)``.
    """

    mean: np.ndarray
    squares: np.ndarray
    by_degree: np.ndarray

    @classmethod
    def of(cls, unit: np.ndarray, degrees: np.ndarray, power: float) -> "_Side":
        seen = degrees > 0
        weights = np.where(seen, degrees, 1.0) ** power * seen
        weighted = unit * (weights / weights.sum())[:, None]
        by_degree = weighted / np.where(seen, degrees, 1.0)[:, None]
        return cls(weighted.sum(axis=0), unit.T @ weighted, by_degree)


class _Part(NamedTuple):
    """One equation of W.

    Attributes:
        share: of all joint pairs.
        left: E_q[x x'] of the lefts, ``(dim, dim)``; A of the class's formula.
        right: the same of the rights; B.
        excess: M - a b', ``(dim, dim)``.
    """

    share: float
    left: np.ndarray
    right: np.ndarray
    excess: np.ndarray

    @classmethod
    def of(
        cls,
        unit: Float[np.ndarray, "protein dim"],
        joint: csr_array,
        members: np.ndarray,
        power: float,
    ) -> "_Part":
        """``joint`` holds 1 for each pair of training proteins, of which some are ``members``."""
        own, vectors = joint[members][:, members], unit[members]
        left, right = (_Side.of(vectors, own.sum(axis=axis), power) for axis in (1, 0))
        moment = own.sum() * left.by_degree.T @ (own @ right.by_degree)
        excess = moment - np.outer(left.mean, right.mean)
        return cls(own.sum() / joint.sum(), left.squares, right.squares, excess)


def _solved(parts: Sequence[_Part], shrinkage: float) -> Float[np.ndarray, "dim dim"]:
    """W of the class's formula."""
    excess = _sum(part.share * part.excess for part in parts)
    dim = len(excess)
    shrunk = shrinkage * np.eye(dim)
    left = cho_factor(_sum(part.share * part.left for part in parts) + shrunk)
    right = cho_factor(_sum(part.share * part.right for part in parts) + shrunk)

    def divided(matrix: np.ndarray) -> np.ndarray:
        return cho_solve(right, cho_solve(left, matrix).T).T

    def multiplied(matrix: np.ndarray) -> np.ndarray:
        return _sum(
            part.share * (part.left + shrunk) @ matrix @ (part.right + shrunk) for part in parts
        )

    first = divided(excess)
    if len(parts) == 1:
        return first
    weights, unsettled = cg(
        _MatrixMap(multiplied, dim),
        excess.ravel(),
        x0=first.ravel(),
        rtol=TOLERANCE,
        maxiter=MAX_STEPS,
        M=_MatrixMap(divided, dim),
    )
    if unsettled:
        logger.warning("ulsif: its weights did not settle in %d steps", MAX_STEPS)
    return weights.reshape(dim, dim)


class _MatrixMap(LinearOperator):
    """A linear map of square matrices, whose entries scipy has in one row."""

    def __init__(self, function: Callable[[np.ndarray], np.ndarray], dim: int) -> None:
        super().__init__(np.float64, (dim * dim, dim * dim))
        self._function = function
        self._dim = dim

    def _matvec(self, x: np.ndarray) -> np.ndarray:
        return self._function(x.reshape(self._dim, self._dim)).ravel()


def _sum(matrices: Iterable[np.ndarray]) -> np.ndarray:
    return reduce(np.add, matrices)
