"""YAML -> ``Experiment``: one whole training run, every fault reported at once by its key.

Paths are relative to the folder in which the command runs.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import pydantic
import yaml
from pydantic import NonNegativeInt
from pydantic.dataclasses import dataclass

from ppi_ratio.critics import CriticSettings
from ppi_ratio.errors import ConfigError
from ppi_ratio.objectives import ObjectiveSettings
from ppi_ratio.objectives.scores import STRICT
from ppi_ratio.split_settings import SplitSettings
from ppi_ratio.trainer_settings import TrainerSettings

Settings = TypeVar("Settings")


@dataclass(frozen=True, config=STRICT)
class DegreeWeighted:
    """Noise is p(left) p(right): each protein as often as in the training pairs.

    It is what the other pairs of a batch are; known partners that meet there stay noise.
    """

    name: Literal["degree_weighted"] = "degree_weighted"


@dataclass(frozen=True, config=STRICT)
class Experiment:
    """What one training run is made of.

    Attributes:
        embeddings: vectors of the proteins, in any form that ``Embeddings.read`` knows.
        split: which pairs to learn from, to stop by, and to keep for the test.
        noise: the law of the pairs that the ratio compares with.
        critic: the network.
        objective: the loss.
        trainer: how long and how fast to learn.
        seed: of weights, batches and dropout.
        encoder: what made the vectors, if their file does not say.
    """

    embeddings: Path
    split: SplitSettings
    noise: DegreeWeighted
    critic: CriticSettings
    objective: ObjectiveSettings
    trainer: TrainerSettings
    seed: NonNegativeInt
    encoder: str | None = None


ADAPTER = pydantic.TypeAdapter(Experiment)


def read_experiment(path: Path, overrides: Sequence[str] = ()) -> Experiment:
    """Read a YAML file strictly.

    Args:
        path: the file.
        overrides: ``key.path=value``, the value in YAML.

    Raises:
        FileNotFoundError: if nothing is at ``path``.
        ConfigError: with a line per fault, each beginning with the path of the key.
    """
    return read_settings(path, ADAPTER.validate_python, overrides)


def read_settings(
    path: Path, validate: Callable[[object], Settings], overrides: Sequence[str]
) -> Settings:
    """What ``validate`` makes of a YAML file; see ``read_experiment``."""
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such configuration file")
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: expected keys and values, found {type(values).__name__}")
    for override in overrides:
        _override(values, override)
    try:
        return validate(values)
    except pydantic.ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise ConfigError(f"{path}: " + "\n".join(faults)) from error


def as_yaml(experiment: Experiment) -> str:
    """The whole experiment with every default spelt out, readable by ``read_experiment``."""
    return yaml.safe_dump(ADAPTER.dump_python(experiment, mode="json"), sort_keys=False)


def _override(values: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals or not key:
        raise ConfigError(f"--set {override}: expected key.path=value")
    *parents, last = key.split(".")
    for parent in parents:
        values = values.setdefault(parent, {})
        if not isinstance(values, dict):
            raise ConfigError(f"--set {override}: {parent} holds a value, not keys")
    try:
        values[last] = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"--set {override}: the value is not YAML") from error
