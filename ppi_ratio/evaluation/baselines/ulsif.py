"""Joint training pairs and vectors -> the bilinear density ratio of least squares, at once."""

from typing import Annotated, ClassVar, Literal, NamedTuple

import numpy as np
from jaxtyping import Float
from pydantic import Field, PositiveFloat
from pydantic.dataclasses import dataclass
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array

from ppi_ratio.evaluation.baselines.material import Material, joint_training
from ppi_ratio.evaluation.baselines.similarity import adjacency, directions
from ppi_ratio.evaluation.baselines.task import BaselineTask, Need, blocks
from ppi_ratio.objectives.scores import STRICT

MOST_DEVIATIONS = 4.0  # of an entry of a vector that are counted
LOWEST_RATIO = 0.05  # a linear ratio may fall below zero


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
    standardised by the training proteins, cut at 4 standard deviations and of length one.

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
        material = Material.of(task, joint_training(task, self))
        unit = directions(material.vectors.clip(-MOST_DEVIATIONS, MOST_DEVIATIONS))
        weights = self._weights(unit[material.trained].astype(np.float64), adjacency(material))
        lefts, places = np.unique(material.candidates.left, return_inverse=True)
        projected = (unit[lefts] @ weights).astype(np.float32)
        ratios = np.empty(len(places))
        for block in blocks(len(places)):
            rights = unit[material.candidates.right[block]]
            ratios[block] = 1 + np.einsum("pd,pd->p", projected[places[block]], rights)
        return np.log(np.maximum(ratios, LOWEST_RATIO))

    def _weights(
        self, unit: Float[np.ndarray, "protein dim"], joint: csr_array
    ) -> Float[np.ndarray, "dim dim"]:
        """W of the class's formula; ``joint`` holds 1 for each pair of training proteins."""
        n_joint = joint.sum()
        left, right = (_Side.of(unit, joint.sum(axis=axis), self.power) for axis in (1, 0))
        moment = n_joint * left.by_degree.T @ (joint @ right.by_degree)
        excess = moment - np.outer(left.mean, right.mean)
        half = _divided(excess, left.squares, self.shrinkage)
        return _divided(half.T, right.squares, self.shrinkage).T


class _Side(NamedTuple):
    """What one side of the pairs has under q.

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


def _divided(matrix: np.ndarray, squares: np.ndarray, shrinkage: float) -> np.ndarray:
    """(squares + shrinkage I)^-1 matrix."""
    shrunk = squares + shrinkage * np.eye(len(squares))
    return cho_solve(cho_factor(shrunk), matrix)
