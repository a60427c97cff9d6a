"""Both directions from one set of exponentials: the loss and gradient of the whole matrix."""

import numpy as np
import pytest
import torch
from damage import share_of_examples
from hypothesis import event, given
from hypothesis import strategies as st
from torch import Tensor

from ppi_ratio.objectives import AsymmetricLog, InfoNCEAnchor, InfoNCESymmetric, PairScores
from ppi_ratio.objectives.bidirectional import fused_bidirectional_loss
from ppi_ratio.objectives.scores import SumObjective
from ppi_ratio.objectives.tiles import ProjectedBatch

OBJECTIVES: dict[str, SumObjective] = {
    "anchor": InfoNCEAnchor(),
    "anchor, nu": InfoNCEAnchor(nu=3.0),
    "anchor, full": InfoNCEAnchor(beta=0.1, batch_form="full"),
    "asymmetric log": AsymmetricLog(),
    "infonce_symmetric": InfoNCESymmetric(),
}
Ids = tuple[Tensor, Tensor] | None


def batch(n_pairs: int, *, repeats: bool, seed: int = 0) -> tuple[Tensor, Ids]:
    """Scores; with repeats of proteins that may not meet themselves, some of them hubs."""
    generator = torch.Generator().manual_seed(seed)
    matrix = 3 * torch.randn(n_pairs, n_pairs, generator=generator)
    if not repeats:
        return matrix, None
    ids = torch.randint(max(2, n_pairs // 4), (2, n_pairs), generator=generator)
    return matrix, (ids[0], ids[1])


def of_matrix(objective: SumObjective, matrix: Tensor, ids: Ids) -> Tensor | None:
    """From all rows at once; a matrix is its own product with the identity."""
    whole = ProjectedBatch(lambda u, v: u @ v.T, matrix, torch.eye(len(matrix)), ids)
    return fused_bidirectional_loss(objective, whole, rows=len(matrix))


def loss_and_gradient(loss: Tensor | None, matrix: Tensor) -> tuple[Tensor, Tensor]:
    assert loss is not None
    (gradient,) = torch.autograd.grad(loss, matrix)
    return loss.detach(), gradient


@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES)
@pytest.mark.parametrize("n_pairs", [2, 3, 40, 300])
@pytest.mark.parametrize("repeats", [False, True])
def test_loss_and_gradient_are_those_of_the_whole_matrix(
    objective: SumObjective, n_pairs: int, repeats: bool
) -> None:
    matrix, ids = batch(n_pairs, repeats=repeats and n_pairs > 3)
    matrix.requires_grad_()
    found = loss_and_gradient(of_matrix(objective, matrix, ids), matrix)
    exact = matrix.detach().double().requires_grad_()
    expected = loss_and_gradient(objective.loss(PairScores.in_batch(exact, ids)), exact)
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours.double(), theirs, rtol=2e-5, atol=1e-8)


@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES)
@pytest.mark.parametrize(("n_pairs", "rows"), [(3, 1), (40, 7), (300, 150)])
@pytest.mark.parametrize("repeats", [False, True])
def test_stripes_of_rows_have_the_loss_and_gradient_of_the_whole(
    objective: SumObjective, n_pairs: int, rows: int, repeats: bool
) -> None:
    _, ids = batch(n_pairs, repeats=repeats and n_pairs > 3)
    torch.manual_seed(1)
    sides = [torch.randn(n_pairs, 5, requires_grad=True) for _ in range(2)]
    offset = torch.tensor(-1.5, requires_grad=True)
    striped = ProjectedBatch(lambda u, v: u @ v.T, sides[0], sides[1], ids)
    found = fused_bidirectional_loss(objective, striped, rows=rows, offset=offset)
    assert found is not None
    expected = objective.loss(PairScores.in_batch(sides[0] @ sides[1].T + offset, ids))
    torch.testing.assert_close(found, expected)
    for ours, theirs in zip(
        torch.autograd.grad(found, [*sides, offset]),
        torch.autograd.grad(expected, [*sides, offset]),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-7)


@share_of_examples(3)
@given(
    name=st.sampled_from(sorted(OBJECTIVES)),
    n_pairs=st.integers(2, 40),
    n_proteins=st.none() | st.integers(1, 60),
    spread=st.sampled_from([0.0, 1.0, 10.0, 40.0, 80.0]),
    seed=st.integers(0, 2**20),
)
def test_any_batch_has_the_loss_of_the_whole_matrix_or_is_left_to_the_other_way(
    name: str, n_pairs: int, n_proteins: int | None, spread: float, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    matrix = (spread * (2 * torch.rand(n_pairs, n_pairs, generator=generator) - 1)).requires_grad_()
    ids = None
    if n_proteins is not None:
        drawn = torch.randint(n_proteins, (2, n_pairs), generator=generator)
        ids = drawn[0], drawn[1]
    loss = of_matrix(OBJECTIVES[name], matrix, ids)
    event("the other way" if loss is None else "this way")
    if loss is None:
        return
    found = loss_and_gradient(loss, matrix)
    exact = matrix.detach().double().requires_grad_()
    whole = OBJECTIVES[name].loss(PairScores.in_batch(exact, ids))
    for ours, theirs in zip(found, loss_and_gradient(whole, exact), strict=True):
        atol = 1e-6 * max(1.0, float(theirs.abs().max()))  # gradients reach exp(80)
        torch.testing.assert_close(ours.double(), theirs, rtol=1e-4, atol=atol)


def test_a_gradient_that_was_overwritten_is_not_given_twice() -> None:
    matrix, ids = batch(5, repeats=False)
    loss = of_matrix(InfoNCEAnchor(), matrix.requires_grad_(), ids)
    assert loss is not None
    loss.backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


@pytest.mark.parametrize("n_threads", [1, 3])
def test_threads_change_nothing(n_threads: int) -> None:
    matrix, ids = batch(700, repeats=True)
    matrix.requires_grad_()
    before = torch.get_num_threads()
    alone = loss_and_gradient(of_matrix(InfoNCEAnchor(), matrix, ids), matrix)
    torch.set_num_threads(n_threads)
    try:
        together = loss_and_gradient(of_matrix(InfoNCEAnchor(), matrix, ids), matrix)
    finally:
        torch.set_num_threads(before)
    assert all(torch.equal(*each) for each in zip(alone, together, strict=True))


def test_scores_too_far_apart_for_one_scale_are_left_to_the_other_way() -> None:
    matrix, _ = batch(20, repeats=False)
    matrix[3] -= 200
    assert of_matrix(InfoNCEAnchor(), matrix, None) is None
    matrix[3] += 150
    assert of_matrix(InfoNCEAnchor(), matrix, None) is not None
    matrix[3, 5] += 300
    assert of_matrix(InfoNCEAnchor(), matrix, None) is None


def test_a_protein_without_noise_is_left_to_the_other_way() -> None:
    matrix, _ = batch(4, repeats=False)
    ids = torch.tensor([1, 1, 1, 2]), torch.tensor([3, 4, 1, 1])
    ids[0][3] = 1
    assert of_matrix(InfoNCEAnchor(), matrix, ids) is None


@pytest.mark.parametrize("place", [(2, 5), (4, 4)])
def test_a_score_that_is_no_number_is_noticed(place: tuple[int, int]) -> None:
    matrix, _ = batch(20, repeats=False)
    matrix[place] = np.nan
    assert of_matrix(InfoNCEAnchor(), matrix, None) is None
