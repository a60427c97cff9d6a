"""The interface of a critic: project each protein, then compute scores from two projections."""

import dataclasses
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from pydantic import ConfigDict
from torch import Tensor, nn

from ppi_ratio.embeddings.provenance import Provenance
from ppi_ratio.objectives.link import Link

STRICT = ConfigDict(extra="forbid")


class Critic(nn.Module, ABC):
    """A network that scores pairs of proteins from their vectors.

    Each protein is projected once. ``products`` computes the raw output of all pairs of
    projections, and ``paired_products`` the raw output of row i with row i. A score is
    link(raw output + bias).

    Attributes:
        symmetric: whether score(a, b) always equals score(b, a).
        link: how the raw output becomes the score.
        bias: scalar added to every raw output. Without a bias, most critics cannot learn a ratio
            whose mean over noise is one.
        has_matrix_product: whether ``products`` is one matrix product, which a screen may compute
            in bfloat16.
    """

    has_matrix_product: ClassVar[bool] = True

    def __init__(self, *, symmetric: bool, link: Link) -> None:
        super().__init__()
        self.symmetric = symmetric
        self.link = link
        self.bias = nn.Parameter(torch.zeros(()))

    @abstractmethod
    def project_left(self, x: Float[Tensor, "left dim"]) -> Float[Tensor, "left hidden"]:
        """Project vectors of left proteins."""

    @abstractmethod
    def project_right(self, y: Float[Tensor, "right dim"]) -> Float[Tensor, "right hidden"]:
        """Project vectors of right proteins."""

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

    A model is stored as JSON with these fields. Field values must therefore be numbers, text,
    booleans, None, or lists or tuples of these. A class that is not in ``CRITICS`` works in
    ``fit``; ``RatioModel.load(path, critic=Class)`` loads the model.
    """

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    @property
    def name(self) -> str: ...

    @property
    def symmetric(self) -> bool | None: ...

    def build(self, dim: int, *, link: Link = Link.LOG) -> Critic:
        """Make a network with new weights for vectors of ``dim`` numbers."""
        ...


@runtime_checkable
class ChecksVectors(Protocol):
    """Settings of a critic that cannot take the vectors of every encoder and pooling."""

    def check_origin(self, made_by: Provenance) -> None:
        """Raise ConfigError if the critic cannot take vectors that were made so."""
        ...


def alternating_signs(rank: int) -> Float[Tensor, " rank"]:
    """+1, -1, +1, ...: signs that let a symmetric product be negative for similar proteins.

    x · x is never negative, so without signs a symmetric critic scores every protein high with
    itself. With S = diag(signs), half of the eigenvalues of AᵀSA can be negative. The score stays
    symmetric: a · Sb equals b · Sa exactly.
    """
    signs = torch.ones(rank)
    signs[1::2] = -1
    return signs
