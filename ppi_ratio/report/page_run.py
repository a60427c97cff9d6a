"""The folder of a comparison -> its validated description and tables."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pydantic
from pydantic.dataclasses import dataclass

from ppi_ratio.auditing import Check
from ppi_ratio.comparison.folder import FORMAT
from ppi_ratio.errors import InputError, ProvenanceError
from ppi_ratio.io.limits import check_parquet

DESCRIPTION, CONFIG = "comparison.json", "config.yaml"
BASELINE = "baseline"
GROUP = ["critic", "pairs", "non_pairs"]
TABLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "results": (
            "split", *GROUP, "scorer", "kind", "optimum", "seed", "metric", "value", "low", "high",
            "n_joint", "n_non_pairs", "prevalence",
        ),
        "summary": (*GROUP, "scorer", "kind", "optimum", "metric", "mean", "low", "high", "n"),
        "differences": (
            *GROUP, "scorer", "reference", "metric", "difference", "low", "high", "n", "how",
        ),
        "curves": (*GROUP, "scorer", "kind", "curve", "x", "y"),
        "proteins": (
            *GROUP, "scorer", "kind", "protein", "degree", "n_joint", "n_non_pairs", "auroc",
        ),
        "history": (
            "critic", "objective", "split", "seed", "epoch", "training_loss", "validation_loss",
        ),
    }
)  # fmt: skip
OPTIONAL = MappingProxyType({"summary": ("how",), "curves": ("low", "high", "count")})


@dataclass(frozen=True)
class Part:
    """One part of a split: numbers of pairs by label and class; None where unknown."""

    part: str
    joint: int
    non_pairs: int
    proteins: int
    C1: int | None = None
    C2: int | None = None
    C3: int | None = None


@dataclass(frozen=True)
class SplitSheet:
    """The parts of a split, what leaks between parts, and what was left out."""

    number: int
    kind: str
    parts: list[Part]
    leaks: list[str]
    dropped: dict[str, int]
    seed: int | None = None


@dataclass(frozen=True)
class DataSheet:
    """The data of a comparison: pairs, vectors, noise law and splits."""

    pairs: str
    directed: bool
    encoder: str
    noise: str
    splits: list[SplitSheet]
    proteins_without_vector: int = 0
    learned_from: str = ""


@dataclass(frozen=True)
class AuditSheet:
    """What the audit of the data found."""

    verdict: str
    checks: list[Check]


@dataclass(frozen=True)
class Description:
    """Content of ``comparison.json``; ``reference`` is the reference of paired differences."""

    title: str
    created: str
    reference: str
    data: DataSheet
    versions: dict[str, str]
    audit: AuditSheet | None = None
    format: int = FORMAT


@dataclasses.dataclass(frozen=True, eq=False)
class ComparisonRun:
    """Everything in the folder of a comparison that its report needs.

    In all tables, rows with an empty critic (baselines) belong to every critic.

    Attributes:
        description: data, splits, audit and versions.
        config: the YAML configuration of the comparison, as text.
        results: one row per split, seed, scorer, group of pairs and metric, with an interval.
        summary: one row per scorer, group and metric: the mean over splits and seeds.
        differences: paired differences of scorers to the reference, by metric and group.
        curves: points of ROC, precision-recall and reliability curves, and of score densities.
        proteins: one row per protein with its AUROC and its number of training pairs.
        history: training and validation loss by epoch.
    """

    description: Description
    config: str
    results: pd.DataFrame
    summary: pd.DataFrame
    differences: pd.DataFrame
    curves: pd.DataFrame
    proteins: pd.DataFrame
    history: pd.DataFrame


def read_run(run: Path) -> ComparisonRun:
    """Read the folder that ``ppi-ratio compare`` wrote.

    Raises:
        FileNotFoundError: if a file is missing.
        ProvenanceError: if the content of a file is not what ``ppi-ratio compare`` writes.
        InputError: if a table expands to far more data than its size on disk.
    """
    description = _read_description(_existing(run, DESCRIPTION))
    config = _existing(run, CONFIG).read_text(encoding="utf-8", errors="replace")
    tables = {name: _read_table(_existing(run, f"{name}.parquet")) for name in TABLES}
    return ComparisonRun(description, config, **tables)


def _existing(run: Path, name: str) -> Path:
    path = run / name
    if not path.is_file():
        raise FileNotFoundError(
            f"{path}: no such file; a report needs the complete folder of a comparison, which "
            "'ppi-ratio compare' writes"
        )
    return path


def _read_description(path: Path) -> Description:
    try:
        found = pydantic.TypeAdapter(Description).validate_json(path.read_bytes())
    except pydantic.ValidationError as error:
        faults = [
            ": ".join([*(".".join(map(str, fault["loc"])),) * bool(fault["loc"]), fault["msg"]])
            for fault in error.errors()
        ]
        raise ProvenanceError(
            f"{path}: not a description that 'ppi-ratio compare' writes: " + "; ".join(faults)
        ) from error
    if found.format > FORMAT:
        raise ProvenanceError(
            f"{path}: format {found.format} is newer than this ppi_ratio reads ({FORMAT}); "
            "upgrade ppi_ratio"
        )
    return found


def _read_table(path: Path) -> pd.DataFrame:
    try:
        check_parquet(path)
        frame = pd.read_parquet(path)
    except InputError:
        raise
    # pandas raises many kinds of exceptions for damaged metadata.
    except Exception as error:
        raise ProvenanceError(f"{path}: not a Parquet file; run ppi-ratio compare again") from error
    missing = [name for name in TABLES[path.stem] if name not in frame]
    if missing and len(frame):
        raise ProvenanceError(
            f"{path}: lacks the columns {', '.join(missing)}; it has "
            f"{', '.join(map(str, frame.columns)) or 'none'}; run ppi-ratio compare again"
        )
    more = [name for name in OPTIONAL.get(path.stem, ()) if name not in frame]
    return frame.reindex(columns=[*frame.columns, *missing, *more])
