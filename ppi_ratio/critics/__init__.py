"""Critics: vectors of two proteins -> a score.

A class of ``CRITICS`` holds settings. Its ``build`` makes the network, whose weights are trained.
"""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from ppi_ratio.critics.attentive import Attentive as Attentive
from ppi_ratio.critics.critic import ChecksVectors as ChecksVectors
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
"""The critics by the key that YAML uses: frozen dataclasses of settings.

``build(dim)`` makes the network, which scores pairs of proteins with vectors of ``dim`` numbers.

Examples:
    >>> import ppi_ratio as pr
    >>> list(pr.CRITICS)
    ['bilinear', 'separable', 'mlp', 'attentive']
    >>> networks = [settings().build(dim=36) for settings in pr.CRITICS.values()]
    >>> [network.symmetric for network in networks]  # ``fit`` sets it for undirected pairs
    [False, False, False, False]
"""
if TYPE_CHECKING:
    CriticSettings = CriticFactory
else:
    # YAML is read as the class whose field ``name`` has the given value
    CriticSettings = Annotated[reduce(or_, CRITICS.values()), Field(discriminator="name")]
