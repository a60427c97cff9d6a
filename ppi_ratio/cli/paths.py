"""Checks of the paths that a verb reads or writes, before imports that take seconds.

The functions ``existing`` and ``existing_...`` are callbacks of options. Typer calls them while it
reads the command line, with one path, a list of paths or ``None``.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ppi_ratio.errors import ConfigError

Given = TypeVar("Given", Path, list[Path], Path | None, list[Path] | None)
CARD_FILE, SHEET_FILE = "model.json", "comparison.json"
SPLIT_PATHS = ("pairs", "train", "validation", "test", "fasta", "species")


def existing(given: Given) -> Given:
    """Refuse a path that does not exist.

    Raises:
        FileNotFoundError: with the first such path.
    """
    return _checked(given, _check_file)


def existing_vectors(given: Given) -> Given:
    """``existing`` for protein vectors; the message says how to make them."""
    return _checked(given, _check_vectors)


def existing_model(given: Given) -> Given:
    """``existing`` for the folder of a model."""
    return _checked(given, _check_model)


def existing_run(given: Given) -> Given:
    """``existing`` for the run folder of a comparison."""
    return _checked(given, _check_run)


def check_configured(config: Path, overrides: Sequence[str]) -> None:
    """Refuse a configuration that is not YAML, or that names a path that does not exist.

    Keys and values are checked later, when the whole configuration is read.

    Raises:
        FileNotFoundError: with the first such path.
        ConfigError: if the file or an override is not YAML.
    """
    from ppi_ratio.settings.reading import read_yaml

    values = read_yaml(config, overrides)
    for path in _paths(values.get("embeddings")):
        _check_vectors(path)
    split = values.get("split")
    if isinstance(split, dict):
        for path in _paths([split.get(key) for key in SPLIT_PATHS]):
            _check_file(path)


def check_not_overwritten(out: Path | None, *inputs: Path | None) -> None:
    """Refuse an output that is also an input.

    Raises:
        ConfigError: if ``out`` is the same file as one of ``inputs``, also under another name.
    """
    if out is not None and out.exists():
        for path in inputs:
            if path is not None and path.exists() and out.samefile(path):
                raise ConfigError(f"{out}: is an input and would be overwritten; change --out")


def check_not_inside(folder: Path, *inputs: Path | None) -> None:
    """Refuse to replace a folder that holds what is read.

    Raises:
        ConfigError: if one of ``inputs`` is in ``folder``.
    """
    for path in inputs:
        if path is not None and path.resolve().is_relative_to(folder.resolve()):
            raise ConfigError(
                f"{path}: is an input, and {folder} would be replaced with all that it holds; "
                "rename --out"
            )


def check_no_file(out: Path | None) -> None:
    """Refuse an existing file as the name of an output folder.

    Raises:
        ConfigError: if ``out`` is a file.
    """
    if out is not None and out.is_file():
        raise ConfigError(f"{out}: is a file; give the name of a folder")


def _checked(given: Given, check: Callable[[Path], None]) -> Given:
    for path in given if isinstance(given, list | tuple) else [given]:
        if path is not None:
            check(path)
    return given


def _check_file(path: Path) -> None:
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file")


def _check_vectors(path: Path) -> None:
    if not path.exists():
        raise FileNotFoundError(
            f"{path}: no such file; make it with: ppi-ratio embed FASTA --out {path}"
        )


def _check_model(folder: Path) -> None:
    if not (folder / CARD_FILE).is_file():
        raise FileNotFoundError(f"{folder}: no model there ({CARD_FILE} is missing)")


def _check_run(folder: Path) -> None:
    if not (folder / SHEET_FILE).is_file():
        raise FileNotFoundError(
            f"{folder / SHEET_FILE}: no such file; give the --out of a finished ppi-ratio compare"
        )


def _paths(value: Any) -> list[Path]:  # noqa: ANN401 -- whatever a YAML file holds there
    return [Path(each) for each in (value if isinstance(value, list) else [value]) if _named(each)]


def _named(value: object) -> bool:
    return isinstance(value, str) and value != ""
