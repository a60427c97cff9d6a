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
    """Settings of the score xᵀ W y, where W has the given rank; ``build`` makes the network.

    Attributes:
        rank: rank of W.
        symmetric: whether the score does not depend on the order of the two proteins. If not
            stated, ``fit`` sets it for pairs without a direction.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> x = torch.randn(10, 5)  # ten proteins, vectors of five numbers
        >>> critic = pr.Bilinear(rank=2, symmetric=True).build(dim=5)
        >>> scores = critic.interact(critic.project_left(x), critic.project_right(x))
        >>> scores.shape, torch.allclose(scores, scores.T, atol=1e-5)
        (torch.Size([10, 10]), True)
        >>> sum(weights.numel() for weights in critic.parameters())  # rank * dim, and the bias
        11
    """

    name: Literal["bilinear"] = "bilinear"
    rank: PositiveInt = 128
    symmetric: bool | None = None

    def build(self, dim: int, *, link: Link = Link.LOG) -> Critic:
        """Make a network with new weights for vectors of ``dim`` numbers."""
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
            entries themselves have standard deviation 1. The noise works as a ridge penalty
            (Bishop 1995).
        symmetric: whether f and g are one network, so that the score does not depend on the order
            of the two proteins. If not stated, ``fit`` sets it for pairs without a direction.

    Examples:
        >>> import torch
        >>> import ppi_ratio as pr
        >>> x, y = torch.randn(10, 5), torch.randn(10, 5)
        >>> critic = pr.Separable(rank=2, hidden=(8,)).build(dim=5).eval()
        >>> scores = critic.interact(critic.project_left(x), critic.project_right(y))
        >>> int(torch.linalg.matrix_rank(scores, rtol=1e-3))  # 10 x 10 inner products
        2
    """

    name: Literal["separable"] = "separable"
    rank: PositiveInt = 128
    hidden: Annotated[tuple[PositiveInt, ...], Field(max_length=MAX_LAYERS)] = (512,)
    dropout: Share = 0.5
    input_dropout: Share = 0.2
    input_noise: NonNegativeFloat = 0.0
    symmetric: bool | None = None

    def build(self, dim: int, *, link: Link = Link.LOG) -> Critic:
        """Make networks with new weights for vectors of ``dim`` numbers."""
        left = self._network(dim)
        right = None if self.symmetric else self._network(dim)
        return ProductCritic(left, right, rank=self.rank, link=link)

    def _network(self, dim: int) -> nn.Module:
        # Both layers are one entry of the list, so that the names of stored weights stay valid.
        layers: list[nn.Module] = [
            nn.Sequential(GaussianNoise(self.input_noise), Dropout(self.input_dropout))
        ]
        for width in self.hidden:
            # LayerNorm bounds the scores of proteins that are unlike all training proteins
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
        # at the start, scores have about the size of 1 for every rank
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
