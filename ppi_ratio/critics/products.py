"""Critics whose interaction is an inner product: all-vs-all is one matrix product."""

from typing import Annotated, Literal

import torch
from jaxtyping import Float
from pydantic import Field, NonNegativeFloat, PositiveInt
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from ppi_ratio.critics.critic import STRICT, Critic, alternating_signs
from ppi_ratio.critics.dropout import Dropout, GaussianNoise
from ppi_ratio.objectives.link import Link

Share = Annotated[float, Field(ge=0, lt=1)]
MAX_LAYERS = 64


@dataclass(frozen=True, config=STRICT)
class Bilinear:
    """Settings of the score xᵀ W y, where W has the given rank; ``build`` makes the network."""

    name: Literal["bilinear"] = "bilinear"
    rank: PositiveInt = 128
    symmetric: bool | None = None

    def build(self, dim: int, *, link: Link = Link.LOG) -> Critic:
        left = nn.Linear(dim, self.rank, bias=False)
        right = None if self.symmetric else nn.Linear(dim, self.rank, bias=False)
        return ProductCritic(left, right, rank=self.rank, link=link)


@dataclass(frozen=True, config=STRICT)
class Separable:
    """Settings of f(x) · g(y), where f and g are small networks; ``build`` makes them.

    Attributes:
        rank: length of f(x) and g(y).
        hidden: width of each hidden layer.
        dropout: share of hidden units dropped in training.
        input_dropout: share of vector entries dropped in training.
        input_noise: standard deviation of normal noise added to vector entries in training; the
            entries themselves have standard deviation 1. Works as a ridge penalty (Bishop 1995).
        symmetric: whether f and g are one network; see ``alternating_signs``. If not stated,
            ``fit`` sets it for pairs without a direction.
    """

    name: Literal["separable"] = "separable"
    rank: PositiveInt = 128
    hidden: Annotated[tuple[PositiveInt, ...], Field(max_length=MAX_LAYERS)] = (512,)
    dropout: Share = 0.5
    input_dropout: Share = 0.2
    input_noise: NonNegativeFloat = 0.0
    symmetric: bool | None = None

    def build(self, dim: int, *, link: Link = Link.LOG) -> Critic:
        left = self._network(dim)
        right = None if self.symmetric else self._network(dim)
        return ProductCritic(left, right, rank=self.rank, link=link)

    def _network(self, dim: int) -> nn.Module:
        # one entry of the list, so that stored weights keep their names
        layers: list[nn.Module] = [
            nn.Sequential(GaussianNoise(self.input_noise), Dropout(self.input_dropout))
        ]
        for width in self.hidden:
            # the norm bounds the score of a protein unlike any seen in training
            layers += [
                nn.Linear(dim, width),
                nn.LayerNorm(width),
                nn.GELU(),
                Dropout(self.dropout),
            ]
            dim = width
        return nn.Sequential(*layers, nn.Linear(dim, self.rank))


class ProductCritic(Critic):
    """Score = left(x) · S right(y) + bias.

    S is the identity. In a symmetric critic ``right`` is None, ``left`` is used for both sides, and
    S = diag(``alternating_signs``).
    """

    signs: Tensor

    def __init__(self, left: nn.Module, right: nn.Module | None, *, rank: int, link: Link) -> None:
        super().__init__(symmetric=right is None, link=link)
        self.left = left
        self.right = right
        # scores start at order one for every rank
        self.scale = rank**-0.25
        signs = alternating_signs(rank) if self.symmetric else torch.ones(rank)
        self.register_buffer("signs", signs, persistent=False)

    def project_left(self, x: Float[Tensor, "left dim"]) -> Float[Tensor, "left hidden"]:
        return self.left(x) * self.scale

    def project_right(self, y: Float[Tensor, "right dim"]) -> Float[Tensor, "right hidden"]:
        return (self.left if self.right is None else self.right)(y) * self.scale

    def products(self, u: Tensor, v: Tensor) -> Tensor:
        return (u * self.signs.to(u.dtype)) @ v.T

    @torch.no_grad()
    def multiply_(self, factor: float) -> None:
        sides = [self.left] if self.right is None else [self.left, self.right]
        for side in sides:
            last = side[-1] if isinstance(side, nn.Sequential) else side
            for weights in last.parameters():
                weights.mul_(factor**0.5)

    def paired_products(self, u: Tensor, v: Tensor) -> Tensor:
        return (u * self.signs * v).sum(-1)
