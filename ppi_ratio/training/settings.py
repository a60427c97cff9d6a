"""Settings of training. They stand apart from training itself, whose imports take seconds."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt
from pydantic.dataclasses import dataclass

from ppi_ratio.objectives.scores import STRICT

Precision = Literal["fp32", "bf16"]
Monitor = Literal["loss", "auroc"]


@dataclass(frozen=True, config=STRICT)
class TrainerSettings:
    """How long and how fast to train.

    Attributes:
        batch_size: interactions per step. For each of them, the proteins of the other
            interactions of the batch are noise. A smaller training set is one batch.
        learning_rate: learning rate of AdamW.
        weight_decay: weight decay of AdamW.
        max_epochs: largest number of passes over the training pairs.
        patience: stop after this many epochs without improvement. The best epoch is kept.
        monitor: how epochs are compared on the validation pairs: by "loss", or by "auroc" of the
            pairs against noise. When scores become too extreme, the loss rises, but the ranking
            often improves for some more epochs.
        gradient_clip: largest norm of the gradient.
        averaging: decay per step of a running mean of the weights, from 0 to below 1. The mean is
            validated and kept. 0.995 averages over about 200 steps. With 0 there is no mean.
        temperature_scaling: after training, multiply all scores by the factor with the lowest
            validation loss. This needs an objective whose score is a log ratio.
        refit: after training, retrain on training and validation pairs together, for as many
            epochs as the best epoch took, and keep the result. No pair is held out from it, and
            the factor of temperature scaling is that of the first training. If the split separated
            the proteins of training and validation, never seeing their proteins together is no
            evidence: each batch then holds pairs of only one of the two.
        accelerator: name of a device as in Lightning, such as "cpu" or "gpu". "auto" takes a GPU if
            there is one.
        precision: precision of the matrix products that project proteins. Weights, scores and
            losses are float32 in both cases. "bf16" is faster if the processor supports bfloat16.

    Examples:
        >>> import ppi_ratio as pr
        >>> pairs, vectors = pr.toy_data()
        >>> quick = pr.TrainerSettings(max_epochs=5, batch_size=64)
        >>> loss = pr.fit(pairs, vectors, trainer=quick, progress=False).history["training_loss"]
        >>> len(loss), bool(loss.iloc[-1] < loss.iloc[0])
        (5, True)
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
