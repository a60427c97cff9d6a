"""The interface of an objective: it takes the scores of a batch and returns a loss.

An objective also states what the scores of its optimal critic equal, and what it needs.
"""

import dataclasses
from abc import ABC, abstractmethod
from enum import Enum
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from pydantic import ConfigDict
from torch import Tensor, nn

from ppi_ratio.errors import ConfigError
from ppi_ratio.objectives.link import Link
from ppi_ratio.objectives.log_sums import picked_and_log_sum_exp

STRICT = ConfigDict(extra="forbid")
NO_NOISE = (
    "the batch has no noise entry; it needs two pairs or more, of different proteins: take larger "
    "batches (`trainer.batch_size`)"
)


class Optimum(Enum):
    """What an optimal critic's scores equal, with r = p(x, y) / (p(x) p(y))."""

    LOG_RATIO = "log r"
    UP_TO_CONSTANT = "log r + c"
    UP_TO_RIGHT_TERM = "log r + c(y)"
    SKEWED_UP_TO_CONSTANT = "an increasing function of log r, compressed at the top, + c"
    SKEWED_UP_TO_RIGHT_TERM = "not log r, + c(y)"

    @property
    def leaves_right_term(self) -> bool:
        """Whether scores contain an arbitrary term of the right protein."""
        return self in (Optimum.UP_TO_RIGHT_TERM, Optimum.SKEWED_UP_TO_RIGHT_TERM)

    @property
    def is_skewed(self) -> bool:
        """Whether scores are something other than log r, even after normalisation."""
        return self in (Optimum.SKEWED_UP_TO_CONSTANT, Optimum.SKEWED_UP_TO_RIGHT_TERM)


@dataclasses.dataclass(frozen=True)
class Needs:
    """What an objective needs beyond the scores of a batch.

    Attributes:
        link: how the critic's raw output becomes the score.
        helper: whether a second critic is trained beside the first; only the loss uses its scores.
        non_pairs: whether the loss uses the scores of labelled non-pairs.
    """

    link: Link = Link.LOG
    helper: bool = False
    non_pairs: bool = False


@dataclasses.dataclass(frozen=True)
class PairScores:
    """Critic scores of one batch: every left protein against every right protein.

    Row i and column i belong to the two proteins of interaction i. An interaction is a draw from
    p(x, y), here called a joint pair. Scores are in nats.

    Attributes:
        matrix: score of (left i, right j), ``(batch, batch)``; the diagonal holds the joint pairs.
        noise: True where (i, j) is a draw from the noise law; never on the diagonal.
        helper: scores of the second critic, if the objective needs one.
        non_pairs: scores of labelled non-pairs, if the objective needs them.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> matrix = torch.tensor([[2.0, -1.0], [1.5, 1.0]])
        >>> scores = pr.PairScores.in_batch(matrix)
        >>> scores.joint.tolist(), matrix[scores.noise].tolist()
        ([2.0, 1.0], [-1.0, 1.5])
        >>> scores.auroc()  # of 4 comparisons of a joint with a noise pair, 3 are right
        0.75
    """

    matrix: Float[Tensor, "batch batch"]
    noise: Bool[Tensor, "batch batch"]
    helper: Float[Tensor, "batch batch"] | None = None
    non_pairs: Float[Tensor, " non_pair"] | None = None

    @classmethod
    def in_batch(
        cls,
        matrix: Float[Tensor, "batch batch"],
        ids: tuple[Int[Tensor, " batch"], Int[Tensor, " batch"]] | None = None,
    ) -> "PairScores":
        """Scores whose off-diagonal entries are noise: draws from the product of the marginals.

        Args:
            matrix: score of (left i, right j); the diagonal holds the joint pairs.
            ids: a number for each left and each right protein. If given, a protein with itself is
                not noise.

        Examples:
            >>> import torch
            >>> import ppi_ratio as pr
            >>> ids = torch.tensor([0, 1]), torch.tensor([1, 2])  # interactions 0-1 and 1-2
            >>> pr.PairScores.in_batch(torch.zeros(2, 2), ids).noise.tolist()  # 1-1 is not noise
            [[False, True], [False, False]]
        """
        noise = ~torch.eye(len(matrix), dtype=torch.bool, device=matrix.device)
        if ids is not None:
            noise &= ids[0][:, None] != ids[1][None, :]
        return cls(matrix, noise)

    @property
    def joint(self) -> Float[Tensor, " batch"]:
        """Scores of the joint pairs."""
        return self.matrix.diagonal()

    @property
    def transposed(self) -> "PairScores":
        """The batch with left and right exchanged."""
        helper = None if self.helper is None else self.helper.T
        return PairScores(self.matrix.T, self.noise.T, helper, self.non_pairs)

    @cached_property
    def columns(self) -> "Columns":
        """One column per right protein: its partner and its noise."""
        return Columns(
            self.matrix, self.noise, torch.arange(len(self.matrix), device=self.matrix.device)
        )

    @property
    def n_noise(self) -> Int[Tensor, ""]:
        """Number of noise entries.

        Raises:
            ValueError: if the batch has no noise entry.
        """
        n_noise = self.columns.n_noise.sum()
        if not bool(n_noise):
            raise ConfigError(NO_NOISE)
        return n_noise

    def noise_mean(self, values: Float[Tensor, "batch batch"]) -> Float[Tensor, ""]:
        """Mean of ``values`` over the noise entries."""
        return torch.where(self.noise, values, 0.0).sum() / self.n_noise

    def noise_log_sum_exp(self) -> Float[Tensor, ""]:
        """Log of the sum of exp(score) over the noise entries, without overflow."""
        return self.columns.noise_log_sum_exp().logsumexp(0)

    def auroc(self) -> float:
        """Probability that a joint pair scores above a noise pair; ties count half."""
        matrix, noise = self.matrix.detach().cpu().numpy(), self.noise.cpu().numpy()
        ascending = np.sort(matrix[noise])  # several times as fast as torch.sort
        below, not_above = (
            np.searchsorted(ascending, matrix.diagonal(), side) for side in ("left", "right")
        )
        return float((below + not_above).mean() / 2 / int(self.n_noise))

    def noise_log_mean_exp(self) -> Float[Tensor, ""]:
        """Log of the mean of exp(score) over the noise entries, without overflow.

        Examples:
            >>> import torch
            >>> import ppi_ratio as pr
            >>> ratios = torch.tensor([[9.0, 0.5], [1.5, 9.0]])
            >>> scores = pr.PairScores.in_batch(ratios.log())
            >>> round(scores.noise_log_mean_exp().exp().item(), 3)  # the mean noise ratio
            1.0
        """
        return self.noise_log_sum_exp() - self.n_noise.to(self.matrix.dtype).log()


@dataclasses.dataclass(frozen=True)
class Columns:
    """Some right proteins of a batch, each against every left protein.

    Attributes:
        matrix: score of (left i, right j).
        noise: True where (i, j) is a draw from the noise law; never at the partner.
        partner: row of each column's joint pair.
    """

    matrix: Float[Tensor, "left column"]
    noise: Bool[Tensor, "left column"]
    partner: Int[Tensor, " column"]

    @property
    def joint(self) -> Float[Tensor, " column"]:
        return self.matrix.gather(0, self.partner[None, :]).squeeze(0)

    @cached_property
    def n_noise(self) -> Int[Tensor, " column"]:
        """Number of noise entries in each column."""
        return self.noise.sum(0, dtype=torch.int32)  # half the time of a sum in int64

    def noise_log_sum_exp(self) -> Float[Tensor, " column"]:
        """Log of the sum of exp(score) over the noise of each column."""
        return self.joint_and_noise_log_sum_exp()[1]

    def joint_and_noise_log_sum_exp(
        self,
    ) -> tuple[Float[Tensor, " column"], Float[Tensor, " column"]]:
        """Each column's joint score and the log-sum-exp of its noise, in one pass."""
        picked, log_sum = picked_and_log_sum_exp(self.matrix, self.noise, self.partner[None, :])
        return picked.squeeze(0), log_sum

    def informative(self) -> "Columns":
        """The columns that have noise; a column without noise says nothing about the ratio."""
        has_noise = self.n_noise > 0
        if bool(has_noise.all()):
            return self
        return Columns(self.matrix[:, has_noise], self.noise[:, has_noise], self.partner[has_noise])

    def some_informative(self) -> "Columns":
        """The columns that have noise.

        Raises:
            ValueError: if no column has noise.
        """
        informative = self.informative()
        if informative.matrix.shape[1] == 0:
            raise ConfigError(NO_NOISE)
        return informative

    def with_slots(self, n_slots: int) -> "Columns":
        """Each column's partner and the ``n_slots`` rows below it, wrapping at the end."""
        if n_slots >= len(self.matrix) - 1:
            return self
        below = torch.arange(n_slots + 1, device=self.partner.device)
        rows = (self.partner[None, :] + below[:, None]) % len(self.matrix)
        return Columns(
            self.matrix.gather(0, rows), self.noise.gather(0, rows), torch.zeros_like(self.partner)
        )


@runtime_checkable
class Objective(Protocol):
    """A loss whose minimiser over critics determines the density ratio: a frozen dataclass.

    ``loss`` returns nats and expects float32 or float64 scores. Half precision is too coarse for
    exponentials: near 20 a bf16 step is 0.125. A batch without noise raises a ``ValueError``.

    A model is stored as JSON with the fields of its objective. Field values must therefore be
    numbers, text, booleans, None, or lists or tuples of these. A class that is not in
    ``OBJECTIVES`` works in ``fit``; ``RatioModel.load(path, objective=Class)`` loads the model.

    Attributes:
        optimum: what the scores of an optimal critic equal.
        needs: what the loss needs beyond scores; ``Needs()`` if nothing.
    """

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]
    optimum: ClassVar[Optimum]
    needs: ClassVar[Needs] = Needs()

    @property
    def name(self) -> str: ...

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        """The loss of a batch, in nats."""
        ...


@runtime_checkable
class ColumnObjective(Protocol):
    """An objective that is a mean over columns, so a large batch can be computed in tiles."""

    @property
    def directions(self) -> int:
        """1: the mean over columns. 2: the average of the means over columns and over rows."""
        ...

    def column_losses(self, columns: Columns) -> Float[Tensor, " column"]:
        """Loss of each column; every column has noise."""
        ...


class Sums(NamedTuple):
    """Sums over each column that suffice for some objectives; each has shape ``(column,)``.

    Attributes:
        joint: score of the joint pair.
        last_noise: one noise score that ``log_sum`` leaves out; ``LOG_ZERO`` if none is left out.
        log_sum: log of the sum of exp(score) over the other noise; ``LOG_ZERO`` if there is none.
        n_noise: number of noise entries, including the one left out.
    """

    joint: Float[Tensor, " column"]
    last_noise: Float[Tensor, " column"]
    log_sum: Float[Tensor, " column"]
    n_noise: Float[Tensor, " column"]


@runtime_checkable
class SumObjective(Protocol):
    """A column objective whose loss may follow from ``Sums``; see ``bidirectional``."""

    def loss(self, scores: PairScores) -> Float[Tensor, ""]: ...

    @property
    def sums_suffice(self) -> bool:
        """Whether the loss is the mean over both directions of ``losses_from_sums``."""
        ...

    @property
    def drops_one(self) -> bool:
        """Whether ``Sums.log_sum`` leaves out one noise entry, given as ``Sums.last_noise``."""
        ...

    def losses_from_sums(self, sums: Sums) -> Float[Tensor, " column"]:
        """Loss of each column."""
        ...


@runtime_checkable
class Stateful(Protocol):
    """An objective whose training loss keeps state from batch to batch."""

    def build(self) -> "LossModule":
        """The loss to train with; ``Objective.loss`` is used for validation."""
        ...


class LossModule(nn.Module, ABC):
    """A loss with state, which is part of a training checkpoint."""

    @abstractmethod
    def loss(self, scores: PairScores) -> Float[Tensor, ""]: ...


@runtime_checkable
class InformationEstimate(Protocol):
    """An objective with its own estimate of the mutual information."""

    def information(self, scores: PairScores) -> Float[Tensor, ""]:
        """The estimate from one held-out batch, in nats."""
        ...


def loss_over_columns(objective: ColumnObjective, scores: PairScores) -> Float[Tensor, ""]:
    """The objective's loss of a whole batch.

    Raises:
        ValueError: if the batch has no noise entry.
    """
    loss = _mean_over_columns(objective, scores.columns)
    if objective.directions == 1:
        return loss
    return (loss + _mean_over_columns(objective, scores.transposed.columns)) / 2


def _mean_over_columns(objective: ColumnObjective, columns: Columns) -> Float[Tensor, ""]:
    return objective.column_losses(columns.some_informative()).mean()
