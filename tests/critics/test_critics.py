"""Checks that every critic passes: one contract, two ways to the same number."""

import pytest
import torch
from torch import Tensor

from ppi_ratio.critics import CRITICS, MLP, Critic, CriticFactory, Separable
from ppi_ratio.critics import mlp as mlp_module

DIM = 7


@pytest.fixture(params=CRITICS, ids=str)
def kind(request: pytest.FixtureRequest) -> type[CriticFactory]:
    return CRITICS[request.param]


def build(settings: CriticFactory) -> Critic:
    torch.manual_seed(0)
    critic = settings.build(DIM).eval()
    with torch.no_grad():
        for weights in critic.parameters():
            weights.add_(0.3 * torch.randn_like(weights))
    return critic


def vectors(count: int, seed: int) -> Tensor:
    return torch.randn(count, DIM, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("symmetric", [False, True])
def test_all_pairs_and_row_by_row_agree(kind: type[CriticFactory], symmetric: bool) -> None:
    critic = build(kind(symmetric=symmetric))  # pyright: ignore[reportCallIssue]
    u, v = critic.project_left(vectors(5, 1)), critic.project_right(vectors(4, 2))
    matrix = critic.interact(u, v)
    paired = critic.interact_paired(u.repeat_interleave(4, 0), v.repeat(5, 1))
    torch.testing.assert_close(matrix.flatten(), paired)


def test_symmetric_critic_ignores_the_order_of_a_pair(kind: type[CriticFactory]) -> None:
    critic = build(kind(symmetric=True))  # pyright: ignore[reportCallIssue]
    a, b = vectors(50, 1), vectors(50, 2)
    forth = critic.interact_paired(critic.project_left(a), critic.project_right(b))
    back = critic.interact_paired(critic.project_left(b), critic.project_right(a))
    assert torch.equal(forth, back)


def test_directed_critic_heeds_the_order_of_a_pair(kind: type[CriticFactory]) -> None:
    critic = build(kind(symmetric=False))  # pyright: ignore[reportCallIssue]
    a, b = vectors(5, 1), vectors(5, 2)
    forth = critic.interact_paired(critic.project_left(a), critic.project_right(b))
    back = critic.interact_paired(critic.project_left(b), critic.project_right(a))
    assert not torch.allclose(forth, back)


def test_bias_moves_every_score(kind: type[CriticFactory]) -> None:
    critic = build(kind())
    u, v = critic.project_left(vectors(3, 1)), critic.project_right(vectors(3, 2))
    before = critic.interact(u, v)
    with torch.no_grad():
        critic.bias.add_(1.5)
    torch.testing.assert_close(critic.interact(u, v), before + 1.5)


def test_symmetric_product_may_repel_a_protein_from_itself() -> None:
    critic = build(Separable(symmetric=True))
    u = critic.project_left(vectors(200, 1))
    alone = critic.interact_paired(u, u) - critic.bias
    assert alone.min() < 0 < alone.max()


@pytest.mark.parametrize("symmetric", [False, True])
def test_mlp_in_tiles_gives_the_scores_and_gradients_of_the_whole(
    symmetric: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    critic = build(MLP(hidden=6, layers=2, symmetric=symmetric))
    u, v = critic.project_left(vectors(9, 1)), critic.project_right(vectors(8, 2))

    def scores_and_gradients() -> tuple[Tensor, ...]:
        scores = critic.interact(u, v)
        return scores, *torch.autograd.grad(
            scores.square().sum(), list(critic.parameters()), retain_graph=True
        )

    whole = scores_and_gradients()
    monkeypatch.setattr(mlp_module, "TILE_ELEMENTS", 200)
    for tiled, expected in zip(scores_and_gradients(), whole, strict=True):
        torch.testing.assert_close(tiled, expected)


def test_mlp_starts_ignorant() -> None:
    critic = MLP().build(DIM)
    scores = critic.interact(
        critic.project_left(vectors(3, 1)), critic.project_right(vectors(3, 2))
    )
    assert (scores == 0).all()
