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

STEEPEST = 30.0  # nats


@dataclass(frozen=True, config=STRICT)
class DonskerVaradhan:
    """-E1 c + log E0 exp c.

    Donsker & Varadhan (1983). The log of a batch mean is biased, and so is its gradient. KLIEP
    (Sugiyama et al. 2008, NeurIPS) maximises E1 log r subject to E0 r = 1. Normalising the ratio
    to meet that constraint gives this loss.
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
        decay: weight of the past in the moving average.
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
    """-E1 c + E0 exp c - 1, the bound of Nguyen, Wainwright & Jordan (2010), in terms of log r.

    IEEE Trans. Inf. Theory 56, 5847; their critic is c + 1. KL-DIME of Letizia,
    Novello & Tonello (2024), NeurIPS, is the same loss.
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
    """The Fenchel-Legendre bound: E1[u + exp(-u + log E0 exp(c0 - c))] - 1 with a second critic u.

    Guo et al. (2022), NeurIPS. The helper critic is -u. At the optimum -u = c - log E0 exp c for
    each right protein, which is log r. The loss uses the helper at joint pairs only, so the helper
    is not trained on other pairs. The score is therefore c, normalised per right protein after
    training; the helper only serves the bound.
    """

    optimum: ClassVar[Optimum] = Optimum.UP_TO_RIGHT_TERM
    needs: ClassVar[Needs] = Needs(helper=True)
    name: Literal["flo"] = "flo"

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        """Raises ValueError if the batch has no helper scores."""
        if scores.helper is None:
            raise ValueError("flo needs the scores of a second critic (PairScores.helper)")
        columns = scores.columns.some_informative()
        log_sum = columns.noise_log_sum_exp()
        log_mean = log_sum - columns.n_noise.to(log_sum.dtype).log()
        helper = scores.helper.diagonal()[columns.partner]
        gap = helper + log_mean - columns.joint
        bounded = gap.clamp_max(STEEPEST)  # above, the exponential goes on as its tangent
        return (bounded.exp() * (1 + gap - bounded)).mean() - helper.mean() - 1

    def information(self, scores: PairScores) -> Float[Tensor, ""]:
        """Minus the loss, a lower bound."""
        return -self.loss(scores)


@dataclass(frozen=True, config=STRICT)
class HellingerDime:
    """E1 r^(-1/2) + E0 r^(1/2), the squared Hellinger distance.

    HD-DIME of Letizia, Novello & Tonello (2024), NeurIPS, with D = r^(-1/2).
    """

    optimum: ClassVar[Optimum] = Optimum.LOG_RATIO
    needs: ClassVar[Needs] = Needs()
    name: Literal["hellinger_dime"] = "hellinger_dime"

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        half = PairScores(scores.matrix / 2, scores.noise)
        return (-half.joint).exp().mean() + half.noise_log_mean_exp().exp()
