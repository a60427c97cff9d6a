"""YAML -> ``Experiment``: all settings of one training run.

Paths are relative to the folder in which the command runs.
"""

from collections.abc import Sequence
from dataclasses import InitVar
from pathlib import Path
from typing import Annotated, Literal

import pydantic
import yaml
from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from ppi_ratio.critics import CriticSettings
from ppi_ratio.objectives import ObjectiveSettings
from ppi_ratio.objectives.scores import STRICT
from ppi_ratio.runtime.seeds import Seed
from ppi_ratio.settings.reading import read_settings
from ppi_ratio.settings.splits import SplitSettings
from ppi_ratio.training.settings import TrainerSettings

DEPRECATED = Field(json_schema_extra={"deprecated": True})
NOISE_OF_EARLIER_VERSIONS = {"name": "degree_weighted"}


def check_symmetry(critic: CriticSettings, *, directed: bool) -> None:
    """Refuse a critic that is not symmetric for pairs without a direction.

    Raises:
        ValueError: names the key.
    """
    if not directed and critic.symmetric is False:
        raise ValueError(
            "`critic.symmetric`: the pairs have no direction, so the critic must be symmetric; "
            "set this key to true, or `split.directed` to true"
        )


def _check_noise(noise: object) -> None:
    if noise not in (None, NOISE_OF_EARLIER_VERSIONS):
        raise ValueError(
            "every objective learns against degree-weighted noise, the other pairs of a batch; "
            "leave this key out"
        )


@dataclass(frozen=True, config=STRICT)
class Experiment:
    """All settings of one training run.

    Attributes:
        embeddings: file with the vectors of the proteins, in any form that ``Embeddings.read``
            reads.
        split: how the pairs are divided into training, validation and test.
        critic: the network.
        objective: the loss.
        trainer: number of epochs, batch size, learning rate and other trainer settings.
        seed: seed of weights, batches and dropout.
        encoder: name of the encoder, if the vector file does not state it.
        match_ids: differences in the spelling of ids that do not count.
        noise: ignored; files of earlier versions state it, with its only allowed value.
    """

    embeddings: Path
    split: SplitSettings
    critic: CriticSettings
    objective: ObjectiveSettings
    trainer: TrainerSettings
    seed: Seed
    encoder: str | None = None
    match_ids: tuple[Literal["version", "prefix", "case", "isoform"], ...] = ()
    noise: InitVar[Annotated[object, AfterValidator(_check_noise), DEPRECATED]] = None

    @pydantic.model_validator(mode="after")
    def _check(self) -> "Experiment":
        check_symmetry(self.critic, directed=self.split.directed)
        return self


ADAPTER = pydantic.TypeAdapter(Experiment)


def read_experiment(path: Path, overrides: Sequence[str] = ()) -> Experiment:
    """Read the YAML file of an experiment; see ``read_settings`` for ``overrides`` and errors."""
    return read_settings(path, ADAPTER, overrides)


def as_yaml(experiment: Experiment) -> str:
    """YAML text of the experiment with all defaults, for ``read_experiment`` to read."""
    return yaml.safe_dump(ADAPTER.dump_python(experiment, mode="json"), sort_keys=False)
