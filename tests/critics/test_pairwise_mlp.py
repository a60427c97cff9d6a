"""The compiled hidden layer is what operations of PyTorch make of it, gradients too."""

import pytest
import torch
from torch import Tensor

from ppi_ratio.critics import MLP
from ppi_ratio.critics.mlp import MLPCritic
from ppi_ratio.critics.pairwise_mlp import pairwise_mlp


def by_pytorch(u: Tensor, v: Tensor, weights: Tensor) -> Tensor:
    return ((u[:, None] + v[None]).relu() * weights[:, None]).sum(-1)


@pytest.mark.parametrize(("n_left", "n_right"), [(1, 1), (4, 8), (37, 70), (130, 3)])
@pytest.mark.parametrize("threads", [1, 2])
def test_values_and_gradients_are_those_of_pytorch(n_left: int, n_right: int, threads: int) -> None:
    torch.manual_seed(0)
    inputs = [torch.randn(n, 19, dtype=torch.float64) for n in (n_left, n_right, n_left)]
    of_out = torch.randn(n_left, n_right)
    exact = [each.clone().requires_grad_() for each in inputs]
    expected = by_pytorch(*exact)
    expected.backward(of_out.double())
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        found = [each.float().requires_grad_() for each in inputs]
        out = pairwise_mlp(*found)
        out.backward(of_out)
    finally:
        torch.set_num_threads(before)
    torch.testing.assert_close(out.double(), expected, atol=1e-5, rtol=1e-5)
    for one, other in zip(found, exact, strict=True):
        assert one.grad is not None
        assert other.grad is not None
        torch.testing.assert_close(one.grad.double(), other.grad, atol=1e-4, rtol=1e-5)


@pytest.mark.parametrize("symmetric", [False, True])
def test_a_critic_in_training_learns_from_them_as_from_pytorch(symmetric: bool) -> None:
    torch.manual_seed(0)
    critic = MLP(hidden=12, dropout=0.0, symmetric=symmetric).build(7).train()
    assert isinstance(critic, MLPCritic)
    torch.nn.init.normal_(critic.readout.weight)
    x, y, of_scores = torch.randn(9, 7), torch.randn(6, 7), torch.randn(9, 6)
    gradients = []
    for kind in (torch.float32, torch.float64):  # the second is left to PyTorch
        critic = critic.to(kind)
        critic.zero_grad()
        scores = critic.interact(critic.project_left(x.to(kind)), critic.project_right(y.to(kind)))
        scores.backward(of_scores.to(kind))
        gradients.append(
            [each.grad.double() for each in critic.parameters() if each.grad is not None]
        )
    assert len(gradients[0]) == len(list(critic.parameters()))
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)


def test_dropout_keeps_the_mean_of_scores() -> None:
    torch.manual_seed(0)
    critic = MLP(hidden=64, dropout=0.5).build(5)
    assert isinstance(critic, MLPCritic)
    torch.nn.init.ones_(critic.readout.weight)
    u, v = critic.project_left(torch.randn(3, 5)), critic.project_right(torch.randn(4, 5))
    with torch.no_grad():
        draws = torch.stack([critic.train().interact(u, v) for _ in range(400)])
        kept = critic.eval().interact(u, v)
    assert draws.std(0).min() > 0.5
    torch.testing.assert_close(draws.mean(0), kept, rtol=0.1, atol=0.0)
