"""Checks that every objective passes."""

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from ppi_ratio.objectives import (
    InfoNCEAnchor,
    InformationEstimate,
    Objective,
    Optimum,
    PairScores,
)


def batch_of(
    matrix: Tensor, noise: Tensor | None = None, helper: Tensor | None = None
) -> PairScores:
    """A batch with helper scores, those of the matrix unless given."""
    scores = PairScores.in_batch(matrix)
    return replace(
        scores,
        noise=scores.noise if noise is None else noise,
        helper=matrix if helper is None else helper,
    )


def gaussian_log_ratio(*, batch: int, correlation: float) -> PairScores:
    """True log ratios of a batch of pairs of correlated Gaussians."""
    generator = torch.Generator().manual_seed(0)
    left, noise = torch.randn(2, batch, generator=generator, dtype=torch.float64)
    right = correlation * left + math.sqrt(1 - correlation**2) * noise
    x, y = left[:, None], right[None, :]
    quadratic = correlation**2 * (x**2 + y**2) - 2 * correlation * x * y
    matrix = -quadratic / (2 * (1 - correlation**2)) - 0.5 * math.log(1 - correlation**2)
    return batch_of(matrix)


@pytest.mark.parametrize("scale", [0.7, 1.4])
def test_true_log_ratio_beats_a_rescaled_one(objective: Objective, scale: float) -> None:
    if objective.optimum.is_skewed:
        pytest.skip(f"the optimum of {objective.name} is {objective.optimum.value}")
    truth = gaussian_log_ratio(batch=1500, correlation=0.4)
    wrong = replace(truth, matrix=scale * truth.matrix)
    assert objective.loss(truth) < objective.loss(wrong)


def test_loss_has_just_the_freedom_that_its_optimum_declares(objective: Objective) -> None:
    truth = gaussian_log_ratio(batch=64, correlation=0.5)
    ramp = torch.linspace(-1, 1, 64, dtype=torch.float64)
    moved = {
        "constant": truth.matrix + 1.0,
        "left": truth.matrix + ramp[:, None],
        "right": truth.matrix + ramp[None, :],
    }
    ignored = {
        kind
        for kind, matrix in moved.items()
        if torch.isclose(objective.loss(replace(truth, matrix=matrix)), objective.loss(truth))
    }
    assert (
        ignored
        == {
            Optimum.LOG_RATIO: set(),
            Optimum.UP_TO_CONSTANT: {"constant"},
            Optimum.SKEWED_UP_TO_CONSTANT: {"constant"},
            Optimum.UP_TO_RIGHT_TERM: {"constant", "right"},
            Optimum.SKEWED_UP_TO_RIGHT_TERM: {"constant", "right"},
        }[objective.optimum]
    )


def test_entry_outside_the_noise_has_no_influence(
    objective: Objective, matrix: Tensor, scores: PairScores
) -> None:
    noise = scores.noise.clone()
    noise[0, 2] = False
    changed = matrix.clone()
    changed[0, 2] = 9.0
    assert objective.loss(batch_of(matrix, noise)) == objective.loss(batch_of(changed, noise))


@pytest.mark.parametrize("size", [2, 3, 17])
@pytest.mark.parametrize("magnitude", [0.0, 80.0])
def test_loss_and_gradient_stay_finite(objective: Objective, size: int, magnitude: float) -> None:
    generator = torch.Generator().manual_seed(size)
    raw = (torch.rand(size, size, generator=generator) * 2 - 1) * magnitude
    raw.requires_grad_()
    loss = objective.loss(batch_of(objective.needs.link(raw), helper=torch.zeros(size, size)))
    loss.backward()
    assert loss.isfinite()
    assert raw.grad is not None
    assert raw.grad.isfinite().all()


def test_columns_without_noise_leave_the_gradient_finite(
    objective: Objective, matrix: Tensor, scores: PairScores
) -> None:
    noise = scores.noise.clone()
    noise[:, 1] = False
    raw = matrix.clone().requires_grad_()
    objective.loss(batch_of(objective.needs.link(raw), noise)).backward()
    assert raw.grad is not None
    assert raw.grad.isfinite().all()


def test_batch_without_noise_is_refused() -> None:
    with pytest.raises(ValueError, match="two pairs or more"):
        InfoNCEAnchor().loss(PairScores.in_batch(torch.zeros(1, 1)))


def test_own_estimate_of_the_information_is_near_the_truth(objective: Objective) -> None:
    """Of true log ratios, with as much slack as its bound and the sample ask for."""
    if not isinstance(objective, InformationEstimate):
        pytest.skip(f"{objective.name} claims no value")
    truth = gaussian_log_ratio(batch=1500, correlation=0.5)
    information = -0.5 * math.log(1 - 0.25)
    estimate = objective.information(truth).item()
    capped = {"ranking_nce", "nce", "jensen_shannon", "gan_dime"}
    lowest = 0.2 * information if objective.name in capped else information - 0.03
    assert lowest < estimate < information + 0.03


def test_own_estimate_of_knowing_nothing_is_zero(objective: Objective) -> None:
    if not isinstance(objective, InformationEstimate):
        pytest.skip(f"{objective.name} claims no value")
    nothing = batch_of(torch.zeros(6, 6, dtype=torch.float64))
    assert objective.information(nothing).item() == pytest.approx(0, abs=1e-12)
