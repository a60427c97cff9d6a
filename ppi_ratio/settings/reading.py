"""A YAML file and overrides -> validated settings; all faults are reported at once."""

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
    """Refuses a repeated key; PyYAML would use the last value without a message."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key.value!r} is repeated", problem_mark=key.start_mark
                )
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else id(key))
        return super().construct_mapping(node, deep)


def read_settings(
    path: Path, adapter: pydantic.TypeAdapter[Settings], overrides: Sequence[str] = ()
) -> Settings:
    """Read a YAML file strictly.

    Args:
        path: the file.
        adapter: validates the settings in the file.
        overrides: settings to change, as ``key.path=value``; the value is YAML.

    Raises:
        FileNotFoundError: if there is no such file.
        ConfigError: if a setting is wrong; one line per fault, with the path of the key.
    """
    values = read_yaml(path, overrides)
    try:
        return adapter.validate_python(values)
    except pydantic.ValidationError as error:
        faults = map(str, faults_of(error, values, adapter))
        raise ConfigError(f"{path}: " + "\n".join(faults)) from error


def read_yaml(path: Path, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """Read the keys and values of a YAML file, and apply the overrides; nothing is validated.

    See ``read_settings`` for arguments and errors. This function needs no slow import.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such configuration file")
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{path}: larger than {MAX_BYTES:,} bytes, the limit of a configuration")
    values = _from_yaml(content, str(path))
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: expected keys and values, found {type(values).__name__}")
    for override in overrides:
        _override(values, override)
    not_finite = [
        f"`{key}`: expected a finite number, got {value}" for key, value in _not_finite(values)
    ]
    if not_finite:
        raise ConfigError(f"{path}: " + "\n".join(not_finite))
    return values


def _not_finite(value: object, place: str = "") -> Iterator[tuple[str, float]]:
    """Path and value of each number that is infinite or NaN, which no setting allows."""
    if isinstance(value, dict | list):
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in parts:
            yield from _not_finite(part, f"{place}.{key}" if place else str(key))
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
            raise ConfigError(f"override {override!r}: `{parent}` has a value, so it has no keys")
    values[last] = _from_yaml(text, f"override {override!r}")


def _check_plain(text: str) -> None:
    """Refuse text that takes PyYAML hours, or expands to more values than fit into memory."""
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise ValueError("aliases ('*name') are not read; write the values out")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise ValueError(f"lists and keys are nested more than {MAX_DEPTH} deep")


def _from_yaml(text: str | bytes, place: str) -> Any:  # noqa: ANN401 -- YAML holds values of any type
    try:
        text = text if isinstance(text, str) else text.decode("utf-8")
        _check_plain(text)
        return yaml.load(text, _Loader)
    # PyYAML also raises errors of int(), of datetime and of the recursion limit
    except Exception as error:
        raise ConfigError(f"{place}: not YAML: {' '.join(str(error).split())}") from error
