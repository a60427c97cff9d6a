"""InfoNCE and its relatives: which of several candidates is the partner?"""

import math
from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from pydantic import PositiveFloat
from pydantic.dataclasses import dataclass
from torch import Tensor
from torch.nn import functional

from ppi_ratio.objectives.scores import (
    STRICT,
    Columns,
    Needs,
    Optimum,
    PairScores,
    Sums,
    loss_over_columns,
)


@dataclass(frozen=True, config=STRICT)
class InfoNCE:
    """Classify which left protein of the batch is this right protein's partner.

    van den Oord, Li & Vinyals (2018), arXiv 1807.03748, equation 4. The loss does not change when a
    term of the right protein is added to its scores. Compare scores for one right protein only.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> ratio_one = pr.PairScores.in_batch(torch.zeros(4, 4))
        >>> loss = pr.InfoNCE().loss(ratio_one)
        >>> round(loss.exp().item(), 3)  # a guess among 4 lefts costs log 4 nats
        4.0
        >>> of_each_right = torch.tensor([0.0, 5.0, -1.0, 2.0])
        >>> moved = pr.PairScores.in_batch(ratio_one.matrix + of_each_right)
        >>> torch.allclose(pr.InfoNCE().loss(moved), loss)
        True
    """

    optimum: ClassVar[Optimum] = Optimum.UP_TO_RIGHT_TERM
    needs: ClassVar[Needs] = Needs()
    name: Literal["infonce"] = "infonce"

    @property
    def directions(self) -> int:
        return 1

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        return loss_over_columns(self, scores)

    def column_losses(self, columns: Columns) -> Float[Tensor, " column"]:
        joint, noise = columns.joint_and_noise_log_sum_exp()
        return functional.softplus(noise - joint)

    def information(self, scores: PairScores) -> Float[Tensor, ""]:
        """Log B - loss, a lower bound that never exceeds log B."""
        return math.log(len(scores.matrix)) - self.loss(scores)


@dataclass(frozen=True, config=STRICT)
class InfoNCESymmetric:
    """The mean of InfoNCE in both directions; it leaves only one constant undetermined.

    The loss of CLIP (Radford et al. 2021, ICML).

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> scores = pr.PairScores.in_batch(torch.tensor([[2.0, -1.0], [0.5, 1.0]]))
        >>> which_left, which_right = map(pr.InfoNCE().loss, (scores, scores.transposed))
        >>> torch.allclose(pr.InfoNCESymmetric().loss(scores), (which_left + which_right) / 2)
        True
    """

    optimum: ClassVar[Optimum] = Optimum.UP_TO_CONSTANT
    needs: ClassVar[Needs] = Needs()
    name: Literal["infonce_symmetric"] = "infonce_symmetric"

    @property
    def directions(self) -> int:
        return 2

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        return loss_over_columns(self, scores)

    def column_losses(self, columns: Columns) -> Float[Tensor, " column"]:
        return InfoNCE().column_losses(columns)

    @property
    def sums_suffice(self) -> bool:
        return True

    @property
    def drops_one(self) -> bool:
        return False

    def losses_from_sums(self, sums: Sums) -> Float[Tensor, " column"]:
        return functional.softplus(sums.log_sum - sums.joint)

    def information(self, scores: PairScores) -> Float[Tensor, ""]:
        """Log B - loss, a lower bound that never exceeds log B."""
        return math.log(len(scores.matrix)) - self.loss(scores)


@dataclass(frozen=True, config=STRICT)
class RankingNCE:
    """The partner must score higher than each noise left: the mean logistic loss of these pairs.

    This is InfoNCE between two lefts: the partner and one noise left (K = 2 and nu = 0 in the
    anchor's terms). Ma & Collins (2018), EMNLP; Rendle et al. (2009), UAI [BPR].

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> scores = pr.PairScores.in_batch(torch.tensor([[2.0, -1.0], [0.5, 1.0]]))
        >>> torch.allclose(pr.RankingNCE().loss(scores), pr.InfoNCE().loss(scores))
        True
    """

    optimum: ClassVar[Optimum] = Optimum.UP_TO_RIGHT_TERM
    needs: ClassVar[Needs] = Needs()
    name: Literal["ranking_nce"] = "ranking_nce"

    @property
    def directions(self) -> int:
        return 1

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        return loss_over_columns(self, scores)

    def column_losses(self, columns: Columns) -> Float[Tensor, " column"]:
        lost = functional.softplus(columns.matrix - columns.joint)
        return torch.where(columns.noise, lost, 0.0).sum(0) / columns.n_noise

    def information(self, scores: PairScores) -> Float[Tensor, ""]:
        """Log 2 - loss, a lower bound that never exceeds log 2."""
        return math.log(2) - self.loss(scores)


@dataclass(frozen=True, config=STRICT)
class AlphaInfoNCE:
    """InfoNCE whose denominator weighs the joint pair by alpha instead of 1.

    Song & Ermon (2020), NeurIPS, section 3. A smaller alpha raises the largest estimate from
    log m to log(m / alpha), with m lefts per right. With alpha other than 1 the optimum is not
    log r: scores only rank the left proteins of one right protein.

    Attributes:
        alpha: weight of the joint pair in the denominator.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> sure = pr.PairScores.in_batch(50 * torch.eye(4))
        >>> highest = pr.AlphaInfoNCE(alpha=0.1).information(sure)
        >>> round(highest.exp().item(), 3)  # m / alpha; for InfoNCE it is m = 4
        40.0
    """

    optimum: ClassVar[Optimum] = Optimum.SKEWED_UP_TO_RIGHT_TERM
    needs: ClassVar[Needs] = Needs()
    name: Literal["alpha_infonce"] = "alpha_infonce"
    alpha: PositiveFloat = 0.1

    @property
    def directions(self) -> int:
        return 1

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        return loss_over_columns(self, scores)

    def column_losses(self, columns: Columns) -> Float[Tensor, " column"]:
        slots = columns.n_noise.to(columns.matrix.dtype) + 1  # m
        noise_weight = (slots - self.alpha).clamp_min(torch.finfo(slots.dtype).tiny) / (slots - 1)
        joint, noise = columns.joint_and_noise_log_sum_exp()
        denominator = torch.logaddexp(math.log(self.alpha) + joint, noise_weight.log() + noise)
        return denominator - joint - slots.log()

    def information(self, scores: PairScores) -> Float[Tensor, ""]:
        """Minus the loss; no bound for small alpha."""
        return -self.loss(scores)


@dataclass(frozen=True, config=STRICT)
class MLCPC:
    """Multi-label CPC: all joint pairs of the batch share one denominator.

    Song & Ermon (2020), NeurIPS, section 4. The estimate is at most log(m / alpha), with m lefts
    per right. In a large batch the optimum is log(r / (r/m + 1 - 1/m)) plus a constant. It keeps
    the order of pairs and is compressed near log m.

    Attributes:
        alpha: weight of the joint pairs in the denominator.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> for matrix in (torch.zeros(4, 4), 50 * torch.eye(4)):
        ...     estimate = pr.MLCPC().information(pr.PairScores.in_batch(matrix))
        ...     print(round(estimate.exp().item(), 3))  # at most m = 4
        1.0
        4.0
    """

    optimum: ClassVar[Optimum] = Optimum.SKEWED_UP_TO_CONSTANT
    needs: ClassVar[Needs] = Needs()
    name: Literal["ml_cpc"] = "ml_cpc"
    alpha: PositiveFloat = 1.0

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        n_joint = len(scores.matrix)
        slots = scores.n_noise.to(scores.matrix.dtype) / n_joint + 1  # m
        noise_weight = (slots - self.alpha).clamp_min(torch.finfo(slots.dtype).tiny) / (slots - 1)
        denominator = torch.logaddexp(
            math.log(self.alpha) + scores.joint.logsumexp(0),
            noise_weight.log() + scores.noise_log_sum_exp(),
        )
        return denominator - scores.joint.mean() - (n_joint * slots).log()

    def information(self, scores: PairScores) -> Float[Tensor, ""]:
        """Minus the loss; a lower bound for alpha in [m / (n (m-1) + 1), 1]."""
        return -self.loss(scores)


@dataclass(frozen=True, config=STRICT)
class NCE:
    """Logistic regression of joint against noise pairs; each class has weight one half.

    Gutmann & Hyvärinen (2010), AISTATS, equation 3, with as many noise as joint samples. It is
    also the discriminator of the Jensen-Shannon divergence (PCC of Tsai et al. 2020, NeurIPS;
    GAN-DIME of Letizia, Novello & Tonello 2024, NeurIPS). InfoNCE-anchor with K = 1 and nu = 1 is
    the same loss.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> scores = pr.PairScores.in_batch(torch.tensor([[2.0, -1.0], [0.5, 1.0]]))
        >>> anchor = pr.InfoNCEAnchor(nu=1)  # of 2 pairs, each has K = 1 noise left
        >>> torch.allclose(pr.NCE().loss(scores), anchor.loss(scores))
        True
    """

    optimum: ClassVar[Optimum] = Optimum.LOG_RATIO
    needs: ClassVar[Needs] = Needs()
    name: Literal["nce", "jensen_shannon", "gan_dime"] = "nce"

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        return discrimination_loss(scores)

    def information(self, scores: PairScores) -> Float[Tensor, ""]:
        """2 (log 2 - loss): twice the Jensen-Shannon bound, never above I or 2 log 2."""
        return 2 * (math.log(2) - self.loss(scores))


def discrimination_loss(scores: PairScores) -> Float[Tensor, ""]:
    """Average of the mean logistic loss of joint pairs and that of noise pairs."""
    joint = functional.softplus(-scores.joint).mean()
    return (joint + scores.noise_mean(functional.softplus(scores.matrix))) / 2
