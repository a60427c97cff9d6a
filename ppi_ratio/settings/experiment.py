"""YAML -> ``Experiment``: one whole training run.

Paths are relative to the folder in which the command runs.
"""

from collections.abc import Sequence
from dataclasses import InitVar
from pathlib import Path
from typing import Annotated

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

OUTDATED = Field(json_schema_extra={"deprecated": True})
ONLY_NOISE = {"name": "degree_weighted"}


def check_symmetry(critic: CriticSettings, *, directed: bool) -> None:
    """Refuse a critic that tells left from right where the pairs do not.

    Raises:
        ValueError: naming the key.
    """
    if not directed and critic.symmetric is False:
        raise ValueError(
            "`critic.symmetric`: the pairs have no direction, so the critic must be symmetric; "
            "set this key to true, or `split.directed` to true"
        )


def _check_noise(noise: object) -> None:
    if noise not in (None, ONLY_NOISE):
        raise ValueError(
            "every objective learns against degree-weighted noise, the other pairs of a batch; "
            "leave this key out"
        )


@dataclass(frozen=True, config=STRICT)
class Experiment:
    """What one training run is made of.

    Attributes:
        embeddings: vectors of the proteins, in any form that ``Embeddings.read`` knows.
        split: which pairs to learn from, to stop by, and to keep for the test.
        critic: the network.
        objective: the loss.
        trainer: how long and how fast to learn.
        seed: of weights, batches and dropout.
        encoder: what made the vectors, if their file does not say.
        noise: accepted from configurations of earlier versions, where it had one legal value.
    """

    embeddings: Path
    split: SplitSettings
    critic: CriticSettings
    objective: ObjectiveSettings
    trainer: TrainerSettings
    seed: Seed
    encoder: str | None = None
    noise: InitVar[Annotated[object, AfterValidator(_check_noise), OUTDATED]] = None

    @pydantic.model_validator(mode="after")
    def _check(self) -> "Experiment":
        check_symmetry(self.critic, directed=self.split.directed)
        return self


ADAPTER = pydantic.TypeAdapter(Experiment)


def read_experiment(path: Path, overrides: Sequence[str] = ()) -> Experiment:
    """Read the YAML file of an experiment; ``overrides`` and errors as of ``read_settings``."""
    return read_settings(path, ADAPTER, overrides)


def as_yaml(experiment: Experiment) -> str:
    """The whole experiment with every default spelt out, readable by ``read_experiment``."""
    return yaml.safe_dump(ADAPTER.dump_python(experiment, mode="json"), sort_keys=False)
