"""The scoring-rule family: values worked out by hand, identities, and the in-batch engine."""

import itertools
import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from ppi_ratio.objectives import (
    NCE,
    NWJ,
    AsymmetricLog,
    AsymmetricPower,
    Brier,
    ChiSquare,
    InfoNCE,
    InfoNCEAnchor,
    LeastSquares,
    PairScores,
    Power,
    ReverseLog,
    Spherical,
)
from ppi_ratio.objectives.log_sums import masked_log_sum_exp
from ppi_ratio.objectives.scoring_rule_family import ScoringRule
from ppi_ratio.objectives.scoring_rules import Problem, SharedSlots


def power_generator(u: Tensor) -> Tensor:
    return (1 + (u**1.5).sum(0)) * (1 + u.sum(0)) ** -0.5 / 0.75


# Psi of the odds of each rule; slots first
GENERATORS: dict[Callable[..., ScoringRule], Callable[[Tensor], Tensor]] = {
    InfoNCEAnchor: lambda u: (u * u.log()).sum(0) - (1 + u.sum(0)) * (1 + u.sum(0)).log(),
    Brier: lambda u: (1 + (u**2).sum(0)) / (2 * (1 + u.sum(0))),
    Power: power_generator,
    Spherical: lambda u: (1 + (u**2).sum(0)).sqrt(),
    AsymmetricLog: lambda u: (u * u.log()).sum(0),
    AsymmetricPower: lambda u: -4 * u.sqrt().sum(0),
    ChiSquare: lambda u: (u**2).sum(0) / 2,
    ReverseLog: lambda u: -u.log().sum(0),
}


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        (InfoNCEAnchor, (0.5496960699, 0.5813767649, 0.5671536868, 0.6005118377)),
        (Brier, (-0.3622647091, -0.3610722596, -0.3555058597, -0.3514329357)),
        (Power, (-1.0916172079, -1.0897196864, -1.0855518149, -1.0779130066)),
        (Spherical, (-0.8386181265, -0.8546754700, -0.8628205780, -0.8646376230)),
        (AsymmetricLog, (-1.6582010301, -1.9765608241, -0.5561612091, -0.7840507094)),
        (ChiSquare, (-7.6527579792, -8.3291451860, -1.7006128843, -1.9831298062)),
    ],
)
def test_rule_has_the_values_worked_out_by_hand(
    member: Callable[..., ScoringRule], expected: tuple[float, ...], scores: PairScores
) -> None:
    settings = itertools.product((1, 3), ("exact", "full"))
    values = [
        member(nu=nu, batch_form=form, both_directions=False).loss(scores).item()
        for nu, form in settings
    ]
    assert values == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        (InfoNCEAnchor(nu=1), 0.5641056601),
        (InfoNCEAnchor(nu=3), 0.5740197343),
        (InfoNCEAnchor(beta=1), 0.5740197343),
    ],
    ids=str,
)
def test_both_directions_are_averaged(
    objective: InfoNCEAnchor, expected: float, scores: PairScores
) -> None:
    assert objective.loss(scores).item() == pytest.approx(expected, abs=1e-9)


def test_anchor_on_the_transposed_batch_is_the_other_direction(scores: PairScores) -> None:
    loss = InfoNCEAnchor(nu=1, both_directions=False).loss(scores.transposed)
    assert loss.item() == pytest.approx(0.5785152502, abs=1e-9)


@pytest.mark.parametrize(("nu", "entropy"), [(1, 1.3862943611), (3, 1.2424533249)])
def test_anchor_of_an_ignorant_critic_is_the_entropy_of_the_class(
    nu: float, entropy: float
) -> None:
    scores = PairScores.in_batch(torch.zeros(4, 4, dtype=torch.float64))
    assert InfoNCEAnchor(nu=nu).loss(scores).item() == pytest.approx(entropy, abs=1e-9)


def test_anchor_gradient_is_the_closed_form(matrix: Tensor) -> None:
    matrix.requires_grad_()
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


def test_anchor_estimates_the_information_as_its_normalised_value(scores: PairScores) -> None:
    objective = InfoNCEAnchor(nu=1, both_directions=False)
    assert objective.information(scores).item() == pytest.approx(1.1154643883, abs=1e-9)


@pytest.mark.parametrize("gamma", [0.5, 3.0])
def test_anchor_is_nre_c_with_nu_of_slots_over_gamma(
    gamma: float, matrix: Tensor, scores: PairScores
) -> None:
    """Miller, Weniger & Forré (2022), equation 10, over the same draws."""
    batch = len(matrix)
    slots = batch - 1

    def nre_c(column: int) -> Tensor:
        noise = [row for row in range(batch) if row != column]
        kept = [row for row in noise if row != (column + 1) % batch]
        log_gamma, log_slots = math.log(gamma), math.log(slots)

        def log_partition(rows: list[int]) -> Tensor:
            odds = log_gamma + matrix[rows, column]
            return torch.cat([odds, torch.tensor([log_slots], dtype=odds.dtype)]).logsumexp(0)

        log_anchor = log_slots - log_partition(noise)
        log_joint = log_gamma + matrix[column, column] - log_partition([column, *kept])
        return -(log_anchor + gamma * log_joint) / (1 + gamma)

    expected = torch.stack([nre_c(column) for column in range(batch)]).mean()
    loss = InfoNCEAnchor(nu=slots / gamma, both_directions=False).loss(scores)
    assert loss.item() == pytest.approx(expected.item(), abs=1e-12)


@pytest.mark.parametrize("member", GENERATORS)
@pytest.mark.parametrize(("n_slots", "nu"), [(1, 1.0), (3, 0.25), (3, 4.0)])
def test_regret_is_the_bregman_divergence_of_the_odds(
    member: Callable[..., ScoringRule], n_slots: int, nu: float
) -> None:
    """Ryu et al. (2025), theorem 6, by enumeration of every tuple of a discrete law."""
    noise_law = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)
    true = torch.tensor([0.1, 0.2, 0.7], dtype=torch.float64) / noise_law
    model = torch.tensor([0.4, 1.7, 0.9], dtype=torch.float64)
    tuples = torch.tensor(list(itertools.product(range(3), repeat=n_slots))).T  # (slot, tuple)
    law = noise_law[tuples].prod(0)
    rule = member(nu=nu)

    def loss(ratio: Tensor) -> Tensor:
        odds = (ratio / nu).log()[tuples]
        shared = odds[:-1] if n_slots > 1 else odds
        kept = torch.full_like(shared, n_slots > 1, dtype=torch.bool)
        log_nu = torch.zeros_like(odds[-1])  # these are log-odds already
        slots = SharedSlots(shared, kept, log_nu, masked_log_sum_exp(shared, kept))
        anchor = rule.rule(Problem(slots, odds[-1], last_is_true=False))
        joint = rule.rule(Problem(slots, odds[-1], last_is_true=True))
        weights = law * true[tuples[-1]]
        return (n_slots * (weights * joint).sum() + nu * (law * anchor).sum()) / (n_slots + nu)

    psi = GENERATORS[member]
    odds = (model / nu)[tuples].requires_grad_()
    (slope,) = torch.autograd.grad(psi(odds).sum(), odds)
    gap = (true / nu)[tuples] - odds
    divergence = psi((true / nu)[tuples]) - psi(odds) - (slope * gap).sum(0)
    regret = nu / (n_slots + nu) * (law * divergence).sum()
    assert (loss(model) - loss(true)).item() == pytest.approx(regret.item(), abs=1e-9)


@pytest.mark.parametrize("member", GENERATORS)
def test_one_noise_slot_is_the_row_below_the_partner(
    member: Callable[..., ScoringRule], matrix: Tensor, scores: PairScores
) -> None:
    below = torch.arange(4)
    only = torch.zeros(4, 4, dtype=torch.bool)
    only[(below + 1) % 4, below] = True
    one_slot = member(n_slots=1, both_directions=False).loss(scores)
    masked = member(both_directions=False).loss(PairScores(matrix, only))
    torch.testing.assert_close(one_slot, masked, atol=1e-12, rtol=0)


def test_anchor_with_one_slot_of_weight_one_is_nce(matrix: Tensor) -> None:
    below = torch.arange(4)
    only = torch.zeros(4, 4, dtype=torch.bool)
    only[(below + 1) % 4, below] = True
    anchor = InfoNCEAnchor(nu=1, n_slots=1, both_directions=False)
    scores = PairScores(matrix, only)
    torch.testing.assert_close(anchor.loss(scores), NCE().loss(scores), atol=1e-12, rtol=0)


def test_asymmetric_log_is_nwj_and_chi_square_least_squares(scores: PairScores) -> None:
    """The same loss up to the factor K/(K+nu) and what does not depend on the scores."""
    nu, slots = 2.0, 3
    factor = slots / (slots + nu)
    log = AsymmetricLog(nu=nu, both_directions=False).loss(scores)
    shifted = factor * (NWJ().loss(scores) + math.log(nu))
    torch.testing.assert_close(log, shifted, atol=1e-12, rtol=0)
    square = ChiSquare(nu=nu, both_directions=False).loss(scores)
    torch.testing.assert_close(square, factor / nu * LeastSquares().loss(scores))


@pytest.mark.parametrize("member", GENERATORS)
def test_relabelling_the_batch_leaves_the_full_form_unchanged(
    member: Callable[..., ScoringRule], matrix: Tensor, scores: PairScores
) -> None:
    order = torch.tensor([2, 0, 3, 1])
    relabelled = PairScores.in_batch(matrix[order][:, order])
    objective = member(batch_form="full")
    torch.testing.assert_close(objective.loss(relabelled), objective.loss(scores))


def test_vanishing_anchor_leaves_infonce_over_the_kept_rows(
    matrix: Tensor, scores: PairScores
) -> None:
    noise = scores.noise.clone()
    noise[(torch.arange(4) + 1) % 4, torch.arange(4)] = False
    anchor = InfoNCEAnchor(nu=1e-12, both_directions=False).loss(scores)
    infonce = InfoNCE().loss(PairScores(matrix, noise))
    torch.testing.assert_close(anchor, infonce, atol=1e-9, rtol=0)


def test_full_form_tends_to_the_exact_one_in_large_batches() -> None:
    def gap(batch: int) -> float:
        generator = torch.Generator().manual_seed(0)
        matrix = torch.randn(batch, batch, generator=generator, dtype=torch.float64)
        scores = PairScores.in_batch(matrix + 3 * torch.eye(batch, dtype=torch.float64))
        exact, full = (
            InfoNCEAnchor(nu=1, batch_form=form).loss(scores) for form in ("exact", "full")
        )
        return (exact - full).abs().item()

    assert gap(512) < gap(64) < gap(8)
    assert gap(512) < 0.002


def test_column_without_noise_is_left_out(matrix: Tensor, scores: PairScores) -> None:
    noise = scores.noise.clone()
    noise[:, 1] = False
    matrix.requires_grad_()
    InfoNCEAnchor(both_directions=False).loss(PairScores(matrix, noise)).backward()
    assert matrix.grad is not None
    assert (matrix.grad[:, 1] == 0).all()


def test_weight_of_the_anchor_is_given_once() -> None:
    with pytest.raises(ValueError, match="nu or beta"):
        InfoNCEAnchor(nu=1, beta=1)
