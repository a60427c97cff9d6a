"""Checks that every objective passes, and values of each that were worked out elsewhere."""

import itertools
import math

import pytest
import torch
from torch import Tensor

from ppi_ratio.objectives import (
    NCE,
    OBJECTIVES,
    InfoNCE,
    InfoNCEAnchor,
    InfoNCESymmetric,
    Objective,
    Optimum,
    PairScores,
)

MATRIX = torch.tensor(
    [[2, -1, 0, 0.5], [-0.5, 1.5, -2, 0], [0, 0.25, 3, -1], [1, -1.5, 0.75, 2.5]],
    dtype=torch.float64,
)
SCORES = PairScores.in_batch(MATRIX)


@pytest.fixture(params=OBJECTIVES, ids=str)
def objective(request: pytest.FixtureRequest) -> Objective:
    return OBJECTIVES[request.param]()


def gaussian_log_ratio(*, batch: int, correlation: float) -> PairScores:
    """True log ratios of a batch of pairs of correlated Gaussians."""
    generator = torch.Generator().manual_seed(0)
    left, noise = torch.randn(2, batch, generator=generator, dtype=torch.float64)
    right = correlation * left + math.sqrt(1 - correlation**2) * noise
    x, y = left[:, None], right[None, :]
    quadratic = correlation**2 * (x**2 + y**2) - 2 * correlation * x * y
    matrix = -quadratic / (2 * (1 - correlation**2)) - 0.5 * math.log(1 - correlation**2)
    return PairScores.in_batch(matrix)


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        (InfoNCEAnchor(nu=1, both_directions=False), 0.5496960699),
        (InfoNCEAnchor(nu=1, both_directions=False, batch_form="full"), 0.5813767649),
        (InfoNCEAnchor(nu=3, both_directions=False), 0.5671536868),
        (InfoNCEAnchor(beta=1, both_directions=False), 0.5671536868),
        (InfoNCEAnchor(nu=3, both_directions=False, batch_form="full"), 0.6005118377),
        (InfoNCEAnchor(nu=1), 0.5641056601),
        (InfoNCEAnchor(nu=3), 0.5740197343),
        (InfoNCE(), 0.2953999942),
        (InfoNCESymmetric(), (0.2953999942 + 0.2854971672) / 2),
        (NCE(), 0.3802494755),
    ],
    ids=str,
)
def test_loss_has_the_value_worked_out_by_hand(objective: Objective, expected: float) -> None:
    assert objective.loss(SCORES).item() == pytest.approx(expected, abs=1e-9)


def test_anchor_on_the_transposed_batch_is_the_other_direction() -> None:
    loss = InfoNCEAnchor(nu=1, both_directions=False).loss(SCORES.transposed)
    assert loss.item() == pytest.approx(0.5785152502, abs=1e-9)


@pytest.mark.parametrize(("nu", "entropy"), [(1, 1.3862943611), (3, 1.2424533249)])
def test_anchor_of_an_ignorant_critic_is_the_entropy_of_the_class(
    nu: float, entropy: float
) -> None:
    scores = PairScores.in_batch(torch.zeros(4, 4, dtype=torch.float64))
    assert InfoNCEAnchor(nu=nu).loss(scores).item() == pytest.approx(entropy, abs=1e-9)


def test_anchor_gradient_is_the_closed_form() -> None:
    matrix = MATRIX.clone().requires_grad_()
    InfoNCEAnchor(nu=1, both_directions=False).loss(PairScores.in_batch(matrix)).backward()
    expected = torch.tensor(
        [
            [-0.07306956, 0.01935589, 0.02313582, 0.02565480],
            [0.00711916, -0.04912384, 0.00313109, 0.02844669],
            [0.02722398, 0.02791326, -0.01801799, 0.01046495],
            [0.07400245, 0.01173994, 0.03111526, -0.03051313],
        ],
        dtype=torch.float64,
    )
    torch.testing.assert_close(matrix.grad, expected, atol=1e-8, rtol=0)


@pytest.mark.parametrize("gamma", [0.5, 3.0])
def test_anchor_is_nre_c_with_nu_of_slots_over_gamma(gamma: float) -> None:
    """Miller, Weniger & Forré (2022), equation 10, over the same draws."""
    batch = len(MATRIX)
    slots = batch - 1

    def nre_c(column: int) -> Tensor:
        noise = [row for row in range(batch) if row != column]
        kept = [row for row in noise if row != (column + 1) % batch]
        log_gamma, log_slots = math.log(gamma), math.log(slots)

        def log_partition(rows: list[int]) -> Tensor:
            odds = log_gamma + MATRIX[rows, column]
            return torch.cat([odds, torch.tensor([log_slots], dtype=odds.dtype)]).logsumexp(0)

        log_anchor = log_slots - log_partition(noise)
        log_joint = log_gamma + MATRIX[column, column] - log_partition([column, *kept])
        return -(log_anchor + gamma * log_joint) / (1 + gamma)

    expected = torch.stack([nre_c(column) for column in range(batch)]).mean()
    loss = InfoNCEAnchor(nu=slots / gamma, both_directions=False).loss(SCORES)
    assert loss.item() == pytest.approx(expected.item(), abs=1e-12)


@pytest.mark.parametrize("scale", [0.7, 1.4])
def test_true_log_ratio_beats_a_rescaled_one(objective: Objective, scale: float) -> None:
    truth = gaussian_log_ratio(batch=1000, correlation=0.5)
    wrong = PairScores(scale * truth.matrix, truth.noise)
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
        if torch.isclose(objective.loss(PairScores(matrix, truth.noise)), objective.loss(truth))
    }
    assert (
        ignored
        == {
            Optimum.LOG_RATIO: set(),
            Optimum.UP_TO_CONSTANT: {"constant"},
            Optimum.UP_TO_LEFT_TERM: {"constant", "left"},
            Optimum.UP_TO_RIGHT_TERM: {"constant", "right"},
        }[objective.optimum]
    )


def test_entry_outside_the_noise_has_no_influence(objective: Objective) -> None:
    noise = SCORES.noise.clone()
    noise[0, 2] = False
    changed = MATRIX.clone()
    changed[0, 2] = 9.0
    assert objective.loss(PairScores(MATRIX, noise)) == objective.loss(PairScores(changed, noise))


@pytest.mark.parametrize("size", [2, 3, 17])
@pytest.mark.parametrize("magnitude", [0.0, 80.0])
def test_loss_and_gradient_stay_finite(objective: Objective, size: int, magnitude: float) -> None:
    generator = torch.Generator().manual_seed(size)
    matrix = (torch.rand(size, size, generator=generator) * 2 - 1) * magnitude
    matrix.requires_grad_()
    loss = objective.loss(PairScores.in_batch(matrix))
    loss.backward()
    assert loss.isfinite()
    assert matrix.grad is not None
    assert matrix.grad.isfinite().all()


def test_column_without_noise_leaves_anchor_finite() -> None:
    noise = SCORES.noise.clone()
    noise[:, 1] = False
    matrix = MATRIX.clone().requires_grad_()
    InfoNCEAnchor(both_directions=False).loss(PairScores(matrix, noise)).backward()
    assert matrix.grad is not None
    assert matrix.grad.isfinite().all()
    assert (matrix.grad[:, 1] == 0).all()


def test_batch_without_noise_is_refused() -> None:
    alone = PairScores.in_batch(torch.zeros(1, 1))
    with pytest.raises(ValueError, match="two pairs or more"):
        InfoNCEAnchor().loss(alone)


def test_relabelling_the_batch_leaves_the_full_form_unchanged() -> None:
    order = torch.tensor([2, 0, 3, 1])
    relabelled = PairScores.in_batch(MATRIX[order][:, order])
    objective = InfoNCEAnchor(batch_form="full")
    torch.testing.assert_close(objective.loss(relabelled), objective.loss(SCORES))


def test_vanishing_anchor_leaves_infonce_over_the_kept_rows() -> None:
    dropped = torch.tensor([(column + 1) % 4 for column in range(4)])
    noise = SCORES.noise.clone()
    noise[dropped, torch.arange(4)] = False
    anchor = InfoNCEAnchor(nu=1e-12, both_directions=False).loss(SCORES)
    infonce = InfoNCE().loss(PairScores(MATRIX, noise))
    torch.testing.assert_close(anchor, infonce, atol=1e-9, rtol=0)


@pytest.mark.parametrize("nu", [0.25, 1.0, 5.0])
def test_anchor_optimum_over_all_batches_is_the_true_ratio(nu: float) -> None:
    """Exact expectation of the in-batch loss over every batch of a discrete law."""
    joint = torch.tensor([[0.30, 0.05], [0.10, 0.55]], dtype=torch.float64)
    true = (joint / (joint.sum(1, keepdim=True) * joint.sum(0, keepdim=True))).log()
    cells = list(itertools.product(range(2), repeat=2))
    batches = torch.tensor(list(itertools.product(range(4), repeat=3)))
    left = torch.tensor([cell[0] for cell in cells])[batches]
    right = torch.tensor([cell[1] for cell in cells])[batches]
    weights = joint[left, right].prod(1)

    def expected_loss(table: Tensor) -> Tensor:
        matrices = table[left[:, :, None], right[:, None, :]]
        objective = InfoNCEAnchor(nu=nu)
        losses = [objective.loss(PairScores.in_batch(matrix)) for matrix in matrices]
        return (weights * torch.stack(losses)).sum()

    table = torch.zeros(2, 2, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [table],
        max_iter=60,
        tolerance_grad=1e-12,
        tolerance_change=1e-15,
        line_search_fn="strong_wolfe",
    )

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = expected_loss(table)
        loss.backward()
        return loss

    optimizer.step(closure)
    torch.testing.assert_close(table.detach(), true, atol=1e-6, rtol=0)


def test_weight_of_the_anchor_is_given_once() -> None:
    with pytest.raises(ValueError, match="nu or beta"):
        InfoNCEAnchor(nu=1, beta=1)
