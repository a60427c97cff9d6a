"""How long and how fast to learn: apart from training itself, which needs Lightning."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt
from pydantic.dataclasses import dataclass

from ppi_ratio.objectives.scores import STRICT

Precision = Literal["fp32", "bf16"]
Monitor = Literal["loss", "auroc"]


@dataclass(frozen=True, config=STRICT)
class TrainerSettings:
    """How long and how fast to learn.

    Attributes:
        batch_size: joint pairs per step; each has the others of its batch as noise.
        learning_rate: of AdamW.
        weight_decay: of AdamW.
        max_epochs: passes over the training pairs, at most.
        patience: stop after so many epochs without a better one; the model of the best is kept.
        monitor: what makes an epoch better, a lower "loss" of the validation pairs or a higher
            "auroc" of theirs against noise. Ranking improves for some epochs after scores have
            begun to be too sure of themselves, which is where the loss stops.
        gradient_clip: largest norm of the gradient.
        averaging: decay per step of the running mean of the weights that is judged on validation
            pairs and kept; 0.995 looks back over some 200 steps, 0 keeps the weights themselves.
        temperature_scaling: multiply the kept critic's output by the factor that suits the
            validation pairs best, where the objective's score is a log ratio.
        refit: when the validation pairs have had their say, train anew on training and validation
            pairs together for as many epochs as were best, and keep that. Nothing is held out
            from it; the factor of the temperature is that of the first training. Where the two
            share no protein, each batch is of one of them: two proteins that the split has put
            asunder are no noise.
        accelerator: as Lightning names them; "auto" takes a GPU where there is one.
        precision: of the matrix products that project proteins; weights, scores and losses are
            float32 in either case. "bf16" is faster where the processor multiplies it.
    """

    batch_size: PositiveInt = 1024
    learning_rate: PositiveFloat = 1e-3
    weight_decay: NonNegativeFloat = 1e-2
    max_epochs: PositiveInt = 60
    patience: PositiveInt = 8
    monitor: Monitor = "loss"
    gradient_clip: PositiveFloat = 1.0
    averaging: Annotated[float, Field(ge=0, lt=1)] = 0.0
    temperature_scaling: bool = False
    refit: bool = False
    accelerator: str = "auto"
    precision: Precision = "fp32"
