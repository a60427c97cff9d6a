"""A comparison's settings -> every score, and tidy tables of how scorers differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ppi_ratio.comparison.cells import BaselineCell, CellScores, ModelCell, Trial
from ppi_ratio.comparison.curves import curves, drawn, per_protein
from ppi_ratio.comparison.plan import Plan, plan_cells, tuning_cells
from ppi_ratio.comparison.running import CellStore, MemoryStore, run_cells
from ppi_ratio.comparison.scorers import scored_groups
from ppi_ratio.comparison.sheet import sheet_of
from ppi_ratio.comparison.tables import ComparisonTables, tabulate
from ppi_ratio.comparison.trials import read_trials, read_vectors
from ppi_ratio.embeddings import Embeddings
from ppi_ratio.evaluation.metrics import auroc
from ppi_ratio.model.fitting import check_critic
from ppi_ratio.pairs import LABEL
from ppi_ratio.settings.comparison import Comparison
from ppi_ratio.training.settings import TrainerSettings

Chosen = Mapping[tuple[str, str], TrainerSettings]


@dataclass(frozen=True)
class Compared:
    """All that a comparison found; a report needs no more.

    Attributes:
        tables: results, summary and differences.
        curves: ROC and precision-recall curves.
        proteins: AUROC of each protein.
        history: losses of every epoch of every trained model.
        tuning: validation AUROC of each tuned setting; None if nothing was tuned.
        sheet: what the data are, as JSON values.
    """

    tables: ComparisonTables
    curves: pd.DataFrame
    proteins: pd.DataFrame
    history: pd.DataFrame
    tuning: pd.DataFrame | None
    sheet: dict[str, Any]


def compare(comparison: Comparison, *, workers: int = 1, progress: bool = True) -> ComparisonTables:
    r"""Train and judge every objective with every critic, seed and split, in memory.

    ``run_comparison`` writes a folder, and resumes after an interruption.

    Args:
        comparison: what to compare, and on what.
        workers: processes.
        progress: show a bar on standard error.

    Raises:
        ConfigError: if a critic does not fit the vectors.
        FileNotFoundError: if a file of the settings is not there.

    Returns:
        Tidy tables with intervals: results of each scorer, their summary over seeds and splits,
        and differences to the first objective.

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
    vectors, trials = read_data(comparison)
    store = MemoryStore()
    return compare_on(comparison, vectors, trials, store, workers=workers, progress=progress).tables


def read_data(comparison: Comparison) -> tuple[Embeddings, list[Trial]]:
    """The vectors and the splits of a comparison.

    Raises:
        ConfigError: if a critic does not fit the vectors.
        FileNotFoundError: if a file of the settings is not there.
    """
    vectors = read_vectors(comparison)
    for critic in comparison.critics:
        check_critic(critic, vectors)  # said now, not when the turn of the critic comes
    return vectors, read_trials(comparison, vectors)


def compare_on(
    comparison: Comparison,
    vectors: Embeddings,
    trials: Sequence[Trial],
    store: CellStore,
    *,
    workers: int,
    progress: bool,
) -> Compared:
    """Run every cell that ``store`` lacks, and tabulate all of them; see ``compare``."""
    plan = Plan.of(comparison)
    chosen, tuning = _tune(plan, trials, store, workers=workers, progress=progress)
    cells = plan_cells(plan, chosen)
    scores = run_cells(cells, trials, store, workers=workers, progress=progress)
    scored = list(scored_groups(cells, scores, trials, plan.ensembles))
    shown = drawn(scored)
    return Compared(
        tabulate(scored, reference=plan.reference),
        curves(shown),
        per_protein(shown, trials[0].learned),
        _histories(cells, scores),
        tuning,
        sheet_of(comparison, trials, vectors),
    )


def _tune(
    plan: Plan, trials: Sequence[Trial], store: CellStore, *, workers: int, progress: bool
) -> tuple[Chosen, pd.DataFrame | None]:
    """The trainer settings with the highest validation AUROC, of each objective and critic."""
    grids = tuning_cells(plan)
    cells = [cell for grid in grids for cell in grid.cells]
    if not cells:
        return {}, None
    scores = run_cells(cells, trials, store, workers=workers, progress=progress, title="tuning")
    labels = trials[0].validation.table.frame[LABEL].to_numpy()

    def judged(cell: ModelCell) -> float:
        found = scores[cell.key].validation
        assert found is not None
        return auroc(labels, found)

    best = {(grid.scorer, grid.critic_name): max(grid.cells, key=judged) for grid in grids}
    rows = [
        {"scorer": cell.scorer, "critic": cell.critic_name}
        | {name: getattr(cell.trainer, name) for name in plan.tuning}
        | {"validation_auroc": judged(cell), "chosen": cell in best.values()}
        for cell in cells
    ]
    return {who: cell.trainer for who, cell in best.items()}, pd.DataFrame(rows)


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
