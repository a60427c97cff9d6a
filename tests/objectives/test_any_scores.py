"""What every objective keeps to for any scores within 80 nats, any noise and any order."""

from dataclasses import replace

import pytest
import torch
from damage import share_of_examples
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from ppi_ratio.objectives import Objective, PairScores
from ppi_ratio.objectives.scores import ColumnObjective

LARGEST = 80.0
SIZES = st.sampled_from([2, 3, 5, 9])
SEEDS = st.integers(0, 2**20)
KINDS = ["small", "uniform", "at the ends", "one stands out"]


def chance_scores(kind: str, size: int, generator: torch.Generator) -> Tensor:
    """Raw output of a network, none beyond ``LARGEST``."""
    uniform = 2 * torch.rand(size, size, generator=generator) - 1
    if kind == "small":
        return 3 * uniform
    if kind == "at the ends":
        return LARGEST * uniform.sign()
    if kind == "one stands out":
        uniform[tuple(torch.randint(size, (2,), generator=generator))] *= LARGEST
        return uniform
    return LARGEST * uniform


def chance_batch(
    objective: Objective, kind: str, size: int, seed: int, *, masked: float = 0.0
) -> tuple[Tensor, PairScores]:
    """Raw scores, and the batch that they make; ``masked`` is the share of noise taken out."""
    generator = torch.Generator().manual_seed(seed)
    raw = chance_scores(kind, size, generator).requires_grad_()
    scores = PairScores.in_batch(objective.needs.link(raw))
    kept = torch.rand(size, size, generator=generator) >= masked
    helper = chance_scores(kind, size, generator)
    non_pairs = chance_scores(kind, size, generator).flatten()[: 1 + seed % size]
    return raw, replace(
        scores,
        noise=scores.noise & kept,
        helper=helper if objective.needs.helper else None,
        non_pairs=non_pairs if objective.needs.non_pairs and seed % 2 else None,
    )


def assert_finite(loss: Tensor, raw: Tensor) -> None:
    (gradient,) = torch.autograd.grad(loss, raw)
    assert loss.isfinite()
    assert gradient.isfinite().all()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("row", [0, 2])
def test_one_noise_score_that_is_no_number_shows_in_the_loss(
    objective: Objective, row: int, value: float
) -> None:
    matrix = torch.zeros(4, 4)
    matrix[row, 1] = value
    scores = replace(PairScores.in_batch(matrix), helper=torch.zeros(4, 4))
    if objective.needs.non_pairs:
        scores = replace(scores, non_pairs=matrix[:, 1])
    assert not objective.loss(scores).isfinite()


@share_of_examples(0.4)
@given(
    kind=st.sampled_from(KINDS),
    size=SIZES,
    seed=SEEDS,
    masked=st.sampled_from([0.0, 0.0, 0.5, 0.9, 1.0]),
    column=st.none() | st.integers(0, 8),
)
def test_loss_and_gradient_are_finite_or_a_batch_without_noise_is_refused(
    objective: Objective, kind: str, size: int, seed: int, masked: float, column: int | None
) -> None:
    raw, scores = chance_batch(objective, kind, size, seed, masked=masked)
    noise = scores.noise.clone()
    if column is not None:
        noise[:, column % size] = False
    scores = replace(scores, noise=noise)
    if noise.any() or scores.non_pairs is not None:
        assert_finite(objective.loss(scores), raw)
    else:
        with pytest.raises(ValueError, match="no noise entry"):
            objective.loss(scores)


@share_of_examples(0.2)
@given(size=SIZES, seed=SEEDS, scale=st.floats(0, 5))
def test_projections_in_bfloat16_have_the_loss_of_their_scores_in_float32(
    objective: Objective, size: int, seed: int, scale: float
) -> None:
    """So does training in bf16: products in half precision, scores and losses in single."""
    generator = torch.Generator().manual_seed(seed)
    sides = [
        (scale * torch.randn(size, 4, generator=generator)).bfloat16().requires_grad_()
        for _ in range(2)
    ]
    products = (sides[0] @ sides[1].T).float().clamp(-LARGEST, LARGEST)
    link = objective.needs.link
    scores = replace(PairScores.in_batch(link(products)), helper=torch.zeros(size, size))
    loss = objective.loss(scores)
    assert loss.dtype == torch.float32
    assert loss.isfinite()
    assert all(each.isfinite().all() for each in torch.autograd.grad(loss, sides))


def is_free_of_order(objective: Objective) -> bool:
    """Exact forms leave out the noise that follows the partner, so only turning is free."""
    return getattr(objective, "batch_form", "full") == "full"


@share_of_examples(0.2)
@given(size=SIZES, seed=SEEDS, masked=st.sampled_from([0.0, 0.3]))
def test_the_order_of_the_batch_changes_nothing(
    objective: Objective, size: int, seed: int, masked: float
) -> None:
    _, scores = chance_batch(objective, "small", size, seed, masked=masked)
    if not scores.noise.any():
        return
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(size, generator=generator)
    if not is_free_of_order(objective):
        order = torch.arange(size).roll(seed % size)
    moved = replace(
        scores,
        matrix=scores.matrix[order][:, order],
        noise=scores.noise[order][:, order],
        helper=None if scores.helper is None else scores.helper[order][:, order],
    )
    torch.testing.assert_close(objective.loss(moved), objective.loss(scores), rtol=1e-4, atol=1e-5)


@share_of_examples(0.2)
@given(size=SIZES, seed=SEEDS, masked=st.sampled_from([0.0, 0.3]))
def test_a_loss_of_both_directions_is_that_of_the_batch_with_its_sides_exchanged(
    objective: Objective, size: int, seed: int, masked: float
) -> None:
    if not isinstance(objective, ColumnObjective) or objective.directions == 1:
        pytest.skip(f"{objective.name} has one direction, or none")
    _, scores = chance_batch(objective, "small", size, seed, masked=masked)
    if scores.columns.n_noise.any() and scores.transposed.columns.n_noise.any():
        torch.testing.assert_close(objective.loss(scores.transposed), objective.loss(scores))
