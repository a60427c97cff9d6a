"""Proper scoring rules on (K+1)-class problems, shared by all columns of a batch.

Column j holds ``right_j``: its joint partner ``left_j`` and the other lefts of the batch as noise.
Two classification problems are read off it (Ryu, Yeddanapudi, Xu & Wornell 2025,
arXiv 2510.25983: InfoNCE-anchor and its scoring-rule family; the in-batch form is ours):

- one slot holds the joint pair, the others noise: the true class is that slot;
- all slots hold noise: the true class is the anchor, whose odds are 1 by definition.

A rule is a function of the log-odds of the slots against the anchor, ``c - log nu``.
"""

import math
from collections.abc import Callable
from typing import Literal

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ppi_ratio.objectives.scores import PairScores

BatchForm = Literal["exact", "full"]
Slots = Float[Tensor, "slot column"]
Rule = Callable[[Slots, Float[Tensor, " column"] | None], Float[Tensor, " column"]]


def log_rule(slots: Slots, true: Float[Tensor, " column"] | None) -> Float[Tensor, " column"]:
    """Minus the log-posterior of the true class.

    Args:
        slots: log-odds of each slot against the anchor; -inf where a column has no such slot.
        true: log-odds of the true slot, or None if the anchor is the true class.
    """
    others = slots.logsumexp(0)
    log_partition = torch.logaddexp(others, torch.zeros_like(others))
    return log_partition if true is None else log_partition - true


def in_batch_loss(
    scores: PairScores, rule: Rule, *, anchor_weight: Callable[[Tensor], Tensor], form: BatchForm
) -> Float[Tensor, ""]:
    """K/(K+nu) (loss where a slot is joint) + nu/(K+nu) (loss where all are noise), per column.

    ``exact`` gives the first problem K - 1 noise slots by dropping one, where K is the number of
    noise entries of the column; it is an exact likelihood for any batch. ``full`` keeps all of
    them in both problems and weighs with K + 1; its error falls as the square of the batch.
    Columns without noise say nothing about the ratio and are left out.

    Args:
        scores: the batch.
        rule: loss of one problem per column.
        anchor_weight: nu as a function of the number of noise slots of each column.
        form: which noise slots the problem with the joint pair keeps.

    Raises:
        ValueError: if no column has any noise.
    """
    informative = scores.noise.any(0)
    if not bool(informative.any()):
        raise ValueError("no entry of the batch may stand for noise; it needs two pairs or more")
    matrix, noise = scores.matrix[:, informative], scores.noise[:, informative]
    joint = scores.joint[informative]
    n_noise = noise.sum(0).to(matrix.dtype)
    n_slots = n_noise if form == "exact" else n_noise + 1
    nu = anchor_weight(n_slots)
    log_odds = matrix - nu.log()
    kept = noise & ~_dropped(scores.noise)[:, informative] if form == "exact" else noise
    is_joint = torch.eye(len(scores.matrix), dtype=torch.bool, device=matrix.device)[:, informative]
    with_joint = rule(log_odds.masked_fill(~(kept | is_joint), -math.inf), joint - nu.log())
    noise_only = rule(log_odds.masked_fill(~noise, -math.inf), None)
    return ((n_slots * with_joint + nu * noise_only) / (n_slots + nu)).mean()


def _dropped(noise: Bool[Tensor, "batch batch"]) -> Bool[Tensor, "batch batch"]:
    """For each column the first noise row below the diagonal, going round."""
    row = torch.arange(len(noise), device=noise.device)
    below: Int[Tensor, "batch batch"] = (row[:, None] - row[None, :]) % len(noise)
    first = below.masked_fill(~noise, len(noise)).argmin(0)
    return row[:, None] == first[None, :]
