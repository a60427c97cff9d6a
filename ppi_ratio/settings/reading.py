"""A YAML file and overrides -> validated settings, with every fault reported at once by its key."""

import math
from collections.abc import Hashable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pydantic
import yaml

from ppi_ratio.errors import ConfigError
from ppi_ratio.settings.faults import faults_of

Settings = TypeVar("Settings")
MAX_BYTES, MAX_DEPTH = 2**18, 50


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


def read_settings(
    path: Path, adapter: pydantic.TypeAdapter[Settings], overrides: Sequence[str] = ()
) -> Settings:
    """Read a YAML file strictly.

    Args:
        path: the file.
        adapter: of the settings that the file holds.
        overrides: ``key.path=value``, the value in YAML.

    Raises:
        FileNotFoundError: if nothing is at ``path``.
        ConfigError: with a line per fault, each with the path of its key.
    """
    values = read_yaml(path, overrides)
    try:
        return adapter.validate_python(values)
    except pydantic.ValidationError as error:
        faults = map(str, faults_of(error, values, adapter))
        raise ConfigError(f"{path}: " + "\n".join(faults)) from error


def read_yaml(path: Path, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """The keys and values of a YAML file after the overrides, as plain data; as ``read_settings``.

    Nothing here imports what is slow to import.
    """
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
    endless = [f"`{key}`: expected a finite number, got {value}" for key, value in _endless(values)]
    if endless:
        raise ConfigError(f"{path}: " + "\n".join(endless))
    return values


def _endless(value: object, place: str = "") -> Iterator[tuple[str, float]]:
    """Keys whose number is infinite or NaN, which no setting may be, and the number."""
    if isinstance(value, dict | list):
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in parts:
            yield from _endless(part, f"{place}.{key}" if place else str(key))
    elif isinstance(value, float) and not math.isfinite(value):
        yield place, value


def _override(values: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals or not key:
        raise ConfigError(f"override {override!r}: expected key.path=value")
    *parents, last = key.split(".")
    for parent in parents:
        values = values.setdefault(parent, {})
        if not isinstance(values, dict):
            raise ConfigError(f"override {override!r}: `{parent}` holds a value, not keys")
    values[last] = _from_yaml(text, f"override {override!r}")


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
