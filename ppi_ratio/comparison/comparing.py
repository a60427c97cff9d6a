"""A comparison's configuration -> its run folder: every cell, tidy tables, a sheet on the data."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
import pydantic
import yaml
from pydantic import Field, PositiveInt
from pydantic.dataclasses import dataclass

from ppi_ratio.auditing import audit
from ppi_ratio.comparison import (
    ComparisonTables,
    ModelCell,
    Plan,
    Trial,
    plan_cells,
    run_cells,
    tabulate,
    tuning_cells,
)
from ppi_ratio.comparison.cells import BaselineCell, CellScores
from ppi_ratio.comparison.curves import curves, drawn, per_protein
from ppi_ratio.comparison.folder import CELLS, CONFIG_FILE, DATA_FILE, FORMAT, SHEET_FILE, TUNED
from ppi_ratio.comparison.held_out import HeldOutProteins
from ppi_ratio.comparison.scorers import scored_groups
from ppi_ratio.critics import CriticSettings
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.errors import ConfigError
from ppi_ratio.evaluation.baselines import BASELINES, LOG_RATIOS
from ppi_ratio.evaluation.groups import (
    DEGREE_MATCHED,
    OWN_NON_PAIRS,
    ROLE_MATCHED,
    LabelledPairs,
    NoiseDraws,
    labelled_groups,
)
from ppi_ratio.evaluation.metrics import auroc
from ppi_ratio.io.atomic import claimed, replacing
from ppi_ratio.io.tables import write_table
from ppi_ratio.model.fitting import check_critic
from ppi_ratio.objectives import ObjectiveSettings
from ppi_ratio.objectives.scores import STRICT
from ppi_ratio.pairs import (
    LABEL,
    PairTable,
    Split,
    draw_non_pairs,
    labelled_table,
    read_pairs,
)
from ppi_ratio.runtime.seeds import Seed
from ppi_ratio.settings.experiment import SplitSettings, check_symmetry, read_settings
from ppi_ratio.training.settings import TrainerSettings

ALL_BASELINES = tuple(BASELINES)
CELLS_HANG_ON = ("embeddings", "encoder", "split", "seed", "keep_models", "renormalise")


@dataclass(frozen=True, config=STRICT)
class HeldOutTrials:
    """The held-out-protein protocol on one table: see ``HeldOutProteins``."""

    name: Literal["held_out_proteins"]
    pairs: Path
    directed: bool
    seed: Seed
    n_held_out: PositiveInt = 170
    published: bool = False
    min_score: float | None = None


TrialSettings = Annotated[SplitSettings | HeldOutTrials, Field(discriminator="name")]


@dataclass(frozen=True, config=STRICT)
class Comparison:
    """What is compared, and on what.

    Attributes:
        title: heading of the report.
        embeddings: vectors of the proteins, in any form that ``Embeddings.read`` knows; several
            files of one encoder count as one.
        split: how the pairs are divided.
        objectives: losses; the first is what the others are compared to.
        critics: networks; every objective gets each.
        trainer: how long and how fast to learn, the same for all.
        n_trials: number of splits, drawn with the split's seed and those after it; 1 for tables
            that were divided before.
        n_seeds: trainings of every objective and critic on every split.
        tuning: trainer settings to choose from by AUROC on validation pairs, by name.
        baselines: names of baselines to show beside the models.
        encoder: what made the vectors, if their file does not say.
        ensembles: scorers whose log ratios are averaged, each over its seeds first: names of
            objectives, and of baselines whose scores are log ratios.
        renormalise: make the mean ratio of every model and ensemble one over pairs drawn from the
            marginals of the pairs it is judged by; no label is read. Moves calibration only.
        keep_models: keep every trained model.
        seed: of drawn non-pairs; seeds of trainings count from it.
    """

    title: str
    embeddings: Path | list[Path]
    split: TrialSettings
    objectives: Annotated[list[ObjectiveSettings], Field(min_length=1)]
    critics: Annotated[list[CriticSettings], Field(min_length=1)]
    trainer: TrainerSettings
    n_trials: PositiveInt = 1
    n_seeds: PositiveInt = 1
    tuning: dict[str, list[float | int]] = Field(default_factory=dict)
    baselines: list[str] = Field(default_factory=lambda: list(ALL_BASELINES))
    encoder: str | None = None
    ensembles: list[Annotated[list[str], Field(min_length=2)]] = Field(default_factory=list)
    renormalise: bool = False
    keep_models: bool = False
    seed: Seed = 0

    @pydantic.model_validator(mode="after")
    def _check(self) -> "Comparison":
        unknown = sorted(set(self.baselines) - set(BASELINES))
        if unknown:
            raise ValueError(f"no baseline {unknown[0]!r}; there are {', '.join(BASELINES)}")
        strange = sorted(set(self.tuning) - set(TrainerSettings.__dataclass_fields__))
        if strange:
            raise ValueError(f"tuning.{strange[0]} is no setting of the trainer")
        if "refit" in self.tuning:
            raise ValueError("tuning.refit: validation pairs cannot judge what learned from them")
        if self.n_trials > 1 and self.split.name == "given":
            raise ValueError("n_trials: tables that were divided before make one split")
        self._check_ensembles()
        for critic in self.critics:
            check_symmetry(critic, directed=self.split.directed)
        return self

    def _check_ensembles(self) -> None:
        objectives = [
            name
            for name, objective in zip(self.plan.scorers, self.objectives, strict=True)
            if not objective.optimum.is_skewed
        ]
        possible = [*objectives, *(name for name in self.baselines if name in LOG_RATIOS)]
        for members in self.ensembles:
            unknown = [name for name in members if name not in possible]
            if unknown:
                raise ValueError(
                    f"ensembles: no log ratios of {unknown[0]!r} here; there are those of "
                    f"{', '.join(possible)}"
                )
            if not set(members) & set(objectives):
                raise ValueError(f"ensembles: no objective among {', '.join(members)}")

    @property
    def plan(self) -> Plan:
        return Plan(
            tuple(self.objectives),
            tuple(self.critics),
            self.trainer,
            tuple(range(self.seed, self.seed + self.n_seeds)),
            self.n_trials,
            tuple(self.baselines),
            self.tuning,
            tuple(map(tuple, self.ensembles)),
            self.keep_models,
        )


ADAPTER = pydantic.TypeAdapter(Comparison)
DATA_ADAPTER = pydantic.TypeAdapter(dict[str, dict[str, str]])


def read_comparison(path: Path, overrides: list[str]) -> Comparison:
    """Read a YAML file strictly; errors as of ``read_experiment``."""
    return read_settings(path, ADAPTER.validate_python, overrides)


def run_comparison(
    comparison: Comparison, folder: Path, *, workers: int | None = None
) -> ComparisonTables:
    """Run every cell that ``folder`` lacks, then write its tables.

    Args:
        comparison: what to run.
        folder: of comparisons on these data; the same call goes on where a killed one was, and
            one with other objectives, seeds or baselines makes what is missing.
        workers: processes; as many as there are cores if not given.

    Raises:
        ConfigError: if ``folder`` holds a comparison on other data, or a critic does not fit the
            vectors.
        InUseError: if another process runs it.
    """
    vectors = read_vectors(comparison)
    for critic in comparison.critics:
        check_critic(critic, vectors)  # said now, not when its turn comes
    trials = read_trials(comparison, vectors)
    with claimed(folder):  # only what could be read: a wrong path leaves nothing behind
        return _run(comparison, folder, vectors, trials, workers=workers or os.cpu_count() or 1)


def _run(
    comparison: Comparison,
    folder: Path,
    vectors: Embeddings,
    trials: list[Trial],
    *,
    workers: int,
) -> ComparisonTables:
    _note(comparison, trials, folder)
    cells_folder = folder / CELLS
    chosen = _tune(comparison, trials, cells_folder, workers)
    plan = comparison.plan
    cells = plan_cells(plan, chosen)
    scores = run_cells(cells, trials, cells_folder, workers=workers)
    scored = list(scored_groups(cells, scores, trials, plan.ensembles))
    tables = tabulate(scored, reference=plan.reference)
    shown = drawn(scored)
    write_table(tables.results, folder / "results.parquet")
    write_table(tables.summary, folder / "summary.parquet")
    write_table(tables.differences, folder / "differences.parquet")
    write_table(curves(shown), folder / "curves.parquet")
    write_table(per_protein(shown, trials[0].learned), folder / "proteins.parquet")
    write_table(_histories(cells, scores), folder / "history.parquet")
    with replacing(folder / SHEET_FILE) as path:
        sheet = _sheet(comparison, trials, vectors)
        path.write_text(json.dumps(sheet, indent=2, allow_nan=False), encoding="utf-8")
    return tables


def read_vectors(comparison: Comparison) -> Embeddings:
    """The vectors of all files; errors as of ``Embeddings.read`` and ``Embeddings.join``."""
    paths = comparison.embeddings
    paths = [paths] if isinstance(paths, Path) else paths
    return Embeddings.join([Embeddings.read(path, encoder=comparison.encoder) for path in paths])


def read_trials(comparison: Comparison, vectors: Embeddings) -> list[Trial]:
    """Every split, its labelled test sets, and the vectors of its proteins in memory."""
    settings, seed = comparison.split, comparison.seed
    trials: list[Trial] = []
    if isinstance(settings, HeldOutTrials):
        pairs = read_pairs(
            settings.pairs,
            directed=settings.directed,
            min_score=settings.min_score,
            self_pairs="keep" if settings.published else "drop",
        )
        pairs, _ = pairs.restrict_to(vectors.ids)
        protocol = HeldOutProteins(n_held_out=settings.n_held_out, published=settings.published)
        held = vectors.in_memory(pairs.ids)
        for number in range(comparison.n_trials):
            split = protocol.split(pairs, seed=settings.seed + number)
            groups = tuple(protocol.groups(split, pairs, seed=seed))
            own = protocol.test_vectors(split, pairs, held)
            learned, noise = _learned(comparison, split), _noise(comparison, groups)
            validation = _validation(split, seed)
            trials.append(Trial(number, split, groups, validation, own, learned, noise))
        return trials
    splits = [split.restrict_to(vectors.ids)[0] for split in _splits(settings, comparison.n_trials)]
    held = vectors.in_memory({name for split in splits for name in _ids(split)})
    for number, split in enumerate(splits):
        learned = _learned(comparison, split)
        groups = _groups(split, learned, seed)
        noise, validation = _noise(comparison, groups), _validation(split, seed)
        trials.append(Trial(number, split, groups, validation, held, learned, noise))
    return trials


def _splits(settings: SplitSettings, number: int) -> list[Split]:
    """So many of one table, which is read once."""
    if settings.name == "given":
        return [settings.read()]
    table = settings.table()
    return [replace(settings, seed=settings.seed + each).divide(table) for each in range(number)]


def _learned(comparison: Comparison, split: Split) -> PairTable:
    return split.train_and_validation if comparison.trainer.refit else split.train


def _groups(split: Split, learned: PairTable, seed: int) -> tuple[LabelledPairs, ...]:
    seen, laws = learned.joint.ids, [DEGREE_MATCHED]
    if split.directed:
        laws.append(ROLE_MATCHED)
    return tuple(labelled_groups(split.test, seen=seen, known=split.joint, seed=seed, laws=laws))


def _noise(comparison: Comparison, groups: Sequence[LabelledPairs]) -> tuple[NoiseDraws, ...]:
    return tuple(group.noise(comparison.seed) for group in groups if comparison.renormalise)


def _validation(split: Split, seed: int) -> LabelledPairs:
    """Validation pairs with their own non-pairs, or with degree-matched ones."""
    table = split.validation
    if len(table.non_pairs):
        return LabelledPairs("validation", OWN_NON_PAIRS, table)
    drawn_pairs = draw_non_pairs(
        table.joint, law="degree_matched", per_joint=1, known=split.joint, seed=seed
    )
    return LabelledPairs("validation", DEGREE_MATCHED, labelled_table(table.joint, drawn_pairs))


def _ids(split: Split) -> set[str]:
    return {name for part in split.parts.values() for name in part.ids}


def _tune(
    comparison: Comparison, trials: list[Trial], folder: Path, workers: int
) -> Mapping[tuple[str, str], TrainerSettings]:
    """The trainer settings with the highest validation AUROC, of each objective and critic."""
    grids = tuning_cells(comparison.plan)
    cells = [cell for grid in grids for cell in grid.cells]
    if not cells:
        (folder.parent / TUNED).unlink(missing_ok=True)  # of an earlier call
        return {}
    scores = run_cells(cells, trials, folder, workers=workers, title="tuning")
    labels = trials[0].validation.table.frame[LABEL].to_numpy()

    def judged(cell: ModelCell) -> float:
        found = scores[cell.key].validation
        assert found is not None
        return auroc(labels, found)

    best = {(grid.scorer, grid.critic_name): max(grid.cells, key=judged) for grid in grids}
    rows = [
        {"scorer": cell.scorer, "critic": cell.critic_name}
        | {name: getattr(cell.trainer, name) for name in comparison.tuning}
        | {"validation_auroc": judged(cell), "chosen": cell in best.values()}
        for cell in cells
    ]
    write_table(pd.DataFrame(rows), folder.parent / TUNED)
    return {who: cell.trainer for who, cell in best.items()}


def _histories(
    cells: Sequence[ModelCell | BaselineCell], scores: Mapping[str, CellScores]
) -> pd.DataFrame:
    """Losses of every epoch of every trained model."""
    parts = [
        scores[cell.key].history.assign(
            critic=cell.critic_name, objective=cell.scorer, split=cell.trial, seed=cell.seed
        )
        for cell in cells
        if isinstance(cell, ModelCell)
    ]
    return pd.concat(parts, ignore_index=True)


def _sheet(comparison: Comparison, trials: list[Trial], vectors: Embeddings) -> dict[str, Any]:
    """What the page says of the data; the first split's test pairs are audited."""
    split = trials[0].split
    found = audit(split.test, training=trials[0].learned, seed=comparison.seed)
    return {
        "format": FORMAT,
        "title": comparison.title,
        "created": date.today().isoformat(),
        "versions": {name: version(name) for name in ("ppi-ratio", "torch", "scikit-learn")},
        "reference": comparison.plan.reference,
        "data": {
            "pairs": split.test.name,
            "directed": split.directed,
            "encoder": vectors.provenance.describe(),
            "noise": (
                "p(left) p(right), each protein as often as in the training pairs"
                + comparison.renormalise * "; log ratios normalised over that of the test pairs"
            ),
            "learned_from": (
                "training pairs, then anew from training and validation pairs together"
                if comparison.trainer.refit
                else "training pairs"
            ),
            "splits": [_split_sheet(trial) for trial in trials],
        },
        "audit": json.loads(found.to_json()),
    }


def _split_sheet(trial: Trial) -> dict[str, Any]:
    split = trial.split
    parts = split.summary().reset_index().to_dict(orient="records")
    return {
        "number": trial.number,
        "kind": split.kind,
        "seed": split.seed,
        "parts": [{str(key): _plain(value) for key, value in part.items()} for part in parts],
        "leaks": split.leaks(),
        "dropped": dict(split.dropped),
    }


def _plain(value: object) -> object:
    return value if isinstance(value, str) else int(str(value))


def _note(comparison: Comparison, trials: list[Trial], folder: Path) -> None:
    """Write the configuration and what the data are, or refuse a folder whose cells are of others.

    What is compared may change: cells are named by their settings, so that those that fit stay.
    """
    resolved = ADAPTER.dump_python(comparison, mode="json")
    path, data_path = folder / CONFIG_FILE, folder / DATA_FILE
    data = {str(trial.number): trial.content_hashes() for trial in trials}
    known: dict[str, dict[str, str]] = {}
    if path.exists():
        known = _read_data(data_path)
        reason = _misfit(path, resolved) or _differing(known, data)
        if reason:
            raise ConfigError(
                f"{folder} holds another comparison ({reason}); choose another --out, or remove it"
            )
    with replacing(data_path) as partial:
        partial.write_text(json.dumps(known | data, indent=2) + "\n", encoding="utf-8")
    with replacing(path) as partial:
        partial.write_text(yaml.safe_dump(resolved, sort_keys=False), encoding="utf-8")


def _read_data(path: Path) -> dict[str, dict[str, str]]:
    """Hashes of the data of each split; none if it cannot be read."""
    try:
        return DATA_ADAPTER.validate_json(path.read_bytes())
    except (OSError, pydantic.ValidationError):
        return {}


def _differing(known: Mapping[str, dict[str, str]], data: Mapping[str, dict[str, str]]) -> str:
    """Which data are not those that the cells were made of; "" if all are."""
    if not known:
        return f"{DATA_FILE} does not say what its cells were made of"
    for number in known.keys() & data.keys():
        for kind, digest in data[number].items():
            if known[number].get(kind) != digest:
                return f"{DATA_FILE}: the {kind} of split {number} have changed since"
    return ""


def _misfit(path: Path, resolved: Mapping[str, Any]) -> str:
    """A setting that the cells of a folder hang on, though not their names; "" if all agree."""
    try:
        before = ADAPTER.dump_python(read_comparison(path, []), mode="json")
    except ConfigError:
        return f"{path} cannot be read"
    differing = [name for name in CELLS_HANG_ON if before[name] != resolved[name]]
    if before["trainer"]["refit"] != resolved["trainer"]["refit"]:
        differing.append("trainer.refit")
    return f"{path}: {differing[0]} is not the same" if differing else ""
