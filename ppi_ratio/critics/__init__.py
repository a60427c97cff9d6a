"""Critics: vectors of two proteins -> a score; settings here, weights by their ``build``."""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from ppi_ratio.critics.attentive import Attentive as Attentive
from ppi_ratio.critics.critic import Critic as Critic
from ppi_ratio.critics.critic import CriticFactory as CriticFactory
from ppi_ratio.critics.mlp import MLP as MLP
from ppi_ratio.critics.products import Bilinear as Bilinear
from ppi_ratio.critics.products import ProductCritic as ProductCritic
from ppi_ratio.critics.products import Separable as Separable

CRITICS: dict[str, type[CriticFactory]] = {
    "bilinear": Bilinear,
    "separable": Separable,
    "mlp": MLP,
    "attentive": Attentive,
}
if TYPE_CHECKING:
    CriticSettings = CriticFactory
else:
    # what YAML is read as: the class whose ``name`` has the value that is given
    CriticSettings = Annotated[reduce(or_, CRITICS.values()), Field(discriminator="name")]
