import pytest
import torch
from torch import Tensor

from ppi_ratio.objectives.log_sums import LOG_ZERO, masked_log_sum_exp, picked_and_log_sum_exp


@pytest.fixture
def matrix() -> Tensor:
    return 5 * torch.randn(6, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.fixture
def mask() -> Tensor:
    drawn = torch.rand(6, 4, generator=torch.Generator().manual_seed(1)) < 0.6
    drawn[:, 3] = False
    return drawn


def test_log_sum_over_the_mask(matrix: Tensor, mask: Tensor) -> None:
    expected = [matrix[mask[:, column], column].logsumexp(0) for column in range(3)]
    found = masked_log_sum_exp(matrix, mask)
    torch.testing.assert_close(found[:3], torch.stack(expected), atol=1e-12, rtol=0)
    assert found[3] == LOG_ZERO


def test_gradients_of_sum_and_picked_entries(matrix: Tensor, mask: Tensor) -> None:
    rows = torch.tensor([[0, 1, 2, 3], [5, 5, 0, 3]])  # the last column picks one entry twice

    def of(scores: Tensor) -> tuple[Tensor, Tensor]:
        picked, log_sum = picked_and_log_sum_exp(scores, mask, rows)
        return picked, log_sum[:3]

    assert torch.autograd.gradcheck(of, matrix.requires_grad_())


def test_a_column_without_entries_has_no_gradient(matrix: Tensor, mask: Tensor) -> None:
    masked_log_sum_exp(matrix.requires_grad_(), mask).sum().backward()
    assert matrix.grad is not None
    assert not matrix.grad[:, 3].any()
    assert matrix.grad.isfinite().all()


def test_a_transposed_matrix_gets_the_same_gradient(matrix: Tensor, mask: Tensor) -> None:
    gradients = []
    for scores, chosen in ((matrix, mask), (matrix.T.contiguous().T, mask.T.contiguous().T)):
        leaf = scores.detach().requires_grad_()
        masked_log_sum_exp(leaf, chosen)[:3].square().sum().backward()
        assert leaf.grad is not None
        gradients.append(leaf.grad)
    torch.testing.assert_close(*gradients, atol=1e-12, rtol=0)


@pytest.mark.parametrize("shift", [-1e4, -80.0, 80.0, 1e4])
def test_far_scores_neither_overflow_nor_vanish(shift: float) -> None:
    scores = torch.tensor([[shift], [shift + 1], [1e5]])
    mask = torch.tensor([[True], [True], [False]])
    expected = shift + torch.tensor([0.0, 1.0]).logsumexp(0)
    torch.testing.assert_close(masked_log_sum_exp(scores, mask)[0], expected)
