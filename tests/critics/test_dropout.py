"""What training adds at random: what dropout leaves out, and how far noise moves."""

import pytest
import torch

from ppi_ratio.critics import Separable
from ppi_ratio.critics.dropout import N_LEVELS, Dropout, GaussianNoise


@pytest.mark.parametrize("p", [1e-6, 0.2, 0.5, 0.9])
def test_entries_are_left_out_or_scaled_and_so_are_their_gradients(p: float) -> None:
    torch.manual_seed(0)
    x = torch.randn(400, 501, requires_grad=True)
    dropout = Dropout(p)
    out = dropout(x)
    kept = out != 0
    scale = N_LEVELS / dropout.n_kept
    torch.testing.assert_close(out[kept], x[kept] * scale)
    share = 1 - kept.double().mean().item()
    assert abs(share - p) < 5 * (p / x.numel()) ** 0.5 + 1 / N_LEVELS
    (gradient,) = torch.autograd.grad(out.sum(), x)
    torch.testing.assert_close(gradient, torch.where(kept, scale, 0.0))


def test_precision_does_not_change_what_is_left_out() -> None:
    x = torch.ones(64, 33)
    outs = []
    for kind in (torch.float32, torch.bfloat16):
        torch.manual_seed(3)
        outs.append(Dropout(0.3)(x.to(kind)))
    assert torch.equal(outs[0] == 0, outs[1] == 0)


def test_rows_that_share_memory_are_left_out_on_their_own() -> None:
    torch.manual_seed(0)
    weight = torch.ones(1, 50, requires_grad=True)
    out = Dropout(0.5)(weight.expand(40, -1))
    assert not torch.equal(out[0], out[1])
    (gradient,) = torch.autograd.grad(out.sum(), weight)
    torch.testing.assert_close(gradient[0], out.detach().sum(0))


def test_nothing_is_left_out_when_scores_are_asked_for() -> None:
    x = torch.randn(5, 4)
    assert Dropout(0.5).eval()(x) is x
    assert Dropout(0.0)(x) is x


def test_noise_has_the_deviation_asked_for_and_only_in_training() -> None:
    torch.manual_seed(0)
    x = torch.zeros(300, 301)
    noise = GaussianNoise(0.5)
    added = noise(x)
    assert abs(added.mean().item()) < 0.01
    assert abs(added.std().item() - 0.5) < 0.01
    assert noise.eval()(x) is x
    assert GaussianNoise(0.0)(x) is x


def test_a_critic_with_noise_reads_the_weights_of_one_without() -> None:
    plain = Separable(rank=4, hidden=(6,), symmetric=True).build(5)
    noisy = Separable(rank=4, hidden=(6,), input_noise=1.0, symmetric=True).build(5)
    noisy.load_state_dict(plain.state_dict())
    x = torch.randn(3, 5)
    assert torch.equal(noisy.eval().project_left(x), plain.eval().project_left(x))
    assert not torch.equal(noisy.train().project_left(x), noisy.project_left(x))
