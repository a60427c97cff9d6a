"""Fitting the ratio by squared error, balance or labels."""

import math
from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from pydantic import Field, NonNegativeFloat
from pydantic.dataclasses import dataclass
from torch import Tensor
from torch.nn import functional

from ppi_ratio.errors import ConfigError
from ppi_ratio.objectives.contrastive import discrimination_loss
from ppi_ratio.objectives.link import Link
from ppi_ratio.objectives.scores import NO_NOISE, STRICT, Needs, Optimum, PairScores


@dataclass(frozen=True, config=STRICT)
class LeastSquares:
    """E0 r^2 / 2 - E1 r: squared error of the ratio; the ratio is linear in the network's output.

    uLSIF of Kanamori, Hido & Sugiyama (2009), JMLR 10, 1391; D-RFC of Tsai et al. (2020), NeurIPS.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> ratios = torch.tensor([[3.0, 0.5], [0.5, 3.0]])
        >>> loss = pr.LeastSquares().loss(pr.PairScores.in_batch(ratios.log()))
        >>> round(loss.item(), 3)  # 0.5**2 / 2 - 3
        -2.875
    """

    optimum: ClassVar[Optimum] = Optimum.LOG_RATIO
    needs: ClassVar[Needs] = Needs(link=Link.RATIO)
    name: Literal["least_squares"] = "least_squares"

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        doubled = PairScores(2 * scores.matrix, scores.noise)
        return doubled.noise_log_mean_exp().exp() / 2 - scores.joint.exp().mean()


@dataclass(frozen=True, config=STRICT)
class RuLSIF:
    """Squared error of the relative ratio r_a = r / (a r + 1 - a), which is at most 1/a.

    Yamada et al. (2011), NeurIPS. Written in terms of log r, every term is bounded. Ratios above
    1/a are hardly distinguished.

    Attributes:
        alpha: a, the share of joint pairs in the mixture that the ratio is relative to.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> sure = pr.PairScores.in_batch(200 * torch.eye(4) - 100)
        >>> round(pr.RuLSIF(alpha=0.1).loss(sure).item(), 3)  # the lowest loss, -1 / (2 alpha)
        -5.0
    """

    optimum: ClassVar[Optimum] = Optimum.LOG_RATIO
    needs: ClassVar[Needs] = Needs()
    name: Literal["rulsif"] = "rulsif"
    alpha: float = Field(default=0.1, gt=0, lt=1)

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        plain = torch.full_like(scores.matrix, math.log1p(-self.alpha))
        log_mixture = torch.logaddexp(math.log(self.alpha) + scores.matrix, plain)
        relative = (scores.matrix - log_mixture).exp()
        squares = relative**2
        joint = self.alpha * squares.diagonal().mean() / 2 - relative.diagonal().mean()
        return joint + (1 - self.alpha) * scores.noise_mean(squares) / 2


@dataclass(frozen=True, config=STRICT)
class BalancedNCE:
    """NCE with a penalty on classifiers that are not balanced.

    Delaunoy et al. (2022), NeurIPS. A classifier is balanced if the mean probabilities that it
    gives to joint and to noise pairs have sum 1. Scores that equal log r are balanced. With few
    pairs the penalty pulls scores towards 0.

    Attributes:
        balance: weight of the penalty; 100 follows the paper.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> balanced = torch.tensor([[2.0, -2.0], [-2.0, 2.0]])
        >>> for matrix in (balanced, balanced + 1):
        ...     scores = pr.PairScores.in_batch(matrix)
        ...     penalty = pr.BalancedNCE().loss(scores) - pr.NCE().loss(scores)
        ...     print(bool(penalty > 0.01))
        False
        True
    """

    optimum: ClassVar[Optimum] = Optimum.LOG_RATIO
    needs: ClassVar[Needs] = Needs()
    name: Literal["balanced_nce"] = "balanced_nce"
    balance: NonNegativeFloat = 100.0

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        joint = scores.joint.sigmoid().mean()
        imbalance = joint + scores.noise_mean(scores.matrix.sigmoid()) - 1
        return discrimination_loss(scores) + self.balance * imbalance**2


@dataclass(frozen=True, config=STRICT)
class BCE:
    """Logistic regression on labelled pairs, as a supervised classifier learns.

    The ratio is to the law of the labelled non-pairs, not to the product of the marginals. If
    interactions and non-pairs differ in number, the loss adds the log of their odds to each score.
    The score itself is then the log ratio. A batch without labelled non-pairs uses its noise
    entries instead.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> ratio_one = pr.PairScores(
        ...     matrix=torch.zeros(2, 2), noise=~torch.eye(2, dtype=bool), non_pairs=torch.zeros(6)
        ... )
        >>> shares = torch.tensor([2 / 8, 6 / 8])  # 2 interactions, 6 non-pairs
        >>> entropy = -(shares * shares.log()).sum()
        >>> torch.allclose(pr.BCE().loss(ratio_one), entropy)  # the loss of knowing only the shares
        True
    """

    optimum: ClassVar[Optimum] = Optimum.LOG_RATIO
    needs: ClassVar[Needs] = Needs(non_pairs=True)
    name: Literal["bce"] = "bce"

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        drawn = scores.matrix[scores.noise] if scores.non_pairs is None else scores.non_pairs
        if not len(drawn):
            raise ConfigError(NO_NOISE)
        joint = scores.joint
        log_shares = math.log(len(joint)) - math.log(len(drawn))
        losses = [functional.softplus(-joint - log_shares), functional.softplus(drawn + log_shares)]
        return torch.cat(losses).mean()
