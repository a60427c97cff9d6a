"""Training interactions and vectors -> the least-squares bilinear ratio, in closed form."""

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

from ppi_ratio.evaluation.baselines.pair_features import PairFeatures
from ppi_ratio.evaluation.baselines.similarity import adjacency, unit_rows
from ppi_ratio.evaluation.baselines.task import BaselineTask, Need, blocks
from ppi_ratio.evaluation.baselines.training_pairs import joint_training
from ppi_ratio.objectives.scores import STRICT
from ppi_ratio.pairs import PairTable

logger = logging.getLogger(__name__)

CLIP_AT = 4.0  # standard deviations; larger entries of a vector are cut to this
MIN_RATIO = 0.05  # since a linear ratio can fall below zero, where it has no logarithm
TOLERANCE = 1e-3  # relative residual at which conjugate gradients stop
MAX_STEPS = 100  # of conjugate gradients; three to six are usual


@dataclass(frozen=True, config=STRICT)
class ULSIF:
    """Log of the bilinear ratio r = 1 + x' W y that is nearest to p(x, y) / (p(x) p(y)).

    The fit is unconstrained least-squares importance fitting (Kanamori, Hido & Sugiyama 2009,
    JMLR 10:1391). Nearest means the smallest mean square error over q(x) q(y). The law q is p to
    a power, as in the noise of word2vec (Mikolov et al. 2013, arXiv 1310.4546). With power 1 the
    ratio is the optimum of the chi-square objective. The weights have a closed form:

        W = (A + s I)^-1 (M - a b') (B + s I)^-1

    Here A = E_q[x x'] and a = E_q[x] over left proteins; B = E_q[y y'] and b = E_q[y] over right
    proteins. s is the shrinkage, and M = E_q[r x y'] over the interactions, with r the ratio of
    counts. Vectors are standardised by the training proteins, cut at 4 standard deviations and
    scaled to length one. If a split held proteins apart, p and q are mixtures over the parts k,
    and W solves

        sum_k p_k (A_k + s I) W (B_k + s I) = sum_k p_k (M_k - a_k b_k')

    Here p_k is the share of interactions in part k. Conjugate gradients solve this equation,
    starting from the closed form.

    The baseline shows what training a network on these vectors is worth. The score is a log ratio
    in nats, like the score of a model, so the two may be averaged.

    Attributes:
        power: exponent of a protein's share of the interactions, which gives its weight in the fit.
        shrinkage: added to the mean square of each direction; the mean squares sum to 1.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({Need.TRAINING})
    name: Literal["ulsif"] = "ulsif"
    power: Annotated[float, Field(ge=0, le=1)] = 0.75
    shrinkage: PositiveFloat = 2e-3

    def score(self, task: BaselineTask) -> np.ndarray:
        joint = joint_training(task, self)
        features = PairFeatures.of(task, joint)
        unit = unit_rows(features.vectors.clip(-CLIP_AT, CLIP_AT))
        trained = unit[features.trained].astype(np.float64)
        table = adjacency(features)
        weights = _solved(
            [
                _Part.of(trained, table, rows, self.power)
                for rows in _members(task, joint, features)
            ],
            self.shrinkage,
        )
        lefts, positions = np.unique(features.candidates.left, return_inverse=True)
        projected = (unit[lefts] @ weights).astype(np.float32)
        ratios = np.empty(len(positions))
        for block in blocks(len(positions)):
            rights = unit[features.candidates.right[block]]
            ratios[block] = 1 + np.einsum("pd,pd->p", projected[positions[block]], rights)
        return np.log(np.maximum(ratios, MIN_RATIO))


def _members(task: BaselineTask, joint: PairTable, features: PairFeatures) -> list[np.ndarray]:
    """Proteins of each part of the interactions, as positions in ``features.trained``."""
    sides = [np.searchsorted(features.trained, side) for side in features.training]
    return [np.unique([side[rows] for side in sides]) for rows in task.parts(joint)]


class _Side(NamedTuple):
    """Moments under q of the proteins on one side of the pairs of a part.

    Attributes:
        mean: E_q[x], ``(dim,)``.
        squares: E_q[x x'], ``(dim, dim)``.
        by_degree: q(x) x / degree(x) of each protein x, ``(protein, dim)``.
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
    """The terms of one part in the equation for W; see ``ULSIF``.

    Attributes:
        share: p_k, the part's share of all interactions.
        left: A_k, ``(dim, dim)``.
        right: B_k, ``(dim, dim)``.
        excess: M_k - a_k b_k', ``(dim, dim)``.
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
        """Compute the terms of the part with proteins ``members``; ``joint`` is the adjacency."""
        own, vectors = joint[members][:, members], unit[members]
        left, right = (_Side.of(vectors, own.sum(axis=axis), power) for axis in (1, 0))
        moment = own.sum() * left.by_degree.T @ (own @ right.by_degree)
        excess = moment - np.outer(left.mean, right.mean)
        return cls(own.sum() / joint.sum(), left.squares, right.squares, excess)


def _solved(parts: Sequence[_Part], shrinkage: float) -> Float[np.ndarray, "dim dim"]:
    """Solve for W; see ``ULSIF``."""
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
        logger.warning(
            "ulsif: conjugate gradients did not converge in %d steps; scores may be inexact",
            MAX_STEPS,
        )
    return weights.reshape(dim, dim)


class _MatrixMap(LinearOperator):
    """A linear map of square matrices in the flattened form that scipy asks for."""

    def __init__(self, function: Callable[[np.ndarray], np.ndarray], dim: int) -> None:
        super().__init__(np.float64, (dim * dim, dim * dim))
        self._function = function
        self._dim = dim

    def _matvec(self, x: np.ndarray) -> np.ndarray:
        return self._function(x.reshape(self._dim, self._dim)).ravel()


def _sum(matrices: Iterable[np.ndarray]) -> np.ndarray:
    return reduce(np.add, matrices)
