"""The folder of a comparison -> its description and tables, checked."""

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
    """One part of a split: its pairs by label and by class, None where not told apart."""

    part: str
    joint: int
    non_pairs: int
    proteins: int
    C1: int | None = None
    C2: int | None = None
    C3: int | None = None


@dataclass(frozen=True)
class SplitSheet:
    """What is in the parts of a split, what leaks between them, and what was left out."""

    number: int
    kind: str
    parts: list[Part]
    leaks: list[str]
    dropped: dict[str, int]
    seed: int | None = None


@dataclass(frozen=True)
class DataSheet:
    """What was learned from, and against which noise."""

    pairs: str
    directed: bool
    encoder: str
    noise: str
    splits: list[SplitSheet]
    proteins_without_vector: int = 0
    learned_from: str = ""


@dataclass(frozen=True)
class AuditSheet:
    """What was found wrong with the data, or leaking."""

    verdict: str
    checks: list[Check]


@dataclass(frozen=True)
class Description:
    """What ``comparison.json`` says of a run; ``reference`` is the scorer of the differences."""

    title: str
    created: str
    reference: str
    data: DataSheet
    versions: dict[str, str]
    audit: AuditSheet | None = None
    format: int = FORMAT


@dataclasses.dataclass(frozen=True, eq=False)
class ComparisonRun:
    """All that a run folder holds for its report.

    Attributes:
        description: data, splits, audit, versions.
        config: the YAML that the run was made from, as text.
        results: a row per split, seed, scorer, group of pairs and metric, with an interval; here
            and below, rows whose critic is empty (baselines) belong to every critic.
        summary: the same over splits and seeds.
        differences: paired differences of scorers to a reference, of one metric and group.
        curves: points of ROC, precision-recall, reliability curves and of score densities.
        proteins: a row per protein with its own AUROC and its number of training pairs.
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
        ProvenanceError: if one is not what ``ppi-ratio compare`` writes.
    """
    description = _read_description(_existing(run, DESCRIPTION))
    config = _existing(run, CONFIG).read_text(encoding="utf-8", errors="replace")
    tables = {name: _read_table(_existing(run, f"{name}.parquet")) for name in TABLES}
    return ComparisonRun(description, config, **tables)


def _existing(run: Path, name: str) -> Path:
    path = run / name
    if not path.is_file():
        raise FileNotFoundError(
            f"{path}: no such file; a report needs a complete run of ppi-ratio compare"
        )
    return path


def _read_description(path: Path) -> Description:
    try:
        found = pydantic.TypeAdapter(Description).validate_json(path.read_bytes())
    except pydantic.ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise ProvenanceError(
            f"{path}: not a description that ppi-ratio compare wrote: " + "; ".join(faults)
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
    # what pandas raises over damaged metadata is no closed list
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
