"""How long and how fast to learn: apart from training itself, which needs Lightning."""

from typing import Literal

from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt
from pydantic.dataclasses import dataclass

from ppi_ratio.objectives.scores import STRICT

Precision = Literal["fp32", "bf16"]


@dataclass(frozen=True, config=STRICT)
class TrainerSettings:
    """How long and how fast to learn.

    Attributes:
        batch_size: joint pairs per step; each has the others of its batch as noise.
        learning_rate: of AdamW.
        weight_decay: of AdamW.
        max_epochs: passes over the training pairs, at most.
        patience: stop after so many epochs without a better held-out objective; the model of the
            best epoch is kept.
        gradient_clip: largest norm of the gradient.
        accelerator: as Lightning names them; "auto" takes a GPU where there is one.
        precision: of the matrix products that project proteins; weights, scores and losses are
            float32 in either case. "bf16" is faster where the processor multiplies it.
    """

    batch_size: PositiveInt = 1024
    learning_rate: PositiveFloat = 1e-3
    weight_decay: NonNegativeFloat = 1e-2
    max_epochs: PositiveInt = 60
    patience: PositiveInt = 8
    gradient_clip: PositiveFloat = 1.0
    accelerator: str = "auto"
    precision: Precision = "fp32"
