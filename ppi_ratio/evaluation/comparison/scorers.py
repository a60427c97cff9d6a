"""Cells and their scores -> every scorer of a comparison, seed ensembles among them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ppi_ratio.evaluation.comparison.cells import BaselineCell, CellScores, ModelCell, Trial
from ppi_ratio.evaluation.comparison.plan import ENSEMBLE
from ppi_ratio.evaluation.groups import LabelledPairs
from ppi_ratio.evaluation.metrics import ScoredPairs
from ppi_ratio.objectives import Optimum

MODEL, ENSEMBLE_KIND, BASELINE = "model", "ensemble", "baseline"


@dataclass(frozen=True)
class Scored:
    """The scores of one scorer, one seed, on one group of one trial."""

    trial: int
    group: LabelledPairs
    scorer: str
    kind: str
    critic: str
    optimum: str
    seed: int
    pairs: ScoredPairs

    @property
    def calibrated(self) -> bool:
        """Are the scores log ratios, so that probabilities follow?"""
        return self.kind != BASELINE


def scored_groups(
    cells: Sequence[ModelCell | BaselineCell],
    scores: Mapping[str, CellScores],
    trials: Sequence[Trial],
) -> Iterator[Scored]:
    """Every scorer on every group: single models, then the mean over their seeds, baselines."""
    numbered = {trial.number: trial for trial in trials}
    for cell in cells:
        for group, values in zip(numbered[cell.trial].groups, scores[cell.key].groups, strict=True):
            if values is not None:
                yield _scored(cell, group, values)
    for members in _by_combination(cells):
        if len(members) < 2:
            continue
        first = members[0]
        parts = zip(*(scores[cell.key].groups for cell in members), strict=True)
        for group, values in zip(numbered[first.trial].groups, parts, strict=True):
            mean = np.mean([each for each in values if each is not None], axis=0)
            single = _scored(first, group, mean)
            yield Scored(
                single.trial,
                group,
                single.scorer + ENSEMBLE,
                ENSEMBLE_KIND,
                single.critic,
                single.optimum,
                -1,
                single.pairs,
            )


def _scored(cell: ModelCell | BaselineCell, group: LabelledPairs, values: np.ndarray) -> Scored:
    pairs = group.scored(values)
    if isinstance(cell, BaselineCell):
        return Scored(cell.trial, group, cell.scorer, BASELINE, "", "", -1, pairs)
    optimum: Optimum = cell.objective.optimum
    return Scored(
        cell.trial,
        group,
        cell.scorer,
        MODEL,
        cell.critic_name,
        optimum.value,
        cell.seed,
        pairs,
    )


def _by_combination(cells: Sequence[ModelCell | BaselineCell]) -> list[list[ModelCell]]:
    """The seeds of each trial, critic and objective."""
    found: dict[tuple[int, str, str], list[ModelCell]] = {}
    for cell in cells:
        if isinstance(cell, ModelCell):
            found.setdefault((cell.trial, cell.critic_name, cell.scorer), []).append(cell)
    return list(found.values())
