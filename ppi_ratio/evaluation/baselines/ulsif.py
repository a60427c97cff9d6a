"""Training interactions and vectors -> the least-squares bilinear ratio, in closed form."""

from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field, PositiveFloat
from pydantic.dataclasses import dataclass

from ppi_ratio.evaluation.baselines.pair_features import PairFeatures
from ppi_ratio.evaluation.baselines.similarity import adjacency, unit_rows
from ppi_ratio.evaluation.baselines.task import BaselineTask, Need, blocks
from ppi_ratio.evaluation.baselines.training_pairs import joint_training
from ppi_ratio.objectives.scores import STRICT
from ppi_ratio.pairs import PairTable
from ppi_ratio.training.closed_form import least_squares_weights

CLIP_AT = 4.0  # standard deviations; larger entries of a vector are cut to this
MIN_RATIO = 0.05  # since a linear ratio can fall below zero, where it has no logarithm


@dataclass(frozen=True, config=STRICT)
class ULSIF:
    """Log of the bilinear ratio r = 1 + x' W y that is nearest to p(x, y) / (p(x) p(y)).

    The weights W are those of ``training.closed_form``: unconstrained least-squares importance
    fitting (Kanamori, Hido & Sugiyama 2009, JMLR 10:1391). Vectors are standardised by the
    training proteins, cut at 4 standard deviations and scaled to length one. If a split held
    proteins apart, each part of the training pairs is fitted against its own proteins.

    The baseline shows what training a network on these vectors is worth. The score is a log ratio
    in nats, like the score of a model, so the two may be averaged.

    Attributes:
        power: exponent of a protein's share of the interactions, which gives its weight in the fit.
        shrinkage: added to the mean square of each direction; the mean squares sum to 1.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({Need.TRAINING})
    name: Literal["ulsif"] = "ulsif"
    power: Annotated[float, Field(ge=0, le=1)] = 0.75
    shrinkage: PositiveFloat = 2e-3

    def score(self, task: BaselineTask) -> np.ndarray:
        joint = joint_training(task, self)
        features = PairFeatures.of(task, joint)
        unit = unit_rows(features.vectors.clip(-CLIP_AT, CLIP_AT))
        weights = least_squares_weights(
            unit[features.trained].astype(np.float64),
            adjacency(features),
            _members(task, joint, features),
            power=self.power,
            shrinkage=self.shrinkage,
        )
        lefts, positions = np.unique(features.candidates.left, return_inverse=True)
        projected = (unit[lefts] @ weights).astype(np.float32)
        ratios = np.empty(len(positions))
        for block in blocks(len(positions)):
            rights = unit[features.candidates.right[block]]
            ratios[block] = 1 + np.einsum("pd,pd->p", projected[positions[block]], rights)
        return np.log(np.maximum(ratios, MIN_RATIO))


def _members(task: BaselineTask, joint: PairTable, features: PairFeatures) -> list[np.ndarray]:
    """Proteins of each part of the interactions, as positions in ``features.trained``."""
    sides = [np.searchsorted(features.trained, side) for side in features.training]
    return [np.unique([side[rows] for side in sides]) for rows in task.parts(joint)]
