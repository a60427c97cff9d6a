"""Values of the variational bounds, MINE's memory and FLO's two heads."""

import math

import pytest
import torch
from torch import Tensor

from ppi_ratio.objectives import (
    BCE,
    FLO,
    MINE,
    NCE,
    NWJ,
    SMILE,
    DonskerVaradhan,
    InfoNCE,
    InfoNCESymmetric,
    Objective,
    PairScores,
)


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        (InfoNCE(), 0.2953999942),
        (InfoNCESymmetric(), (0.2953999942 + 0.2854971672) / 2),
        (NCE(), 0.3802494755),
        (NWJ(), -2.2109347068),
        (DonskerVaradhan(), -2.2116784475),
    ],
    ids=str,
)
def test_loss_has_the_value_worked_out_by_hand(
    objective: Objective, expected: float, scores: PairScores
) -> None:
    assert objective.loss(scores).item() == pytest.approx(expected, abs=1e-9)


def test_smile_clips_the_noise_only(scores: PairScores) -> None:
    assert SMILE(tau=1).information(scores).item() == pytest.approx(2.1818681802, abs=1e-9)


def test_mine_has_the_value_of_its_bound_and_a_gradient_over_the_moving_average(
    matrix: Tensor,
) -> None:
    """Belghazi et al. (2018): the gradient of E0 exp c over the average, not over the batch."""
    learner = MINE(decay=0.9).build()
    first = PairScores.in_batch(matrix)
    learner.loss(first)
    raw = (matrix + 1).requires_grad_()
    scores = PairScores.in_batch(raw)
    loss = learner.loss(scores)
    loss.backward()
    assert loss.item() == pytest.approx(DonskerVaradhan().loss(scores).item(), abs=1e-6)
    mean = matrix[first.noise].exp().mean()
    average = 0.9 * mean + 0.1 * math.e * mean
    expected = (matrix + 1).exp() / average / 12
    expected.fill_diagonal_(-1 / 4)
    assert raw.grad is not None
    torch.testing.assert_close(raw.grad, expected, atol=1e-6, rtol=1e-5)


def test_mine_without_a_past_has_the_gradient_of_its_bound(matrix: Tensor) -> None:
    learner, gradients = MINE(decay=0).build(), []
    for loss in (learner.loss, learner.loss, DonskerVaradhan().loss):
        raw = matrix.clone().requires_grad_()
        loss(PairScores.in_batch(raw)).backward()
        assert raw.grad is not None
        gradients.append(raw.grad)
    torch.testing.assert_close(gradients[1], gradients[2], atol=1e-6, rtol=1e-6)


def test_mine_does_not_remember_what_it_is_judged_by(scores: PairScores) -> None:
    learner = MINE().build().eval()
    assert learner.loss(scores).item() == pytest.approx(DonskerVaradhan().loss(scores).item())
    assert learner.state_dict()["log_average"].isnan()


def test_flo_is_tight_where_the_helper_is_the_normalised_score(
    matrix: Tensor, scores: PairScores
) -> None:
    log_mean = matrix.masked_fill(~scores.noise, -math.inf).logsumexp(0) - math.log(3)
    normalised = matrix - log_mean
    tight = FLO().information(PairScores(matrix, scores.noise, normalised))
    assert tight.item() == pytest.approx(normalised.diagonal().mean().item(), abs=1e-12)
    for offset in (-0.5, 0.3):
        other = FLO().information(PairScores(matrix, scores.noise, normalised + offset))
        assert other < tight


def test_flo_without_a_helper_is_refused(scores: PairScores) -> None:
    with pytest.raises(ValueError, match="second critic"):
        FLO().loss(scores)


def test_labelled_non_pairs_stand_in_for_the_noise(matrix: Tensor) -> None:
    scores = PairScores.in_batch(matrix)
    labelled = PairScores(matrix, scores.noise, non_pairs=torch.tensor([0.5, -1.0]).double())
    shift = math.log(4 / 2)
    joint = torch.nn.functional.softplus(-matrix.diagonal() - shift).sum()
    others = torch.nn.functional.softplus(torch.tensor([0.5, -1.0]).double() + shift).sum()
    assert BCE().loss(labelled).item() == pytest.approx((joint + others).item() / 6)
