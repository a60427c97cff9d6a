"""What every objective sees: the critic's scores of one batch, and what an optimum of it means."""

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

from ppi_ratio.objectives.link import Link
from ppi_ratio.objectives.log_sums import picked_and_log_sum_exp

STRICT = ConfigDict(extra="forbid")
NO_NOISE = "no entry of the batch may stand for noise; it needs two pairs or more"


class Optimum(Enum):
    """What the scores of an optimal critic equal, writing r = p(x, y) / (p(x) p(y))."""

    LOG_RATIO = "log r"
    UP_TO_CONSTANT = "log r + c"
    UP_TO_RIGHT_TERM = "log r + c(y)"
    SKEWED_UP_TO_CONSTANT = "an increasing function of log r, compressed at the top, + c"
    SKEWED_UP_TO_RIGHT_TERM = "not log r, + c(y)"

    @property
    def leaves_right_term(self) -> bool:
        """Is a term of the right protein free?"""
        return self in (Optimum.UP_TO_RIGHT_TERM, Optimum.SKEWED_UP_TO_RIGHT_TERM)

    @property
    def is_skewed(self) -> bool:
        """Is it something else than log r, whatever is free?"""
        return self in (Optimum.SKEWED_UP_TO_CONSTANT, Optimum.SKEWED_UP_TO_RIGHT_TERM)


@dataclasses.dataclass(frozen=True)
class Needs:
    """What an objective asks for beside free scores of a batch.

    Attributes:
        link: from the critic's raw output to the score.
        helper: a second critic of the same kind, whose scores only serve training.
        non_pairs: scores of labelled non-pairs.
    """

    link: Link = Link.LOG
    helper: bool = False
    non_pairs: bool = False


@dataclasses.dataclass(frozen=True)
class PairScores:
    """Critic scores of one batch, each left protein against each right one.

    Attributes:
        matrix: score of (left i, right j); the diagonal holds the joint pairs.
        noise: True where (i, j) counts as a draw from the noise law; never on the diagonal.
        helper: scores of the second critic, for an objective that needs one.
        non_pairs: scores of labelled non-pairs, for an objective that needs them.
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
        """Every entry off the diagonal stands for noise: the product of the marginals.

        Args:
            matrix: scores.
            ids: a number for each left and each right protein, if equal ones are not noise.
        """
        noise = ~torch.eye(len(matrix), dtype=torch.bool, device=matrix.device)
        if ids is not None:
            noise &= ids[0][:, None] != ids[1][None, :]
        return cls(matrix, noise)

    @property
    def joint(self) -> Float[Tensor, " batch"]:
        return self.matrix.diagonal()

    @property
    def transposed(self) -> "PairScores":
        """The same batch with the sides exchanged."""
        helper = None if self.helper is None else self.helper.T
        return PairScores(self.matrix.T, self.noise.T, helper, self.non_pairs)

    @cached_property
    def columns(self) -> "Columns":
        """Every column: each right protein with its partner and with its noise."""
        return Columns(
            self.matrix, self.noise, torch.arange(len(self.matrix), device=self.matrix.device)
        )

    @property
    def n_noise(self) -> Int[Tensor, ""]:
        """Number of entries that stand for noise.

        Raises:
            ValueError: if there are none.
        """
        n_noise = self.columns.n_noise.sum()
        if not bool(n_noise):
            raise ValueError(NO_NOISE)
        return n_noise

    def noise_mean(self, values: Float[Tensor, "batch batch"]) -> Float[Tensor, ""]:
        return torch.where(self.noise, values, 0.0).sum() / self.n_noise

    def noise_log_sum_exp(self) -> Float[Tensor, ""]:
        """Log of the sum of exp c over the noise, without overflow."""
        return self.columns.noise_log_sum_exp().logsumexp(0)

    def auroc(self) -> float:
        """Share of the comparisons of a joint score with a noise score that the joint one wins.

        Equal scores are half a win.
        """
        matrix, noise = self.matrix.detach().cpu().numpy(), self.noise.cpu().numpy()
        ascending = np.sort(matrix[noise])  # several times as fast as torch's
        below, not_above = (
            np.searchsorted(ascending, matrix.diagonal(), side) for side in ("left", "right")
        )
        return float((below + not_above).mean() / 2 / int(self.n_noise))

    def noise_log_mean_exp(self) -> Float[Tensor, ""]:
        """Log of E[exp c] under the noise law, without overflow."""
        return self.noise_log_sum_exp() - self.n_noise.to(self.matrix.dtype).log()


@dataclasses.dataclass(frozen=True)
class Columns:
    """Some right proteins of a batch, each against every left one.

    Attributes:
        matrix: score of (left i, right j).
        noise: True where (i, j) counts as a draw from the noise law; never at the partner.
        partner: row of the joint pair of each column.
    """

    matrix: Float[Tensor, "left column"]
    noise: Bool[Tensor, "left column"]
    partner: Int[Tensor, " column"]

    @property
    def joint(self) -> Float[Tensor, " column"]:
        return self.matrix.gather(0, self.partner[None, :]).squeeze(0)

    @cached_property
    def n_noise(self) -> Int[Tensor, " column"]:
        """Number of entries of each column that stand for noise."""
        return self.noise.sum(0, dtype=torch.int32)  # half the time of a sum in int64

    def noise_log_sum_exp(self) -> Float[Tensor, " column"]:
        """Log of the sum of exp c over the noise of each column."""
        return self.joint_and_noise_log_sum_exp()[1]

    def joint_and_noise_log_sum_exp(
        self,
    ) -> tuple[Float[Tensor, " column"], Float[Tensor, " column"]]:
        """Score of each joint pair and the log-sum-exp of its column's noise, in one step."""
        picked, log_sum = picked_and_log_sum_exp(self.matrix, self.noise, self.partner[None, :])
        return picked.squeeze(0), log_sum

    def informative(self) -> "Columns":
        """Without the columns that have no noise: they say nothing about the ratio."""
        has_noise = self.n_noise > 0
        if bool(has_noise.all()):
            return self
        return Columns(self.matrix[:, has_noise], self.noise[:, has_noise], self.partner[has_noise])

    def some_informative(self) -> "Columns":
        """The same.

        Raises:
            ValueError: if none is left.
        """
        informative = self.informative()
        if informative.matrix.shape[1] == 0:
            raise ValueError(NO_NOISE)
        return informative

    def with_slots(self, n_slots: int) -> "Columns":
        """Each column's partner and the ``n_slots`` rows below it, going round."""
        if n_slots >= len(self.matrix) - 1:
            return self
        below = torch.arange(n_slots + 1, device=self.partner.device)
        rows = (self.partner[None, :] + below[:, None]) % len(self.matrix)
        return Columns(
            self.matrix.gather(0, rows), self.noise.gather(0, rows), torch.zeros_like(self.partner)
        )


@runtime_checkable
class Objective(Protocol):
    """A loss whose minimiser over critics determines the density ratio.

    ``loss`` is in nats and expects float32 or float64 scores: half precision is too coarse for
    exponentials (near 20 a bf16 step is 0.125). A batch without any noise is a ``ValueError``.
    """

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]
    optimum: ClassVar[Optimum]
    needs: ClassVar[Needs] = Needs()

    @property
    def name(self) -> str: ...

    def loss(self, scores: PairScores) -> Float[Tensor, ""]: ...


@runtime_checkable
class ColumnObjective(Protocol):
    """An objective that is a mean over columns, so that a batch may be taken in tiles."""

    @property
    def directions(self) -> int:
        """1: columns; 2: the mean over columns and over rows."""
        ...

    def column_losses(self, columns: Columns) -> Float[Tensor, " column"]:
        """Loss of each column; every one has noise."""
        ...


class Sums(NamedTuple):
    """What some objectives need to know of every column, and no more; each ``(column,)``.

    Attributes:
        joint: score of its joint pair.
        last_noise: a noise score that the sum leaves out; ``LOG_ZERO`` if none.
        log_sum: log of the sum of exp over the rest of its noise; ``LOG_ZERO`` of nothing.
        n_noise: its noise entries, with the one left out.
    """

    joint: Float[Tensor, " column"]
    last_noise: Float[Tensor, " column"]
    log_sum: Float[Tensor, " column"]
    n_noise: Float[Tensor, " column"]


@runtime_checkable
class SumObjective(Protocol):
    """A column objective that may need no more than sums: see ``bidirectional``."""

    def loss(self, scores: PairScores) -> Float[Tensor, ""]: ...

    @property
    def sums_suffice(self) -> bool:
        """Is its loss the mean over both directions of ``losses_from_sums``?"""
        ...

    @property
    def drops_one(self) -> bool:
        """Does each sum leave out one noise entry, which is given beside it?"""
        ...

    def losses_from_sums(self, sums: Sums) -> Float[Tensor, " column"]:
        """Loss of each column."""
        ...


@runtime_checkable
class Stateful(Protocol):
    """An objective that remembers something from batch to batch."""

    def build(self) -> "LossModule":
        """What to train with; ``Objective.loss`` judges an epoch."""
        ...


class LossModule(nn.Module, ABC):
    """A loss with a memory, saved with the rest of a training's state."""

    @abstractmethod
    def loss(self, scores: PairScores) -> Float[Tensor, ""]: ...


@runtime_checkable
class InformationEstimate(Protocol):
    """An objective with an estimate of the mutual information of its own."""

    def information(self, scores: PairScores) -> Float[Tensor, ""]:
        """The estimate from one held-out batch, in nats."""
        ...


def loss_over_columns(objective: ColumnObjective, scores: PairScores) -> Float[Tensor, ""]:
    """The objective's loss of a whole batch.

    Raises:
        ValueError: if no entry of the batch may stand for noise.
    """
    loss = _mean_over_columns(objective, scores.columns)
    if objective.directions == 1:
        return loss
    return (loss + _mean_over_columns(objective, scores.transposed.columns)) / 2


def _mean_over_columns(objective: ColumnObjective, columns: Columns) -> Float[Tensor, ""]:
    return objective.column_losses(columns.some_informative()).mean()
