"""Objectives: scores of a batch -> a loss whose minimiser is the density ratio.

The order of ``OBJECTIVES`` is the order of reports.
"""

from typing import Annotated

from pydantic import Field

from ppi_ratio.objectives.contrastive import NCE, InfoNCE, InfoNCEAnchor, InfoNCESymmetric
from ppi_ratio.objectives.scores import Objective, Optimum, PairScores

OBJECTIVES: dict[str, type[Objective]] = {
    "infonce_anchor": InfoNCEAnchor,
    "infonce": InfoNCE,
    "infonce_symmetric": InfoNCESymmetric,
    "nce": NCE,
}
ObjectiveSettings = Annotated[
    InfoNCEAnchor | InfoNCE | InfoNCESymmetric | NCE, Field(discriminator="name")
]

__all__ = [
    "NCE",
    "OBJECTIVES",
    "InfoNCE",
    "InfoNCEAnchor",
    "InfoNCESymmetric",
    "Objective",
    "ObjectiveSettings",
    "Optimum",
    "PairScores",
]
