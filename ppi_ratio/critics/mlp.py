"""An MLP on two concatenated vectors, h(A x + B y); A x and B y are computed once per protein."""

from collections.abc import Callable
from typing import Annotated, Literal

import torch
from jaxtyping import Float
from pydantic import Field, PositiveInt
from pydantic.dataclasses import dataclass
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from ppi_ratio.critics.critic import STRICT, Critic
from ppi_ratio.critics.dropout import Dropout
from ppi_ratio.critics.products import MAX_LAYERS, Share
from ppi_ratio.objectives.link import Link
from ppi_ratio.runtime.kernels.pairwise_mlp import pairwise_mlp, shared_pairwise_mlp

TILE_ELEMENTS = 2**24  # (left, right, hidden) entries held at once: 64 MB in float32


@dataclass(frozen=True, config=STRICT)
class MLP:
    """Settings of an MLP on the concatenated vectors; ``build`` makes the network.

    Attributes:
        hidden: width of every layer.
        layers: number of hidden layers; the first is computed once per protein.
        dropout: share of hidden units dropped in training. With one layer on a CPU, a left protein
            drops the same units with every right protein of the batch.
        symmetric: whether the score is the mean over both orders of the pair. If not stated,
            ``fit`` sets it for pairs without a direction.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> x, y = torch.randn(3, 5), torch.randn(4, 5)
        >>> critic = pr.MLP(hidden=8).build(dim=5)
        >>> scores = critic.interact(critic.project_left(x), critic.project_right(y))
        >>> torch.equal(scores, torch.zeros(3, 4))  # before training every pair has ratio one
        True
    """

    name: Literal["mlp"] = "mlp"
    hidden: PositiveInt = 256
    layers: Annotated[PositiveInt, Field(le=MAX_LAYERS)] = 1
    dropout: Share = 0.1
    symmetric: bool | None = None

    def build(self, dim: int, *, link: Link = Link.LOG) -> Critic:
        """Make a network with new weights for vectors of ``dim`` numbers."""
        return MLPCritic(dim, self, link=link)


class MLPCritic(Critic):
    """Score = h(A x + B y) + bias; if symmetric, the mean of the scores of both orders."""

    has_matrix_product = False

    def __init__(self, dim: int, settings: MLP, *, link: Link) -> None:
        super().__init__(symmetric=bool(settings.symmetric), link=link)
        hidden = settings.hidden
        self.layers = settings.layers
        self.as_left = nn.Linear(dim, hidden)
        self.as_right = nn.Linear(dim, hidden, bias=False)
        self.dropout = Dropout(settings.dropout)
        deeper: list[nn.Module] = [nn.ReLU(), self.dropout]
        for _ in range(settings.layers - 1):
            deeper += [nn.Linear(hidden, hidden), nn.ReLU(), Dropout(settings.dropout)]
        self.deeper = nn.Sequential(*deeper)
        self.readout = nn.Linear(hidden, 1, bias=False)
        nn.init.zeros_(self.readout.weight)  # before training, all scores are equal

    def project_left(self, x: Float[Tensor, "left dim"]) -> Float[Tensor, "left hidden"]:
        return self._both_roles(x) if self.symmetric else self.as_left(x)

    def project_right(self, y: Float[Tensor, "right dim"]) -> Float[Tensor, "right hidden"]:
        return self._both_roles(y) if self.symmetric else self.as_right(y)

    def products(self, u: Tensor, v: Tensor) -> Tensor:
        if self._has_one_layer_kernel(u):
            return self._in_both_orders(self._one_layer, u, v)
        rows = max(1, TILE_ELEMENTS // max(1, v.numel()))
        if rows >= len(u):
            return self._score(u[:, None, :], v[None, :, :])
        return torch.cat([self._tile(part, v) for part in u.split(rows)])

    @torch.no_grad()
    def multiply_(self, factor: float) -> None:
        self.readout.weight.mul_(factor)

    def paired_products(self, u: Tensor, v: Tensor) -> Tensor:
        return self._score(u, v)

    def _tile(self, u: Tensor, v: Tensor) -> Tensor:
        """Raw output of some lefts; the gradient computes activations again to save memory."""
        u, v = u[:, None, :], v[None, :, :]
        if torch.is_grad_enabled():
            return checkpoint(self._score, u, v, use_reentrant=False)
        return self._score(u, v)

    def _has_one_layer_kernel(self, u: Tensor) -> bool:
        return self.layers == 1 and (u.device.type, u.dtype) == ("cpu", torch.float32)

    def _one_layer(self, u: Tensor, v: Tensor) -> Tensor:
        if torch.is_grad_enabled() or self.training:
            # a left protein drops the same hidden units with every right protein
            return pairwise_mlp(u, v, self.dropout(self.readout.weight.expand(len(u), -1)))
        return shared_pairwise_mlp(u, v, self.readout.weight[0])

    def _both_roles(self, x: Tensor) -> Tensor:
        return torch.cat([self.as_left(x), self.as_right(x)], dim=-1)

    def _score(self, u: Tensor, v: Tensor) -> Tensor:
        return self._in_both_orders(self._network, u, v)

    def _in_both_orders(
        self, score: Callable[[Tensor, Tensor], Tensor], u: Tensor, v: Tensor
    ) -> Tensor:
        if not self.symmetric:
            return score(u, v)
        u_left, u_right = u.chunk(2, dim=-1)
        v_left, v_right = v.chunk(2, dim=-1)
        return (score(u_left, v_right) + score(u_right, v_left)) / 2

    def _network(self, u: Tensor, v: Tensor) -> Tensor:
        return self.readout(self.deeper(u + v)).squeeze(-1)
