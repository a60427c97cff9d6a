"""YAML -> ``Experiment``: one whole training run, every fault reported at once by its key.

Paths are relative to the folder in which the command runs.
"""

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import pydantic
import yaml
from pydantic.dataclasses import dataclass

from ppi_ratio.critics import CriticSettings
from ppi_ratio.errors import ConfigError
from ppi_ratio.objectives import ObjectiveSettings
from ppi_ratio.objectives.scores import STRICT
from ppi_ratio.runtime.seeds import Seed
from ppi_ratio.settings.splits import SplitSettings
from ppi_ratio.training.settings import TrainerSettings

Settings = TypeVar("Settings")
MAX_BYTES, MAX_DEPTH = 2**18, 50


@dataclass(frozen=True, config=STRICT)
class DegreeWeighted:
    """Noise is p(left) p(right): each protein as often as in the training pairs.

    It is what the other pairs of a batch are; known partners that meet there stay noise.
    """

    name: Literal["degree_weighted"] = "degree_weighted"


def check_symmetry(critic: CriticSettings, *, directed: bool) -> None:
    """Refuse a critic that tells left from right where the pairs do not.

    Raises:
        ValueError: naming the key.
    """
    if not directed and not critic.symmetric:
        raise ValueError(
            f"critic.{critic.name}.symmetric: the pairs have no direction, so the critic must be "
            "symmetric; set it to true, or split.directed"
        )


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
    seed: Seed
    encoder: str | None = None

    @pydantic.model_validator(mode="after")
    def _check(self) -> "Experiment":
        check_symmetry(self.critic, directed=self.split.directed)
        return self


ADAPTER = pydantic.TypeAdapter(Experiment)


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice, of which PyYAML takes the last and says nothing."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key.value!r} stands twice", problem_mark=key.start_mark
                )
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else id(key))
        return super().construct_mapping(node, deep)


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
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{path}: larger than {MAX_BYTES:,} bytes; a configuration is short")
    values = _from_yaml(content, str(path))
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: expected keys and values, found {type(values).__name__}")
    for override in overrides:
        _override(values, override)
    for key in _endless(values):
        raise ConfigError(f"{path}: {key}: expected a finite number")
    try:
        return validate(values)
    except pydantic.ValidationError as error:
        faults = [_described(fault["loc"], fault["msg"]) for fault in error.errors()]
        raise ConfigError(f"{path}: " + "\n".join(faults)) from error


def as_yaml(experiment: Experiment) -> str:
    """The whole experiment with every default spelt out, readable by ``read_experiment``."""
    return yaml.safe_dump(ADAPTER.dump_python(experiment, mode="json"), sort_keys=False)


def _described(place: tuple[int | str, ...], fault: str) -> str:
    """``trainer.batch_size: Field required``; checks of several keys name these themselves."""
    fault = fault.removeprefix("Value error, ")
    return f"{'.'.join(map(str, place))}: {fault}" if place else fault


def _endless(value: object, place: str = "") -> Iterator[str]:
    """Keys whose number is infinite or NaN, which no setting may be."""
    if isinstance(value, dict | list):
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in parts:
            yield from _endless(part, f"{place}.{key}" if place else str(key))
    elif isinstance(value, float) and not math.isfinite(value):
        yield place


def _override(values: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals or not key:
        raise ConfigError(f"--set {override}: expected key.path=value")
    *parents, last = key.split(".")
    for parent in parents:
        values = values.setdefault(parent, {})
        if not isinstance(values, dict):
            raise ConfigError(f"--set {override}: {parent} holds a value, not keys")
    values[last] = _from_yaml(text, f"--set {override}")


def _check_plain(text: str) -> None:
    """Refuse what takes PyYAML hours, or stands for more values than memory holds."""
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise ValueError("aliases ('*name') are not read; write the values out")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise ValueError(f"lists and keys stand {MAX_DEPTH} deep, and a configuration is flat")


def _from_yaml(text: str | bytes, place: str) -> Any:  # noqa: ANN401 -- whatever it holds
    try:
        text = text if isinstance(text, str) else text.decode("utf-8")
        _check_plain(text)
        return yaml.load(text, _Loader)
    # beside its own errors PyYAML lets through those of int(), datetime and the recursion limit
    except Exception as error:
        raise ConfigError(f"{place}: not YAML: {' '.join(str(error).split())}") from error
