"""The scoring-rule family: one classification task, several proper rules; the optimum is log r.

Ryu, Yeddanapudi, Xu & Wornell (2025), arXiv 2510.25983, theorem 6. The names of the asymmetric
members follow our reading of Ryu, Shah & Wornell (2024), arXiv 2409.18209.
"""

from typing import ClassVar, Literal

from jaxtyping import Float
from pydantic import Field, PositiveFloat, PositiveInt, model_validator
from pydantic.dataclasses import dataclass
from torch import Tensor

from ppi_ratio.objectives import scoring_rules
from ppi_ratio.objectives.link import Link
from ppi_ratio.objectives.scores import (
    STRICT,
    Columns,
    Needs,
    Optimum,
    PairScores,
    Sums,
    loss_over_columns,
)
from ppi_ratio.objectives.scoring_rules import BatchForm, Problem


@dataclass(frozen=True, config=STRICT, kw_only=True)
class ScoringRule:
    """The classification task that all members share; each member adds its rule.

    Attributes:
        nu: weight of the anchor class ("none of these"); the paper uses 1.
        beta: weight of the anchor class per noise slot, nu = beta K. It keeps its meaning when the
            batch grows. The default is beta = 1.
        n_slots: number of noise slots K; by default all other lefts of the batch.
        batch_form: see ``scoring_rules.column_losses``.
        both_directions: average the task "which left fits this right" and the task "which right
            fits this left". The optimum is unchanged and the variance lower.
    """

    optimum: ClassVar[Optimum] = Optimum.LOG_RATIO
    needs: ClassVar[Needs] = Needs()
    plain_sums: ClassVar[bool] = False  # the rule needs only the plain sum of the odds
    nu: PositiveFloat | None = None
    beta: PositiveFloat | None = None
    n_slots: PositiveInt | None = None
    batch_form: BatchForm = "exact"
    both_directions: bool = True

    @model_validator(mode="after")
    def _weigh_once(self) -> "ScoringRule":
        if self.nu is not None and self.beta is not None:
            raise ValueError("give nu or beta (= nu / number of noise slots), not both")
        return self

    @property
    def directions(self) -> int:
        return 2 if self.both_directions else 1

    def loss(self, scores: PairScores) -> Float[Tensor, ""]:
        return loss_over_columns(self, scores)

    def column_losses(self, columns: Columns) -> Float[Tensor, " column"]:
        if self.n_slots is not None:
            columns = columns.with_slots(self.n_slots)
        return scoring_rules.column_losses(
            columns, self.rule, anchor_weight=self.anchor_weight, form=self.batch_form
        )

    @property
    def sums_suffice(self) -> bool:
        return self.plain_sums and self.both_directions and self.n_slots is None

    @property
    def drops_one(self) -> bool:
        return self.batch_form == "exact"

    def losses_from_sums(self, sums: Sums) -> Float[Tensor, " column"]:
        return scoring_rules.losses_from_sums(
            sums, self.rule, anchor_weight=self.anchor_weight, form=self.batch_form
        )

    def anchor_weight(self, n_slots: Tensor) -> Tensor:
        """The weight nu for each number of slots."""
        if self.nu is None:
            return (1.0 if self.beta is None else self.beta) * n_slots
        return n_slots.new_full(n_slots.shape, self.nu)

    def rule(self, problem: Problem) -> Float[Tensor, " column"]:
        """Loss of one classification problem per column."""
        raise NotImplementedError


@dataclass(frozen=True, config=STRICT, kw_only=True)
class InfoNCEAnchor(ScoringRule):
    """InfoNCE with one more class, "none of these": the optimum is the log ratio itself.

    Ryu, Yeddanapudi, Xu & Wornell (2025), arXiv 2510.25983; it uses the log rule. With K noise
    slots and nu = K/gamma it is the loss NRE-C of Miller, Weniger & Forré (2022),
    arXiv 2210.06170.

    Attributes:
        nu: weight of the anchor class ("none of these"); the paper uses 1.
        beta: weight of the anchor class per noise slot, nu = beta K. The default is beta = 1.
        n_slots: number of noise slots K; by default all other lefts of the batch.
        batch_form: "exact", or "full" with all noise in both terms and an error of 1 / batch².
        both_directions: average over the columns and the rows of the score matrix.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> ratio_one, anchor = torch.zeros(4, 4), pr.InfoNCEAnchor(nu=1)
        >>> loss = anchor.loss(pr.PairScores.in_batch(ratio_one))
        >>> round(loss.exp().item(), 3)  # K + 1 equally probable classes; K = 3 others
        4.0
        >>> bool(anchor.loss(pr.PairScores.in_batch(ratio_one + 1)) > loss)  # no free constant
        True
    """

    plain_sums: ClassVar[bool] = True
    name: Literal["infonce_anchor"] = "infonce_anchor"

    def rule(self, problem: Problem) -> Float[Tensor, " column"]:
        return scoring_rules.log_rule(problem)

    def information(self, scores: PairScores) -> Float[Tensor, ""]:
        """(K+nu)/K (H(Z) - loss), a lower bound of at most about log K for small nu.

        H(Z) is the entropy of the class: the loss of a constant critic.
        """
        known = self.loss(PairScores(scores.matrix * 0, scores.noise)) - self.loss(scores)
        n_noise = scores.columns.n_noise.to(scores.matrix.dtype)
        slots = n_noise.clamp_max(self.n_slots or len(scores.matrix)).mean()
        slots = slots if self.batch_form == "exact" else slots + 1
        return known * (slots + self.anchor_weight(slots)) / slots


@dataclass(frozen=True, config=STRICT, kw_only=True)
class Brier(ScoringRule):
    """Squared error of the posterior; the power rule at 2.

    The loss is bounded: a confidently wrong entry has almost no gradient. At the start gradients
    are 1/(K+1) times those of the log rule. Settings are those of ``InfoNCEAnchor``.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> ratio_one = pr.PairScores.in_batch(torch.zeros(4, 4))
        >>> round(pr.Brier(nu=1).loss(ratio_one).item(), 3)  # 4 * (1/4)**2 / 2 - 1/4
        -0.125
    """

    name: Literal["brier"] = "brier"

    def rule(self, problem: Problem) -> Float[Tensor, " column"]:
        return scoring_rules.brier_rule(problem)


@dataclass(frozen=True, config=STRICT, kw_only=True)
class Power(ScoringRule):
    """Tsallis' rule between log (alpha -> 1) and Brier (alpha = 2), and beyond.

    Settings are ``alpha`` above 1, and those of ``InfoNCEAnchor``.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> scores = pr.PairScores.in_batch(torch.tensor([[2.0, -1.0], [0.5, 1.0]]))
        >>> torch.allclose(pr.Power(alpha=2).loss(scores), pr.Brier().loss(scores))
        True
    """

    name: Literal["power"] = "power"
    alpha: float = Field(default=1.5, gt=1)

    def rule(self, problem: Problem) -> Float[Tensor, " column"]:
        return scoring_rules.power_rule(problem, self.alpha)


@dataclass(frozen=True, config=STRICT, kw_only=True)
class Spherical(ScoringRule):
    """The (pseudo-)spherical rule; alpha = 2 is the spherical one. The loss is bounded.

    Settings are ``alpha`` above 1, and those of ``InfoNCEAnchor``.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> for matrix in (torch.zeros(4, 4), 200 * torch.eye(4) - 100):  # no idea, and sure
        ...     loss = pr.Spherical(nu=1).loss(pr.PairScores.in_batch(matrix))
        ...     print(round(loss.item(), 3))
        -0.5
        -1.0
    """

    name: Literal["spherical"] = "spherical"
    alpha: float = Field(default=2.0, gt=1)

    def rule(self, problem: Problem) -> Float[Tensor, " column"]:
        return scoring_rules.spherical_rule(problem, self.alpha)


@dataclass(frozen=True, config=STRICT, kw_only=True)
class AsymmetricLog(ScoringRule):
    """The Kullback-Leibler rule: NWJ up to a factor and a constant, whatever K and nu.

    Settings are those of ``InfoNCEAnchor``.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> scores = pr.PairScores.in_batch(torch.tensor([[2.0, -1.0], [0.5, 1.0]]))
        >>> factor = 1 / 2  # K / (K + nu)
        >>> torch.allclose(pr.AsymmetricLog(nu=1).loss(scores), factor * pr.NWJ().loss(scores))
        True
    """

    plain_sums: ClassVar[bool] = True
    name: Literal["asymmetric_log"] = "asymmetric_log"

    def rule(self, problem: Problem) -> Float[Tensor, " column"]:
        return scoring_rules.asymmetric_log_rule(problem)


@dataclass(frozen=True, config=STRICT, kw_only=True)
class AsymmetricPower(ScoringRule):
    """Alpha divergences: alpha = 1/2 is Hellinger's, the limit alpha -> 1 the asymmetric log rule.

    Settings are ``alpha`` between 0 and 1, and those of ``InfoNCEAnchor``.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> scores = pr.PairScores.in_batch(torch.tensor([[2.0, -1.0], [0.5, 1.0]]))
        >>> hellinger = pr.AsymmetricPower(alpha=0.5, nu=1).loss(scores)
        >>> torch.allclose(hellinger, pr.HellingerDime().loss(scores))  # K = 1; a factor otherwise
        True
    """

    name: Literal["asymmetric_power"] = "asymmetric_power"
    alpha: float = Field(default=0.5, gt=0, lt=1)

    def rule(self, problem: Problem) -> Float[Tensor, " column"]:
        return scoring_rules.asymmetric_power_rule(problem, self.alpha)


@dataclass(frozen=True, config=STRICT, kw_only=True)
class ChiSquare(ScoringRule):
    """The asymmetric power rule at 2: squared error of the ratio, up to a factor.

    Where the ratio is large, it is linear in the network's output. With r = exp(t) the squared
    ratio grows as exp(2 t), and training diverged in every trial. Settings are those of
    ``InfoNCEAnchor``.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> scores = pr.PairScores.in_batch(torch.tensor([[2.0, -1.0], [0.5, 1.0]]))
        >>> factor = 1 / 2  # K / (K + nu)
        >>> torch.allclose(pr.ChiSquare(nu=1).loss(scores), factor * pr.LeastSquares().loss(scores))
        True
    """

    needs: ClassVar[Needs] = Needs(link=Link.RATIO)
    name: Literal["chi_square"] = "chi_square"

    def rule(self, problem: Problem) -> Float[Tensor, " column"]:
        return scoring_rules.asymmetric_power_rule(problem, 2.0)


@dataclass(frozen=True, config=STRICT, kw_only=True)
class ReverseLog(ScoringRule):
    """The Itakura-Saito rule: 1/r on joint pairs, log r on noise.

    For a pair that is only ever noise, the loss falls without bound as its log r falls. Where 1/r
    is large, it is linear in the network's output, which makes that fall slow. Settings are those
    of ``InfoNCEAnchor``.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> scores = pr.PairScores.in_batch(torch.tensor([[2.0, -1.0], [0.5, 1.0]]))
        >>> expected = (-scores.joint).exp().mean() + scores.noise_mean(scores.matrix) - 1
        >>> factor = 1 / 2  # K / (K + nu)
        >>> torch.allclose(pr.ReverseLog(nu=1).loss(scores), factor * expected)
        True
    """

    needs: ClassVar[Needs] = Needs(link=Link.INVERSE_RATIO)
    name: Literal["reverse_log"] = "reverse_log"

    def rule(self, problem: Problem) -> Float[Tensor, " column"]:
        return scoring_rules.reverse_log_rule(problem)
