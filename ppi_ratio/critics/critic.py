"""What every critic is: two projections, once per protein, and an interaction of all pairs."""

import dataclasses
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from pydantic import ConfigDict
from torch import Tensor, nn

from ppi_ratio.objectives.link import Link

STRICT = ConfigDict(extra="forbid")


class Critic(nn.Module, ABC):
    """Scores of pairs from vectors of their proteins.

    A score is the link of (the network's output + bias).

    Attributes:
        symmetric: the two sides are tied, so that score(a, b) equals score(b, a).
        link: from the raw output to the score.
        bias: scalar added to every raw output; without it a ratio cannot be normalised.
    """

    def __init__(self, *, symmetric: bool, link: Link) -> None:
        super().__init__()
        self.symmetric = symmetric
        self.link = link
        self.bias = nn.Parameter(torch.zeros(()))

    @abstractmethod
    def project_left(self, x: Float[Tensor, "left dim"]) -> Float[Tensor, "left hidden"]: ...

    @abstractmethod
    def project_right(self, y: Float[Tensor, "right dim"]) -> Float[Tensor, "right hidden"]: ...

    def interact(
        self, u: Float[Tensor, "left hidden"], v: Float[Tensor, "right hidden"]
    ) -> Float[Tensor, "left right"]:
        """Scores of every left against every right."""
        return self.link(self.products(u, v) + self.bias)

    def interact_paired(
        self, u: Float[Tensor, "pair hidden"], v: Float[Tensor, "pair hidden"]
    ) -> Float[Tensor, " pair"]:
        """Scores row by row."""
        return self.link(self.paired_products(u, v) + self.bias)

    @abstractmethod
    def products(
        self, u: Float[Tensor, "left hidden"], v: Float[Tensor, "right hidden"]
    ) -> Float[Tensor, "left right"]:
        """The network's output for every left against every right, before bias and link."""

    @abstractmethod
    def multiply_(self, factor: float) -> None:
        """Multiply the network's output by ``factor``, in its weights."""

    @abstractmethod
    def paired_products(self, u: Tensor, v: Tensor) -> Tensor: ...


@runtime_checkable
class CriticFactory(Protocol):
    """Settings that build a critic for vectors of ``dim`` numbers: a frozen dataclass.

    A model is stored with the settings' fields, so their values are those of JSON: numbers, text,
    booleans, None, and lists or tuples of such.
    """

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    @property
    def name(self) -> str: ...

    @property
    def symmetric(self) -> bool | None: ...

    def build(self, dim: int, *, link: Link = Link.LOG) -> Critic: ...


def alternating_signs(rank: int) -> Float[Tensor, " rank"]:
    """+1, -1, +1, ...: the core that lets a symmetric product repel as well as attract.

    x · x is never negative, so a symmetric critic without negative directions would hold that
    every protein binds itself. With S = diag(signs) fixed, AᵀSA runs over every symmetric matrix
    with as many positive and negative directions, and a · Sb equals b · Sa to the last bit.
    """
    signs = torch.ones(rank)
    signs[1::2] = -1
    return signs
