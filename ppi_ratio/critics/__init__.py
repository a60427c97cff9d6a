"""Critics: vectors of two proteins -> a score; settings here, weights by their ``build``."""

from typing import Annotated, Protocol, runtime_checkable

from pydantic import Field

from ppi_ratio.critics.attentive import Attentive
from ppi_ratio.critics.critic import Critic
from ppi_ratio.critics.mlp import MLP
from ppi_ratio.critics.products import Bilinear, Separable
from ppi_ratio.objectives.link import Link


@runtime_checkable
class CriticFactory(Protocol):
    """Settings that build a critic for vectors of ``dim`` numbers."""

    @property
    def name(self) -> str: ...

    @property
    def symmetric(self) -> bool: ...

    def build(self, dim: int, *, link: Link = Link.LOG) -> Critic: ...


CRITICS: dict[str, type[CriticFactory]] = {
    "bilinear": Bilinear,
    "separable": Separable,
    "mlp": MLP,
    "attentive": Attentive,
}
CriticSettings = Annotated[Bilinear | Separable | MLP | Attentive, Field(discriminator="name")]

__all__ = [
    "CRITICS",
    "MLP",
    "Attentive",
    "Bilinear",
    "Critic",
    "CriticFactory",
    "CriticSettings",
    "Separable",
]
