"""Contrastive objectives: InfoNCE-anchor and the baselines it is compared with."""

import math
from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from pydantic import PositiveFloat, model_validator
from pydantic.dataclasses import dataclass
from torch import Tensor
from torch.nn import functional

from ppi_ratio.objectives.scores import STRICT, Optimum, PairScores
from ppi_ratio.objectives.scoring_rules import BatchForm, in_batch_loss, log_rule


@dataclass(frozen=True, config=STRICT)
class InfoNCEAnchor:
    """InfoNCE with one more class, "none of them": its optimum is the log ratio itself.

    Ryu, Yeddanapudi, Xu & Wornell (2025), arXiv 2510.25983. With K noise slots and nu = K/gamma
    the same loss as NRE-C of Miller, Weniger & Forré (2022), arXiv 2210.06170.

    Attributes:
        nu: weight of the anchor class; 1 follows the paper. Either this or ``beta`` is given.
        beta: weight of the anchor class per noise slot, nu = beta K: keeps its meaning when the
            batch grows.
        batch_form: see ``in_batch_loss``.
        both_directions: average over "which left fits this right" and its mirror image. The
            optimum is the same, the variance lower.
    """

    optimum: ClassVar[Optimum] = Optimum.LOG_RATIO
    name: Literal["infonce_anchor"] = "infonce_anchor"
    nu: PositiveFloat | None = None
    beta: PositiveFloat | None = None
    batch_form: BatchForm = "exact"
    both_directions: bool = True

    @model_validator(mode="after")
    def _weigh_once(self) -> "InfoNCEAnchor":
        if self.nu is not None and self.beta is not None:
            raise ValueError("give nu or beta (= nu / number of noise slots), not both")
        return self

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        loss = self._one_direction(scores)
        return (loss + self._one_direction(scores.transposed)) / 2 if self.both_directions else loss

    def _one_direction(self, scores: PairScores) -> Float[Tensor, ""]:
        return in_batch_loss(
            scores, log_rule, anchor_weight=self._anchor_weight, form=self.batch_form
        )

    def _anchor_weight(self, n_slots: Tensor) -> Tensor:
        if self.beta is not None:
            return self.beta * n_slots
        return torch.full_like(n_slots, 1.0 if self.nu is None else self.nu)


@dataclass(frozen=True, config=STRICT)
class InfoNCE:
    """Which of the batch's lefts belongs to this right?

    van den Oord, Li & Vinyals (2018), arXiv 1807.03748, equation 4. A term that depends on the
    right protein alone cancels, so scores may be compared among the lefts of one right only.
    """

    optimum: ClassVar[Optimum] = Optimum.UP_TO_RIGHT_TERM
    name: Literal["infonce"] = "infonce"

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        diagonal = torch.eye(len(scores.matrix), dtype=torch.bool, device=scores.matrix.device)
        slots = scores.matrix.masked_fill(~(scores.noise | diagonal), -math.inf)
        return (slots.logsumexp(0) - scores.joint).mean()


@dataclass(frozen=True, config=STRICT)
class InfoNCESymmetric:
    """The mean of InfoNCE in both directions: one constant is left free, no more.

    The loss of CLIP (Radford et al. 2021, ICML).
    """

    optimum: ClassVar[Optimum] = Optimum.UP_TO_CONSTANT
    name: Literal["infonce_symmetric"] = "infonce_symmetric"

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        one_direction = InfoNCE().loss
        return (one_direction(scores) + one_direction(scores.transposed)) / 2


@dataclass(frozen=True, config=STRICT)
class NCE:
    """Logistic regression of joint against noise pairs, each side weighing one half.

    Gutmann & Hyvärinen (2010), AISTATS, equation 3, with as many noise as joint samples. The
    discriminator of the Jensen-Shannon divergence; InfoNCE-anchor with K = 1 and nu = 1.
    """

    optimum: ClassVar[Optimum] = Optimum.LOG_RATIO
    name: Literal["nce"] = "nce"

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        joint = functional.softplus(-scores.joint).mean()
        return (joint + scores.noise_mean(functional.softplus(scores.matrix))) / 2
