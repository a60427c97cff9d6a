"""What every critic has: a projection of each protein, and an interaction of two projections."""

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
    """A network that scores pairs of proteins from their vectors.

    Projections cost once per protein. ``products`` gives the raw output of all pairs of projected
    proteins, ``paired_products`` that of row i with row i. A score is link(raw output + bias).

    Attributes:
        symmetric: whether score(a, b) always equals score(b, a).
        link: how the raw output becomes the score.
        bias: scalar added to every raw output; without it the ratio cannot be normalised.
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
        """Scores of every left protein against every right protein."""
        return self.link(self.products(u, v) + self.bias)

    def interact_paired(
        self, u: Float[Tensor, "pair hidden"], v: Float[Tensor, "pair hidden"]
    ) -> Float[Tensor, " pair"]:
        """Score of each left protein with the right protein of the same row."""
        return self.link(self.paired_products(u, v) + self.bias)

    @abstractmethod
    def products(
        self, u: Float[Tensor, "left hidden"], v: Float[Tensor, "right hidden"]
    ) -> Float[Tensor, "left right"]:
        """Raw output for every left protein against every right protein."""

    @abstractmethod
    def multiply_(self, factor: float) -> None:
        """Change the weights so that the raw output is multiplied by ``factor``."""

    @abstractmethod
    def paired_products(
        self, u: Float[Tensor, "pair hidden"], v: Float[Tensor, "pair hidden"]
    ) -> Float[Tensor, " pair"]:
        """Raw output of each row of ``u`` with the same row of ``v``."""


@runtime_checkable
class CriticFactory(Protocol):
    """Settings that build a critic for vectors of ``dim`` numbers: a frozen dataclass.

    A model is stored with these fields, so their values are those of JSON: numbers, text, booleans,
    None, and lists or tuples of them. A class that is not in ``CRITICS`` works in ``fit``;
    ``RatioModel.load(path, critic=Class)`` reads the model again.
    """

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    @property
    def name(self) -> str: ...

    @property
    def symmetric(self) -> bool | None: ...

    def build(self, dim: int, *, link: Link = Link.LOG) -> Critic: ...


def alternating_signs(rank: int) -> Float[Tensor, " rank"]:
    """+1, -1, +1, ...: signs that let a symmetric product be negative for similar proteins.

    x · x is never negative, so without signs a symmetric critic scores every protein high with
    itself. With S = diag(signs), AᵀSA can be any symmetric matrix of this rank with as many
    positive as negative directions, and a · Sb equals b · Sa exactly.
    """
    signs = torch.ones(rank)
    signs[1::2] = -1
    return signs
