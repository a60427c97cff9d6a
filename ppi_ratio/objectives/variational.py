"""Variational bounds and f-divergences: expectations over joint and over noise pairs.

E1 and E0 are means over the joint and over the noise entries of a batch, c the score, r = exp c.
"""

import math
from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from pydantic import Field, PositiveFloat
from pydantic.dataclasses import dataclass
from torch import Tensor

from ppi_ratio.objectives.contrastive import discrimination_loss
from ppi_ratio.objectives.scores import STRICT, LossModule, Needs, Optimum, PairScores

MAX_EXPONENT = 30.0  # nats; above, FLO replaces the exponential by its tangent line


@dataclass(frozen=True, config=STRICT)
class DonskerVaradhan:
    """The Donsker-Varadhan bound: -E1 c + log E0 exp c.

    Donsker & Varadhan (1983). The log of a batch mean is biased, and so is its gradient. KLIEP
    (Sugiyama et al. 2008, NeurIPS) maximises E1 log r subject to E0 r = 1. Normalising the ratio
    to meet that constraint gives this loss.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> matrix = torch.tensor([[2.0, -1.0], [-1.0, 2.0]])
        >>> bound = pr.DonskerVaradhan().information
        >>> round(bound(pr.PairScores.in_batch(matrix)).item(), 3)  # 2 - (-1) nats
        3.0
        >>> round(bound(pr.PairScores.in_batch(matrix + 7)).item(), 3)
        3.0
    """

    optimum: ClassVar[Optimum] = Optimum.UP_TO_CONSTANT
    needs: ClassVar[Needs] = Needs()
    name: Literal["donsker_varadhan", "kliep"] = "donsker_varadhan"

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        return scores.noise_log_mean_exp() - scores.joint.mean()

    def information(self, scores: PairScores) -> Float[Tensor, ""]:
        """Minus the loss: a lower bound in the limit of large batches."""
        return -self.loss(scores)


@dataclass(frozen=True, config=STRICT)
class MINE:
    """Donsker-Varadhan with a moving average of E0 exp c in the gradient's denominator.

    Belghazi et al. (2018), ICML, section 3.2. ``loss`` has no moving average and is used for
    validation; training uses what ``build`` returns.

    Attributes:
        decay: weight of earlier batches in the moving average, from 0 to below 1.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> scores = pr.PairScores.in_batch(torch.tensor([[2.0, -1.0], [0.5, 1.0]]))
        >>> in_training, bound = pr.MINE().build(), pr.DonskerVaradhan()
        >>> torch.allclose(in_training.loss(scores), bound.loss(scores))  # gradients differ
        True
    """

    optimum: ClassVar[Optimum] = Optimum.UP_TO_CONSTANT
    needs: ClassVar[Needs] = Needs()
    name: Literal["mine"] = "mine"
    decay: float = Field(default=0.99, ge=0, lt=1)

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        return DonskerVaradhan().loss(scores)

    def information(self, scores: PairScores) -> Float[Tensor, ""]:
        """Minus the loss: a lower bound in the limit of large batches."""
        return -self.loss(scores)

    def build(self) -> LossModule:
        """The loss to train with: the value of ``loss``, with the gradient of the paper."""
        return MovingDonskerVaradhan(self.decay)


class MovingDonskerVaradhan(LossModule):
    """Donsker-Varadhan loss whose gradient is divided by a moving average."""

    log_average: Tensor

    def __init__(self, decay: float) -> None:
        super().__init__()
        self.decay = decay
        self.register_buffer("log_average", torch.tensor(math.nan))

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        """The loss of a batch; the average is updated in training mode only."""
        log_mean = scores.noise_log_mean_exp()
        if self.training:
            self._move(log_mean.detach().to(self.log_average.dtype))
            # the value of log_mean, with the gradient of its exp over the average
            surrogate = (log_mean - self.log_average).exp()
            log_mean = surrogate + (log_mean - surrogate).detach()
        return log_mean - scores.joint.mean()

    def _move(self, log_mean: Tensor) -> None:
        if self.log_average.isnan():
            self.log_average.copy_(log_mean)
            return
        past = self.log_average + (math.log(self.decay) if self.decay else -math.inf)
        self.log_average.copy_(torch.logaddexp(past, log_mean + math.log1p(-self.decay)))


@dataclass(frozen=True, config=STRICT)
class NWJ:
    """The bound of Nguyen, Wainwright & Jordan, in terms of log r: -E1 c + E0 exp c - 1.

    Nguyen, Wainwright & Jordan (2010), IEEE Trans. Inf. Theory 56, 5847; their critic is c + 1.
    KL-DIME of Letizia, Novello & Tonello (2024), NeurIPS, is the same loss.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> matrix = torch.tensor([[2.0, 0.0], [0.0, 2.0]])  # noise has ratio one
        >>> for shift in (0, 0.5):
        ...     scores = pr.PairScores.in_batch(matrix + shift)
        ...     print(round(pr.NWJ().information(scores).item(), 3))  # always 2 by DonskerVaradhan
        2.0
        1.851
    """

    optimum: ClassVar[Optimum] = Optimum.LOG_RATIO
    needs: ClassVar[Needs] = Needs()
    name: Literal["nwj", "kl_dime"] = "nwj"

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        return scores.noise_log_mean_exp().exp() - scores.joint.mean() - 1

    def information(self, scores: PairScores) -> Float[Tensor, ""]:
        """Minus the loss, a lower bound."""
        return -self.loss(scores)


@dataclass(frozen=True, config=STRICT)
class SMILE:
    """Trained as NCE; its estimate is Donsker-Varadhan with noise ratios clipped.

    Song & Ermon (2020), ICLR, section 4.

    Attributes:
        tau: largest |c| of a noise pair in the estimate, in nats.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> scores = pr.PairScores.in_batch(torch.tensor([[2.0, -9.0], [-9.0, 2.0]]))
        >>> round(pr.DonskerVaradhan().information(scores).item(), 3)  # 2 - (-9) nats
        11.0
        >>> round(pr.SMILE(tau=5).information(scores).item(), 3)  # 2 - (-5) nats
        7.0
        >>> torch.equal(pr.SMILE().loss(scores), pr.NCE().loss(scores))
        True
    """

    optimum: ClassVar[Optimum] = Optimum.LOG_RATIO
    needs: ClassVar[Needs] = Needs()
    name: Literal["smile"] = "smile"
    tau: PositiveFloat = 5.0

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        return discrimination_loss(scores)

    def information(self, scores: PairScores) -> Float[Tensor, ""]:
        """E1 c - log E0 exp(clipped c): no bound, since the clipping may lower the second term."""
        clipped = PairScores(scores.matrix.clamp(-self.tau, self.tau), scores.noise)
        return scores.joint.mean() - clipped.noise_log_mean_exp()


@dataclass(frozen=True, config=STRICT)
class FLO:
    """The Fenchel-Legendre bound, with a second critic h: E1[exp(h - c + log E0 exp c) - h] - 1.

    Guo et al. (2022), NeurIPS, where u = -h. At the optimum h = c - log E0 exp c for each right
    protein, which is log r. The loss uses the helper critic h at joint pairs only, so h is not
    trained on other pairs. The score is therefore c, normalised per right protein after training.
    The helper critic only serves the bound.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> matrix = torch.tensor([[2.0, -1.0], [-1.0, 2.0]])  # c - log E0 exp c = 3
        >>> noise = ~torch.eye(2, dtype=bool)
        >>> for h in (2.0, 3.0, 4.0):
        ...     scores = pr.PairScores(matrix, noise, helper=torch.full((2, 2), h))
        ...     print(round(pr.FLO().information(scores).item(), 3))
        2.632
        3.0
        2.282
    """

    optimum: ClassVar[Optimum] = Optimum.UP_TO_RIGHT_TERM
    needs: ClassVar[Needs] = Needs(helper=True)
    name: Literal["flo"] = "flo"

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        """The loss of a batch, in nats.

        Raises:
            ValueError: if the batch has no helper scores, or no noise.
        """
        if scores.helper is None:
            raise ValueError("flo needs the scores of a second critic (PairScores.helper)")
        columns = scores.columns.some_informative()
        log_sum = columns.noise_log_sum_exp()
        log_mean = log_sum - columns.n_noise.to(log_sum.dtype).log()
        helper = scores.helper.diagonal()[columns.partner]
        gap = helper + log_mean - columns.joint
        bounded = gap.clamp_max(MAX_EXPONENT)
        return (bounded.exp() * (1 + gap - bounded)).mean() - helper.mean() - 1

    def information(self, scores: PairScores) -> Float[Tensor, ""]:
        """Minus the loss, a lower bound."""
        return -self.loss(scores)


@dataclass(frozen=True, config=STRICT)
class HellingerDime:
    """E1 r^(-1/2) + E0 r^(1/2), the squared Hellinger distance.

    HD-DIME of Letizia, Novello & Tonello (2024), NeurIPS, with D = r^(-1/2).

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> ratios = torch.tensor([[4.0, 0.25], [0.25, 4.0]])
        >>> loss = pr.HellingerDime().loss(pr.PairScores.in_batch(ratios.log()))
        >>> round(loss.item(), 3)  # 4 ** (-1/2) + 0.25 ** (1/2); a ratio of one gives 2
        1.0
    """

    optimum: ClassVar[Optimum] = Optimum.LOG_RATIO
    needs: ClassVar[Needs] = Needs()
    name: Literal["hellinger_dime"] = "hellinger_dime"

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        half = PairScores(scores.matrix / 2, scores.noise)
        return (-half.joint).exp().mean() + half.noise_log_mean_exp().exp()
