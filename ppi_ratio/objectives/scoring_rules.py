"""Proper scoring rules: losses of classification problems with K + 1 classes.

The problems are those of InfoNCE-anchor and its scoring-rule family (Ryu, Yeddanapudi, Xu &
Wornell 2025, arXiv 2510.25983); the form within a batch is ours. Column j of a batch belongs to
``right_j``. The column holds the scores of the joint partner ``left_j``, and of the other lefts,
which are noise. Each column gives two problems, whose classes are K slots and the anchor:

- one slot holds the joint pair, the others noise: the true class is that slot;
- all slots hold noise: the true class is the anchor ("none of these"), whose odds are 1.

A convex generator Psi of the odds u = r / nu of the slots against the anchor defines a rule. The
loss is <u, grad Psi> - Psi if the anchor is true, and -dPsi/du_z if slot z is true. The regret is
the Bregman divergence of Psi between true and modelled odds. In the formulas below
s = sum u and eta = (1, u) / (1 + s) are the posteriors.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ppi_ratio.objectives.log_sums import LOG_ZERO, masked_log_sum_exp, picked_and_log_sum_exp
from ppi_ratio.objectives.scores import Columns, Sums

BatchForm = Literal["exact", "full"]


@dataclass(frozen=True)
class Problem:
    """Log-odds, against the anchor, of the slots of one classification problem per column.

    Both problems of a column share the noise slots in ``shared``, whose sums are computed once.
    The two problems differ in one slot, ``last``.

    Attributes:
        shared: the noise slots of both problems.
        last: log-odds of the last slot, which holds the joint pair or noise.
        last_is_true: whether the last slot holds the joint pair, so that this slot is the true
            class. Otherwise the anchor is the true class.
    """

    shared: "SharedSlots"
    last: Float[Tensor, " column"]
    last_is_true: bool

    @property
    def true(self) -> Float[Tensor, " column"]:
        """Log-odds of the true class: the joint slot, or the anchor."""
        return self.last if self.last_is_true else torch.zeros_like(self.last)

    def log_slots(self, power: float = 1.0) -> Float[Tensor, " column"]:
        """Log of the sum of u^power over the slots."""
        return torch.logaddexp(self.shared.log_sum(power), power * self.last)

    def log_total(self, power: float = 1.0) -> Float[Tensor, " column"]:
        """Log of 1 + the sum of u^power over the slots."""
        slots = self.log_slots(power)
        return torch.logaddexp(slots, torch.zeros_like(slots))

    def sum_of_log_odds(self) -> Float[Tensor, " column"]:
        """Sum of log u - 1 over the slots."""
        present = self.last > LOG_ZERO / 2
        return self.shared.sum_of_log_odds() + torch.where(present, self.last - 1, 0.0)


class SharedSlots:
    """The noise slots that both problems of each column share.

    Args:
        scores: log ratios of the batch; None if only plain sums are needed.
        kept: True for the entries of ``scores`` that are shared slots.
        log_nu: subtracted from log ratios, gives log-odds against the anchor.
        log_sum: log of the sum of exp(score) over the kept entries.
    """

    def __init__(
        self,
        scores: Float[Tensor, "left column"] | None,
        kept: Bool[Tensor, "left column"] | None,
        log_nu: Float[Tensor, " column"],
        log_sum: Float[Tensor, " column"],
    ) -> None:
        self._scores = scores
        self._kept = kept
        self._log_nu = log_nu
        self._log_sums = {1.0: log_sum}

    def log_sum(self, power: float) -> Float[Tensor, " column"]:
        if power not in self._log_sums:
            assert self._scores is not None
            assert self._kept is not None
            self._log_sums[power] = masked_log_sum_exp(power * self._scores, self._kept)
        return self._log_sums[power] - power * self._log_nu

    def sum_of_log_odds(self) -> Float[Tensor, " column"]:
        assert self._scores is not None
        assert self._kept is not None
        odds = self._scores - self._log_nu - 1
        return torch.where(self._kept, odds, 0.0).sum(0)


Rule = Callable[[Problem], Float[Tensor, " column"]]


def log_rule(problem: Problem) -> Float[Tensor, " column"]:
    """Minus log eta of the true class; Psi = sum u log u - (1+s) log(1+s)."""
    return problem.log_total() - problem.true


def power_rule(problem: Problem, alpha: float) -> Float[Tensor, " column"]:
    """Tsallis: sum eta^a / a - eta_true^(a-1) / (a-1); a -> 1 is the log rule."""
    log_partition = problem.log_total()
    concentration = (problem.log_total(alpha) - alpha * log_partition).exp() / alpha
    return concentration - ((alpha - 1) * (problem.true - log_partition)).exp() / (alpha - 1)


def brier_rule(problem: Problem) -> Float[Tensor, " column"]:
    """Half the squared distance to the true class, less a half: the power rule at 2."""
    return power_rule(problem, 2.0)


def spherical_rule(problem: Problem, alpha: float) -> Float[Tensor, " column"]:
    """Minus (eta_true / ||eta||_a)^(a-1); Psi = ||(1, u)||_a."""
    return -((alpha - 1) * (problem.true - problem.log_total(alpha) / alpha)).exp()


def asymmetric_log_rule(problem: Problem) -> Float[Tensor, " column"]:
    """Slot true: -log u - 1; anchor true: s. Psi = sum u log u; the NWJ bound."""
    return -problem.last - 1 if problem.last_is_true else problem.log_slots().exp()


def asymmetric_power_rule(problem: Problem, alpha: float) -> Float[Tensor, " column"]:
    """Slot true: -u^(a-1) / (a-1); anchor true: sum u^a / a. Psi = sum u^a / (a (a-1))."""
    if problem.last_is_true:
        return -((alpha - 1) * problem.last).exp() / (alpha - 1)
    return problem.log_slots(alpha).exp() / alpha


def reverse_log_rule(problem: Problem) -> Float[Tensor, " column"]:
    """Slot true: 1/u; anchor true: sum log u - 1. Psi = -sum log u (Itakura-Saito)."""
    return (-problem.last).exp() if problem.last_is_true else problem.sum_of_log_odds()


def column_losses(
    columns: Columns,
    rule: Rule,
    *,
    anchor_weight: Callable[[Tensor], Tensor],
    form: BatchForm,
) -> Float[Tensor, " column"]:
    """K/(K+nu) (loss where a slot is joint) + nu/(K+nu) (loss where all are noise), per column.

    K is the number of noise entries of the column. ``exact`` drops one of them from the problem
    with the joint pair, which leaves K - 1; this is an exact likelihood for any batch. ``full``
    keeps all K in both problems and weighs with K + 1; its error falls as 1 / batch².

    Args:
        columns: columns of a batch; every column has noise.
        rule: loss of one problem per column.
        anchor_weight: nu as a function of the number of slots K of each column.
        form: ``exact`` or ``full``.
    """
    rows, kept = columns.partner[None, :], columns.noise
    if form == "exact":
        dropped = first_noise_below_partner(columns)[None, :]
        rows = torch.cat([rows, dropped])
        # clone keeps the layout of a transposed matrix; scatter alone would not
        kept = kept.clone().scatter_(0, dropped, False)
    picked, log_sum = picked_and_log_sum_exp(columns.matrix, kept, rows)
    last_noise = picked[1] if form == "exact" else torch.full_like(log_sum, LOG_ZERO)
    n_noise = columns.n_noise.to(columns.matrix.dtype)
    n_slots, nu = _slots(n_noise, anchor_weight, form)
    shared = SharedSlots(columns.matrix, kept, nu.log(), log_sum)
    return _weighted_loss(rule, shared, picked[0], last_noise, n_slots, nu)


def losses_from_sums(
    sums: Sums,
    rule: Rule,
    *,
    anchor_weight: Callable[[Tensor], Tensor],
    form: BatchForm,
) -> Float[Tensor, " column"]:
    """``column_losses`` computed from sums; for a rule that needs only plain sums."""
    n_slots, nu = _slots(sums.n_noise, anchor_weight, form)
    shared = SharedSlots(None, None, nu.log(), sums.log_sum)
    return _weighted_loss(rule, shared, sums.joint, sums.last_noise, n_slots, nu)


def _slots(
    n_noise: Tensor, anchor_weight: Callable[[Tensor], Tensor], form: BatchForm
) -> tuple[Tensor, Tensor]:
    n_slots = n_noise if form == "exact" else n_noise + 1
    return n_slots, anchor_weight(n_slots)


def _weighted_loss(
    rule: Rule, shared: SharedSlots, joint: Tensor, last_noise: Tensor, n_slots: Tensor, nu: Tensor
) -> Tensor:
    log_nu = nu.log()
    with_joint = rule(Problem(shared, joint - log_nu, last_is_true=True))
    noise_only = rule(Problem(shared, last_noise - log_nu, last_is_true=False))
    return (n_slots * with_joint + nu * noise_only) / (n_slots + nu)


def first_noise_below_partner(columns: Columns) -> Int[Tensor, " column"]:
    """For each column the first noise row below its partner, wrapping at the end."""
    row = (columns.partner + 1) % len(columns.matrix)
    while True:
        not_noise = ~columns.noise.gather(0, row[None, :]).squeeze(0)
        if not bool(not_noise.any()):
            return row
        row = torch.where(not_noise, (row + 1) % len(columns.matrix), row)
