"""Interactions and vectors -> the weights of the least-squares bilinear ratio, in closed form."""

import logging
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array
from scipy.sparse.linalg import LinearOperator, cg

logger = logging.getLogger(__name__)

TOLERANCE = 1e-3  # relative residual at which conjugate gradients stop
MAX_STEPS = 100  # of conjugate gradients; three to six are usual


def least_squares_weights(
    vectors: Float[np.ndarray, "protein dim"],
    interactions: csr_array,
    parts: Sequence[np.ndarray],
    *,
    power: float,
    shrinkage: float,
) -> Float[np.ndarray, "dim dim"]:
    """The matrix W of the ratio r = 1 + x' W y that is nearest to p(x, y) / (p(x) p(y)).

    The fit is unconstrained least-squares importance fitting (Kanamori, Hido & Sugiyama 2009,
    JMLR 10:1391). Nearest means the smallest mean square error over q(x) q(y). The law q is p to
    a power, as in the noise of word2vec (Mikolov et al. 2013, arXiv 1310.4546). With power 1 the
    ratio is the optimum of the chi-square objective. The weights have a closed form:

        W = (A + s I)^-1 (M - a b') (B + s I)^-1

    Here A = E_q[x x'] and a = E_q[x] over left proteins; B = E_q[y y'] and b = E_q[y] over right
    proteins. s is the shrinkage, and M = E_q[r x y'] over the interactions, with r the ratio of
    counts. If a split held proteins apart, p and q are mixtures over the parts k, and W solves

        sum_k p_k (A_k + s I) W (B_k + s I) = sum_k p_k (M_k - a_k b_k')

    Here p_k is the share of interactions in part k. Conjugate gradients solve this equation,
    starting from the closed form.

    Args:
        vectors: one row of length one for each protein.
        interactions: how often each pair of proteins was seen, ``(protein, protein)``.
        parts: the proteins of each part, as rows of ``vectors``.
        power: exponent of a protein's share of the interactions, which gives its weight in the fit.
        shrinkage: added to the mean square of each direction; the mean squares sum to 1.
    """
    terms = [_Part.of(vectors, interactions, members, power) for members in parts]
    return _solved(terms, shrinkage)


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
    """The terms of one part in the equation for W; see ``least_squares_weights``.

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
        interactions: csr_array,
        members: np.ndarray,
        power: float,
    ) -> "_Part":
        """The terms of the part with proteins ``members``."""
        own, vectors = interactions[members][:, members], unit[members]
        left, right = (_Side.of(vectors, own.sum(axis=axis), power) for axis in (1, 0))
        moment = own.sum() * left.by_degree.T @ (own @ right.by_degree)
        excess = moment - np.outer(left.mean, right.mean)
        return cls(own.sum() / interactions.sum(), left.squares, right.squares, excess)


def _solved(parts: Sequence[_Part], shrinkage: float) -> Float[np.ndarray, "dim dim"]:
    """Solve for W; see ``least_squares_weights``."""
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
            "closed form: conjugate gradients did not converge in %d steps; scores may be inexact",
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
