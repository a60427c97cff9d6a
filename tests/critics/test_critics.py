"""Checks that every critic passes: one contract, two ways to the same number."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from ppi_ratio.critics import CRITICS, MLP, Attentive, Critic, CriticFactory, Separable
from ppi_ratio.critics import mlp as mlp_module
from ppi_ratio.critics.products import ProductCritic
from ppi_ratio.embeddings.provenance import Provenance
from ppi_ratio.errors import ConfigError

DIM = 36  # two numbers for each of the parts that ``Attentive`` expects


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


def by_hand(critic: ProductCritic, x: Tensor, *, n_whole: int, segments: int, heads: int) -> Tensor:
    """f(x) one protein and one segment at a time, from the weights' names."""
    weights = {name.removeprefix("left."): value for name, value in critic.state_dict().items()}
    hidden = len(weights["0.pooled.bias"])

    def linear(name: str, y: Tensor) -> Tensor:
        return weights[f"{name}.weight"] @ y + weights[f"{name}.bias"]

    def normed(name: str, y: Tensor) -> Tensor:
        y = (y - y.mean()) / (y.var(correction=0) + 1e-5).sqrt()
        return functional.gelu(y * weights[f"{name}.weight"] + weights[f"{name}.bias"])

    rows = []
    for row in x:
        parts = row[n_whole:].chunk(segments)
        seen = [normed("0.segment.3", linear("0.segment.2", part)) for part in parts]
        looked = torch.stack([linear("0.attention", each) for each in seen])
        shares = looked.exp() / looked.exp().sum(0)
        pooled = torch.zeros(hidden)
        for unit in range(hidden):
            head = unit // (hidden // heads)
            pooled[unit] = sum(
                share[head] * each[unit] for share, each in zip(shares, seen, strict=True)
            )
        state = linear("0.pooled", pooled) + linear("0.whole.2", row[:n_whole])
        rows.append(linear("4", normed("1", state)))
    return torch.stack(rows) * critic.scale


@pytest.mark.parametrize("n_front", [6, 9])
def test_attention_over_segments_is_what_its_weights_say(n_front: int) -> None:
    settings = Attentive(segments=4, segment_dim=3, rank=5, hidden=8, heads=2, symmetric=True)
    torch.manual_seed(0)
    critic = settings.build(n_front + 12).eval()
    assert isinstance(critic, ProductCritic)
    x = torch.randn(6, n_front + 12)
    expected = by_hand(critic, x, n_whole=n_front, segments=4, heads=2)
    torch.testing.assert_close(critic.project_left(x), expected)


def test_the_order_of_segments_does_not_matter_and_a_strange_one_is_found() -> None:
    critic = Attentive(segments=4, rank=5, hidden=8, symmetric=True).build(18).eval()
    x = torch.randn(7, 18)
    turned = torch.cat([x[:, :6], x[:, 9:], x[:, 6:9]], dim=1)
    torch.testing.assert_close(critic.project_left(turned), critic.project_left(x))
    strange = x.clone()
    strange[:, 6:9] += 5
    assert not torch.allclose(critic.project_left(strange), critic.project_left(x), atol=1e-3)


def test_each_row_is_seen_alone() -> None:
    critic = Attentive(segments=4, rank=5, hidden=8).build(18).eval()
    x = torch.randn(7, 18)
    alone = torch.cat([critic.project_right(row[None]) for row in x])
    torch.testing.assert_close(critic.project_right(x), alone)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (Attentive(), "vectors of 37 numbers are not 18 equal parts .* pooling mean_sd_segments"),
        (Attentive(segments=12, segment_dim=4), "12 segments of 4 numbers leave none of the 37"),
    ],
)
def test_vectors_without_such_segments_are_refused(settings: Attentive, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        settings.build(37)


@pytest.mark.parametrize(
    ("settings", "pooling", "message"),
    [
        (Attentive(), "mean", "of pooling 'mean' are not a mean.* pooling mean_sd_segments"),
        (Attentive(segments=8), "mean_sd_segments", "segments: 8, but the vectors have 16"),
    ],
)
def test_vectors_known_to_be_of_other_parts_are_refused(
    settings: Attentive, pooling: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        settings.check_origin(Provenance("esm2_bundled", pooling=pooling))


@pytest.mark.parametrize(
    ("settings", "made_by"),
    [
        (Attentive(), Provenance("esm2_bundled", pooling="mean_sd_segments")),
        (Attentive(), Provenance()),
        (Attentive(), Provenance("other", pooling="unstated")),
        (Attentive(segments=8, segment_dim=20), Provenance("esm2_bundled", pooling="mean")),
    ],
)
def test_vectors_that_may_have_such_segments_are_taken(
    settings: Attentive, made_by: Provenance
) -> None:
    settings.check_origin(made_by)


def test_heads_divide_the_hidden_units() -> None:
    with pytest.raises(ValueError, match="heads 3 must divide hidden 512"):
        Attentive(heads=3)
