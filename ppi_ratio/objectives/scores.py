"""What every objective sees: the critic's scores of one batch, and what an optimum of it means."""

import dataclasses
import math
from enum import Enum
from typing import ClassVar, Protocol, runtime_checkable

import torch
from jaxtyping import Bool, Float
from pydantic import ConfigDict
from torch import Tensor

STRICT = ConfigDict(extra="forbid")


class Optimum(Enum):
    """What the scores of an optimal critic equal, writing r = p(x, y) / (p(x) p(y))."""

    LOG_RATIO = "log r"
    UP_TO_CONSTANT = "log r + c"
    UP_TO_LEFT_TERM = "log r + c(x)"
    UP_TO_RIGHT_TERM = "log r + c(y)"


@dataclasses.dataclass(frozen=True)
class PairScores:
    """Critic scores of one batch, each left protein against each right one.

    Attributes:
        matrix: score of (left i, right j); the diagonal holds the joint pairs.
        noise: True where (i, j) counts as a draw from the noise law; never on the diagonal.
    """

    matrix: Float[Tensor, "batch batch"]
    noise: Bool[Tensor, "batch batch"]

    @classmethod
    def in_batch(cls, matrix: Float[Tensor, "batch batch"]) -> "PairScores":
        """Every entry off the diagonal stands for noise: the product of the marginals."""
        return cls(matrix, ~torch.eye(len(matrix), dtype=torch.bool, device=matrix.device))

    @property
    def joint(self) -> Float[Tensor, " batch"]:
        return self.matrix.diagonal()

    @property
    def transposed(self) -> "PairScores":
        """The same batch with the sides exchanged."""
        return PairScores(self.matrix.T, self.noise.T)

    def noise_mean(self, values: Float[Tensor, "batch batch"]) -> Float[Tensor, ""]:
        return values[self.noise].mean()

    def noise_log_mean_exp(self) -> Float[Tensor, ""]:
        """Log of E[exp c] under the noise law, without overflow."""
        scores = self.matrix[self.noise]
        return scores.logsumexp(0) - math.log(scores.numel())


@runtime_checkable
class Objective(Protocol):
    """A loss whose minimiser over critics determines the density ratio.

    ``loss`` is in nats and expects float32 or float64 scores: half precision is too coarse for
    exponentials (near 20 a bf16 step is 0.125).
    """

    optimum: ClassVar[Optimum]

    @property
    def name(self) -> str: ...

    def loss(self, scores: PairScores) -> Float[Tensor, ""]: ...
