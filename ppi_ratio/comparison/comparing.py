"""A comparison's settings -> scores of every scorer, and tidy tables that compare the scorers."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ppi_ratio.comparison.curves import curves, first_of_each, per_protein
from ppi_ratio.comparison.fold_runs import BaselineRun, Fold, ModelRun, RunScores
from ppi_ratio.comparison.folds import read_folds, read_vectors
from ppi_ratio.comparison.plan import Plan, plan_runs, tuning_runs
from ppi_ratio.comparison.running import MemoryStore, RunStore, compute_runs
from ppi_ratio.comparison.scorers import scored_groups
from ppi_ratio.comparison.sheet import sheet_of
from ppi_ratio.comparison.tables import ComparisonTables, tabulate
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.evaluation.baseline_groups import too_few_to_learn
from ppi_ratio.evaluation.metrics import auroc
from ppi_ratio.model.fitting import check_critic
from ppi_ratio.pairs import LABEL
from ppi_ratio.settings.comparison import Comparison
from ppi_ratio.training.settings import TrainerSettings

logger = logging.getLogger(__name__)

TunedSettings = Mapping[tuple[str, str], TrainerSettings]  # by scorer and critic


@dataclass(frozen=True)
class ComparisonResult:
    """All tables of a comparison; a report needs nothing else.

    Attributes:
        tables: results, summary and differences.
        curves: ROC, precision-recall and reliability curves, and score densities.
        proteins: AUROC of each protein.
        history: losses per epoch of every trained model.
        tuning: validation AUROC of each setting that was tried; None if nothing was tuned.
        sheet: description of the data, as JSON values.
    """

    tables: ComparisonTables
    curves: pd.DataFrame
    proteins: pd.DataFrame
    history: pd.DataFrame
    tuning: pd.DataFrame | None
    sheet: dict[str, Any]


def compare(comparison: Comparison, *, workers: int = 1, progress: bool = True) -> ComparisonTables:
    r"""Train and evaluate every objective with every critic, seed and split, in memory.

    ``run_comparison`` does the same, writes a folder, and resumes after an interruption.

    Args:
        comparison: what to compare, and on which data.
        workers: number of processes.
        progress: show a bar on standard error.

    Raises:
        ConfigError: if a critic does not fit the vectors.
        FileNotFoundError: if a file that the settings name does not exist.

    Returns:
        Tidy tables with intervals: the results of each scorer, their means over seeds and splits,
        and the differences from the first objective.

    Examples:
        >>> import ppi_ratio as pr
        >>> pairs, vectors = pr.toy_data()
        >>> vectors.write("toy.h5")
        >>> pairs.frame.to_csv("toy.tsv", index=False, sep="\t")
        >>> split = {"name": "pair", "pairs": "toy.tsv", "directed": False, "seed": 0}
        >>> comparison = pr.Comparison(
        ...     title="Toy data",
        ...     embeddings="toy.h5",
        ...     split=split | {"test_fraction": 0.2, "validation_fraction": 0.2},
        ...     objectives=[pr.InfoNCEAnchor(), pr.NCE()],
        ...     critics=[pr.Separable()],
        ...     trainer=pr.TrainerSettings(max_epochs=5),
        ...     baselines=["cosine"],
        ... )
        >>> tables = pr.compare(comparison, progress=False)
        >>> sorted(set(tables.results["scorer"]))
        ['cosine', 'infonce_anchor', 'nce']
    """
    vectors, folds = read_data(comparison)
    store = MemoryStore()
    return compare_on(comparison, vectors, folds, store, workers=workers, progress=progress).tables


def read_data(comparison: Comparison) -> tuple[Embeddings, list[Fold]]:
    """Read the vectors and the splits of a comparison.

    Raises:
        ConfigError: if a critic does not fit the vectors.
        FileNotFoundError: if a file that the settings name does not exist.
    """
    vectors = read_vectors(comparison)
    for critic in comparison.critics:
        check_critic(critic, vectors)  # so that a wrong critic fails now, not after hours
    return vectors, read_folds(comparison, vectors)


def compare_on(
    comparison: Comparison,
    vectors: Embeddings,
    folds: Sequence[Fold],
    store: RunStore,
    *,
    workers: int,
    progress: bool,
) -> ComparisonResult:
    """Compute every run that ``store`` lacks, and tabulate all runs; see ``compare``."""
    plan = Plan.of(comparison)
    if said := too_few_to_learn(plan.baselines, folds[0].learned, vectors):
        logger.warning("%s", said)
    tuned, tuning = _tune(plan, folds, store, workers=workers, progress=progress)
    runs = plan_runs(plan, tuned)
    scores = compute_runs(runs, folds, store, workers=workers, progress=progress)
    scored = list(scored_groups(runs, scores, folds, plan.ensembles))
    to_draw = first_of_each(scored)
    return ComparisonResult(
        tabulate(scored, reference=plan.reference),
        curves(to_draw),
        per_protein(to_draw, folds[0].learned),
        _histories(runs, scores),
        tuning,
        sheet_of(comparison, folds, vectors),
    )


def _tune(
    plan: Plan, folds: Sequence[Fold], store: RunStore, *, workers: int, progress: bool
) -> tuple[TunedSettings, pd.DataFrame | None]:
    """Choose the trainer settings of each objective and critic by their validation AUROC.

    Returns:
        The settings with the highest AUROC, and a table of all settings that were tried.
    """
    grids = tuning_runs(plan)
    runs = [run for grid in grids for run in grid.runs]
    if not runs:
        return {}, None
    scores = compute_runs(runs, folds, store, workers=workers, progress=progress, title="tuning")
    labels = folds[0].validation.table.frame[LABEL].to_numpy()

    def validation_auroc(run: ModelRun) -> float:
        found = scores[run.key].validation
        assert found is not None
        return auroc(labels, found)

    best = {(grid.scorer, grid.critic_name): max(grid.runs, key=validation_auroc) for grid in grids}
    rows = [
        {"scorer": run.scorer, "critic": run.critic_name}
        | {name: getattr(run.trainer, name) for name in plan.tuning}
        | {"validation_auroc": validation_auroc(run), "chosen": run in best.values()}
        for run in runs
    ]
    return {names: run.trainer for names, run in best.items()}, pd.DataFrame(rows)


def _histories(
    runs: Sequence[ModelRun | BaselineRun], scores: Mapping[str, RunScores]
) -> pd.DataFrame:
    """Losses per epoch of every trained model."""
    parts = [
        scores[run.key].history.assign(
            critic=run.critic_name, objective=run.scorer, split=run.fold, seed=run.seed
        )
        for run in runs
        if isinstance(run, ModelRun)
    ]
    return pd.concat(parts, ignore_index=True)
